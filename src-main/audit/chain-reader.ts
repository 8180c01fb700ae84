import type { ChainRepository, KnownChain } from './chain-repository.ts';
import type { ChainRow } from './chain-row.ts';

/** A chain with its entries in order, to be read once. */
export interface ReadChain {
  readonly chain: KnownChain;
  readonly pages: AsyncIterable<readonly ChainRow[]>;
}

const PAGE = 5_000;

/**
 * The entries of many chains, chain by chain. Short ones come together in one query, long ones in pages of their own; what is next is
 * asked for while what came is looked at, so that the database and we work at the same time.
 */
export async function* readChains(
  repository: Pick<ChainRepository, 'page' | 'together'>,
  chains: readonly KnownChain[],
  signal: AbortSignal,
): AsyncGenerator<ReadChain> {
  const [first, ...rest] = groupsOf(chains);
  let next = first && ask(first);
  for (const following of [...rest, undefined]) {
    const group = next;
    if (!group || signal.aborted) return;
    const together = await group.rows;
    next = following && ask(following);
    for (const chain of group.chains) {
      const rows = together?.get(chain.tenantId) ?? [];
      yield { chain, pages: together ? onePage(rows) : pagesOf(repository, chain.tenantId, signal) };
    }
  }

  function ask(group: readonly KnownChain[]) {
    const rows = group.length > 1 ? readTogether(repository, group) : Promise.resolve(undefined);
    // Who stops reading early never awaits it.
    rows.catch(() => undefined);
    return { chains: group, rows };
  }
}

/** Chains in their order, as many together as fit a page by what their heads say; a longer one alone. */
function groupsOf(chains: readonly KnownChain[]): KnownChain[][] {
  const groups: KnownChain[][] = [];
  let room = 0;
  for (const chain of chains) {
    const entries = Number(chain.head?.seq ?? 0n) + 1;
    const group = groups.at(-1);
    if (group && entries <= room) group.push(chain);
    else groups.push([chain]);
    room = (group && entries <= room ? room : PAGE) - entries;
  }
  return groups;
}

/** Undefined: there are more entries than the heads say, so each chain has to be read by itself. */
async function readTogether(
  repository: Pick<ChainRepository, 'together'>,
  group: readonly KnownChain[],
): Promise<Map<string, ChainRow[]> | undefined> {
  const most = 2 * PAGE;
  const rows = await repository.together(
    group.map(({ tenantId }) => tenantId),
    most,
  );
  return rows.length < most ? Map.groupBy(rows, ({ tenantId }) => tenantId) : undefined;
}

async function* onePage(rows: readonly ChainRow[]): AsyncGenerator<readonly ChainRow[]> {
  if (rows.length > 0) yield rows;
}

async function* pagesOf(repository: Pick<ChainRepository, 'page'>, tenantId: string, signal: AbortSignal) {
  let next = repository.page(tenantId, 0n, PAGE);
  for (;;) {
    const page = await next;
    const last = page.at(-1);
    if (signal.aborted || !last) return;
    const more = page.length === PAGE;
    if (more) {
      next = repository.page(tenantId, last.seq, PAGE);
      next.catch(() => undefined);
    }
    yield page;
    if (!more) return;
  }
}

import type { AuditCheck, AuditFinding } from '../contract/audit.ts';
import type { Clock } from '../infra/clock.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { readChains, type ReadChain } from './chain-reader.ts';
import type { ChainRepository, KnownChain } from './chain-repository.ts';
import { PLATFORM_CHAIN, type ChainHead, type ChainRow } from './chain-row.ts';
import { walkChain, type ChainFinding, type Witness } from './chain-walk.ts';
import type { RememberedHead } from './head-memory.ts';

export interface ChainCheckOptions {
  readonly repository: ChainRepository;
  /** The heads this console saw before, by tenant. */
  readonly remembered: ReadonlyMap<string, RememberedHead>;
  readonly clock: Clock;
  /** Only this chain. */
  readonly tenantId?: string | undefined;
  readonly tell: (state: AuditCheck) => void;
  readonly signal: AbortSignal;
}

const MOST_FINDINGS = 100;
const ANCHOR = 'audit.anchor';

/**
 * Reads every chain this operator may see from its first entry and makes every hash anew. The platform's chain comes first: what it
 * says of the tenants' heads is held against their chains. Memory does not grow with the entries. Ends early when aborted.
 */
export async function checkChains(options: ChainCheckOptions): Promise<void> {
  const { repository, remembered, clock, tell, signal, tenantId } = options;
  const startedAt = clock.now().getTime();
  const visible = await repository.chains();
  const chains = withGone(visible, remembered.keys()).filter(
    (chain) => tenantId === undefined || chain.tenantId === tenantId,
  );
  if (tenantId !== undefined && chains.length === 0) {
    throw new OperatorError('NOT_FOUND', 'There is no such audit chain among yours.');
  }
  const anchors = new Map<string, Witness[]>();
  if (tenantId !== undefined && tenantId !== PLATFORM_CHAIN) {
    for (const head of await repository.anchorsOf(tenantId)) addAnchor(anchors, tenantId, head);
  }
  const findings: AuditFinding[] = [];
  const counts = { entries: 0, chains: 0, badChains: 0 };
  const total = chains.reduce((sum, { head }) => sum + Number(head?.seq ?? 0n), 0);
  const state = (done: boolean): AuditCheck => ({
    done,
    ...counts,
    total: Math.max(total, counts.entries),
    chainsTotal: chains.length,
    findings: [...findings],
    tookMs: clock.now().getTime() - startedAt,
  });

  tell(state(false));
  await checkAll(chains);
  if (tenantId === undefined && !signal.aborted) {
    // Those that only the platform's chain knows of.
    const gone = withGone(chains, anchors.keys()).slice(chains.length);
    chains.push(...gone);
    await checkAll(gone);
  }
  if (signal.aborted) return;
  tell(state(true));

  async function checkAll(some: readonly KnownChain[]): Promise<void> {
    for await (const { chain, pages } of readChains(repository, some, signal)) {
      const finding = await checkChain(chain, pages);
      if (signal.aborted) return;
      counts.chains += 1;
      if (!finding) continue;
      counts.badChains += 1;
      if (findings.length < MOST_FINDINGS) findings.push(findingOf(chain, finding));
      tell(state(false));
    }
  }

  function checkChain(chain: KnownChain, pages: ReadChain['pages']): Promise<ChainFinding | null> {
    const { tenantId, head } = chain;
    return walkChain({
      tenantId,
      head,
      witnesses: [...(anchors.get(tenantId) ?? []), ...memoryOf(chain, remembered)],
      pages,
      headNow: () => repository.head(tenantId),
      lookup: {
        at: (seq) => repository.at(tenantId, seq),
        placeOf: (hash) => repository.placeOf(tenantId, hash),
        headSeq: async () => (await repository.head(tenantId))?.seq,
      },
      onPage(rows) {
        counts.entries += rows.length;
        if (tenantId === PLATFORM_CHAIN) readAnchors(rows, anchors);
        tell(state(false));
      },
    });
  }
}

function findingOf({ tenantId, name }: KnownChain, finding: ChainFinding): AuditFinding {
  return { tenantId: tenantId === PLATFORM_CHAIN ? null : tenantId, tenantName: name, ...finding };
}

/** A chain that is gone altogether is in nobody's list; that it was there is for who sees all chains to say. */
function withGone(chains: readonly KnownChain[], heardOf: Iterable<string>): KnownChain[] {
  const known = new Set(chains.map(({ tenantId }) => tenantId));
  if (!known.has(PLATFORM_CHAIN)) return [...chains];
  const gone = [...heardOf].filter((tenantId) => !known.has(tenantId));
  return [...chains, ...gone.map((tenantId) => ({ tenantId, name: null, head: undefined }))];
}

function memoryOf({ tenantId }: KnownChain, remembered: ReadonlyMap<string, RememberedHead>): Witness[] {
  const head = remembered.get(tenantId);
  return head ? [{ ...head, by: 'memory' }] : [];
}

function readAnchors(rows: readonly ChainRow[], anchors: Map<string, Witness[]>): void {
  for (const { action, after } of rows) {
    if (action !== ANCHOR || after === null) continue;
    for (const [tenantId, head] of anchoredHeads(after)) addAnchor(anchors, tenantId, head);
  }
}

function addAnchor(anchors: Map<string, Witness[]>, tenantId: string, { seq, hash }: ChainHead): void {
  const known = anchors.get(tenantId) ?? [];
  anchors.set(tenantId, known);
  known.push({ seq, hash, by: 'anchor', seenAt: null });
}

/** Reads `{"heads": {"<tenant>": [seq, "<hash>"]}}`; what has another shape is no anchor of ours. */
function anchoredHeads(json: string): [string, ChainHead][] {
  const parsed: unknown = JSON.parse(json);
  const heads: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'heads') : undefined;
  if (typeof heads !== 'object' || heads === null) return [];
  return Object.entries(heads).flatMap(([tenantId, head]: [string, unknown]): [string, ChainHead][] => {
    if (!Array.isArray(head)) return [];
    const seq: unknown = head[0];
    const hash: unknown = head[1];
    return typeof seq === 'number' && typeof hash === 'string' ? [[tenantId, { seq: BigInt(seq), hash }]] : [];
  });
}

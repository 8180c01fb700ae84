import type { AuditExport, AuditFilter } from '../contract/audit.ts';
import type { Clock } from '../infra/clock.ts';
import type { ExportFolder } from '../infra/export-file.ts';
import type { ChainRepository, EntryFilter, KnownChain } from './chain-repository.ts';
import { PLATFORM_CHAIN, type ChainHead } from './chain-row.ts';
import { EXPORT_FORMATS } from './export-format.ts';

export interface ChainExportOptions {
  readonly repository: ChainRepository;
  readonly clock: Clock;
  readonly login: string;
  readonly folder: ExportFolder;
  readonly format: keyof typeof EXPORT_FORMATS;
  readonly filter: AuditFilter;
  readonly idempotencyKey: string;
  readonly tell: (state: AuditExport) => void;
  readonly signal: AbortSignal;
}

const PAGE = 2_000;

/**
 * Writes what this operator may see of the audit log into a file: chain by chain, in order, each entry with its hashes. The export
 * stands in the audit log before the first entry leaves. The chains are those of that moment, so that every exported chain ends at a
 * known head. Memory does not grow with the entries; a file that did not become whole is removed.
 */
export async function exportChains(options: ChainExportOptions): Promise<void> {
  const { repository, clock, login, tell, signal, idempotencyKey } = options;
  const { chain, ...filter } = options.filter;
  const tenantId = chain === 'platform' ? PLATFORM_CHAIN : chain;
  const format = EXPORT_FORMATS[options.format];
  const exportedAt = clock.now();
  await repository.recordExport({
    tenantId: chain === 'platform' ? null : (chain ?? null),
    format: options.format,
    filter: options.filter,
    idempotencyKey,
  });
  const chains = (await repository.chains()).filter(
    (known) => known.head && (tenantId === undefined || known.tenantId === tenantId),
  );
  const name = chain === undefined ? 'all' : chain === 'platform' ? 'platform' : (chains[0]?.name ?? chain);
  const file = await options.folder.create(
    `tenantdesk-audit-${fileWord(name)}-${fileTime(exportedAt)}.${options.format}`,
  );
  const counts = { entries: 0, chains: 0 };
  const state = (done: boolean, sha256 = ''): AuditExport => ({
    done,
    ...counts,
    chainsTotal: chains.length,
    file: done ? file.path : null,
    bytes: file.bytes,
    sha256,
  });

  try {
    tell(state(false));
    await file.write(format.head({ exportedAt, login, filter: options.filter }));
    const heads = new Map<string, ChainHead>();
    for (const known of chains) {
      if (known.head) heads.set(known.tenantId, known.head);
      await exportChain(known, filter);
      counts.chains += 1;
    }
    signal.throwIfAborted();
    await file.write(format.foot(counts.entries, heads));
    tell(state(true, await file.finish()));
  } catch (error) {
    await file.discard();
    if (!signal.aborted) throw error;
  }

  async function exportChain({ tenantId, name, head }: KnownChain, narrow: EntryFilter): Promise<void> {
    const end = head?.seq ?? 0n;
    for (let after = 0n; after < end;) {
      signal.throwIfAborted();
      const page = await repository.page(tenantId, after, PAGE, narrow);
      const rows = page.filter(({ seq }) => seq <= end);
      await file.write(rows.map((row) => format.entry({ row, tenantName: name })).join(''));
      counts.entries += rows.length;
      tell(state(false));
      after = page.length < PAGE ? end : (page.at(-1)?.seq ?? end);
    }
  }
}

/** Letters and digits of any script, as file names take them. */
function fileWord(name: string): string {
  return (
    name
      .normalize('NFC')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 60) || 'client'
  );
}

/** "20261120-083231" in UTC. */
function fileTime(at: Date): string {
  return at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}

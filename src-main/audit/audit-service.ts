import type {
  AuditChain,
  AuditCheck,
  AuditChoices,
  AuditExport,
  AuditFilter,
  AuditMemory,
  AuditPage,
  AuditPlace,
} from '../contract/audit.ts';
import type { Clock } from '../infra/clock.ts';
import type { ExportFolder } from '../infra/export-file.ts';
import { oneAtATime } from '../infra/one-at-a-time.ts';
import { streamWork } from '../infra/work-stream.ts';
import type { AuditRepository } from './audit-repository.ts';
import { checkChains } from './chain-check.ts';
import { exportChains } from './chain-export.ts';
import type { ChainRepository } from './chain-repository.ts';
import { PLATFORM_CHAIN } from './chain-row.ts';
import type { HeadMemory } from './head-memory.ts';
import type { HeadWatch } from './head-watch.ts';

export interface AuditService {
  /** A page, newest first. What this operator may not see, the database leaves out. */
  list(wish: AuditFilter & { readonly before?: AuditPlace | undefined; readonly limit: number }): Promise<AuditPage>;
  choices(): Promise<AuditChoices>;
  /** Throws OperatorError: CONFLICT while another check runs, NOT_FOUND when the chain is none of theirs. */
  verify(chain: AuditChain | undefined, signal?: AbortSignal): AsyncGenerator<AuditCheck, void, unknown>;
  /** Throws OperatorError: CONFLICT while another export runs, UNAVAILABLE when the file can't be written. */
  export(
    wish: {
      readonly format: 'jsonl' | 'csv';
      readonly filter: AuditFilter;
      readonly idempotencyKey: string;
    },
    signal?: AbortSignal,
  ): AsyncGenerator<AuditExport, void, unknown>;
  memory(signal?: AbortSignal): AsyncGenerator<AuditMemory, void, unknown>;
  accept(chain: AuditChain): Promise<{ remembered: boolean }>;
  close(): void;
}

export interface AuditSources {
  readonly repository: AuditRepository;
  readonly chains: ChainRepository;
  readonly memory: HeadMemory;
  readonly watch: HeadWatch;
  readonly login: string;
  readonly exports: ExportFolder;
  readonly clock: Clock;
}

export function createAuditService(sources: AuditSources): AuditService {
  const { repository, chains, memory, watch, login, exports, clock } = sources;
  const verifying = oneAtATime('A check of the audit log is running already. Wait for it, or cancel it.');
  const exporting = oneAtATime('An export of the audit log is running already. Wait for it, or cancel it.');
  return {
    async list({ before, limit, ...filter }) {
      // One more than asked tells whether there is a next page.
      const { entries, asOf } = await repository.list({ filter, before, most: limit + 1 });
      const shown = entries.slice(0, limit);
      const last = entries.length > limit ? shown.at(-1) : undefined;
      return { entries: shown, next: last ? { atMicros: last.atMicros, id: last.id } : null, asOf };
    },
    choices: () => repository.choices(),
    verify: (chain, signal) =>
      streamWork<AuditCheck>(
        (tell, signal) =>
          verifying(async () => {
            const tenantId = chain === undefined ? undefined : idOf(chain);
            await checkChains({ repository: chains, remembered: new Map(memory.heads), clock, tenantId, tell, signal });
            await watch.compare();
          }),
        signal,
      ),
    export: (wish, signal) =>
      streamWork<AuditExport>(
        (tell, signal) =>
          exporting(() => exportChains({ repository: chains, clock, login, folder: exports, ...wish, tell, signal })),
        signal,
      ),
    memory: (signal) => watch.watch(signal),
    accept: async (chain) => ({ remembered: await watch.accept(idOf(chain)) }),
    close: () => watch.close(),
  };
}

function idOf(chain: AuditChain): string {
  return chain === 'platform' ? PLATFORM_CHAIN : chain;
}

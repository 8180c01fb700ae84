import type { ContractOutputs } from '../contract/contract.ts';
import type { LinkState } from '../contract/session.ts';
import type { TenantMonth } from '../contract/reports.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { KeptReports } from './kept-reports.ts';
import type { ListedClient, ReportsRepository } from './reports-repository.ts';

export interface SourcedMonth {
  readonly data: TenantMonth;
  /** kept: the platform is away; how old it is, `data.asOf` says. */
  readonly source: 'platform' | 'kept';
}

export interface SourcedList {
  readonly source: 'platform' | 'kept';
  readonly asOf: Date;
  readonly clients: readonly ListedClient[];
}

/** Where reports have their figures from: the platform, or while it is away what was kept. */
export interface ReportSource {
  months(): Promise<ContractOutputs['reports']['months']>;
  /** Throws OperatorError UNAVAILABLE: the platform is away and nothing of that month was kept. */
  list(month: string): Promise<SourcedList>;
  /** Throws OperatorError NOT_FOUND: none of this operator's clients, or the platform is away and nothing of it was kept. */
  dataset(tenantId: string, month: string): Promise<SourcedMonth>;
}

export function createReportSource(sources: {
  readonly repository: ReportsRepository;
  readonly kept: KeptReports;
  readonly database: { get(): LinkState };
}): ReportSource {
  const { repository, kept, database } = sources;

  /** Known to be away: nobody waits for a time-out. */
  async function either<T>(ask: () => Promise<T>, otherwise: () => T): Promise<T> {
    if (database.get().state === 'away') return otherwise();
    try {
      return await ask();
    } catch (error) {
      if (error instanceof OperatorError && error.code === 'UNAVAILABLE') return otherwise();
      throw error;
    }
  }

  return {
    months: () =>
      either(
        () => repository.months(),
        () =>
          kept.months().map((month) => {
            const running = kept.list(month)?.value.some((client) => client.running) ?? false;
            return { month, basis: running ? 'running' : 'final' };
          }),
      ),
    list: (month) =>
      either<SourcedList>(
        async () => ({ source: 'platform', ...(await repository.list(month)) }),
        () => {
          const found = kept.list(month);
          if (found === null) {
            throw new OperatorError(
              'UNAVAILABLE',
              `The platform is away, and nothing was kept of ${month}. Try again when it is back.`,
            );
          }
          return { source: 'kept', asOf: found.asOf, clients: found.value };
        },
      ),
    dataset: (tenantId, month) =>
      either<SourcedMonth>(
        async () => {
          const [data] = await repository.tenantMonths([tenantId], month);
          if (data === undefined) throw new OperatorError('NOT_FOUND', 'There is no such client among yours.');
          kept.keep(data);
          return { data, source: 'platform' };
        },
        () => {
          const found = kept.dataset(tenantId, month);
          if (found === null) {
            throw new OperatorError(
              'NOT_FOUND',
              `The platform is away, and nothing was kept of this client’s ${month}. Try again when it is back.`,
            );
          }
          return { data: found.value, source: 'kept' };
        },
      ),
  };
}

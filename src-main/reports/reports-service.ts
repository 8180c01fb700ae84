import type { ContractOutputs } from '../contract/contract.ts';
import type { ReportFolder } from '../contract/reports.ts';
import type { ReportDocument } from '../contract/report-document.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { ReportFolders } from '../infra/report-folders.ts';
import { reportDocument } from './report-document.ts';
import type { ReportsRepository } from './reports-repository.ts';

export interface ReportsService {
  months(): Promise<ContractOutputs['reports']['months']>;
  list(month: string): Promise<ContractOutputs['reports']['list']>;
  /** Throws OperatorError: NOT_FOUND for a client that is not this operator's, BAD_REQUEST for a month that has not begun. */
  preview(tenantId: string, month: string): Promise<ReportDocument>;
  folders(): ContractOutputs['reports']['folders'];
  chooseFolder(id: ReportFolder['id'] | null): Promise<ContractOutputs['reports']['folders']>;
}

export interface ReportsSources {
  readonly repository: ReportsRepository;
  readonly folders: ReportFolders;
}

export function createReportsService({ repository, folders }: ReportsSources): ReportsService {
  return {
    months: () => repository.months(),
    async preview(tenantId, month) {
      const [data] = await repository.tenantMonths([tenantId], month);
      if (!data) throw new OperatorError('NOT_FOUND', 'There is no such client among yours.');
      return reportDocument(data);
    },
    folders: () => foldersNow(folders),
    async chooseFolder(id) {
      await folders.choose(id);
      return foldersNow(folders);
    },
    async list(month) {
      const { asOf, clients } = await repository.list(month);
      return {
        source: 'platform',
        asOf,
        entries: clients.map(({ tenantId, name, slug, currency, colour, calls, costNanoUsd }) => {
          return { tenantId, name, slug, currency, colour, calls, costNanoUsd, keptAsOf: null };
        }),
      };
    },
  };
}

function foldersNow(folders: ReportFolders): ContractOutputs['reports']['folders'] {
  const { chosen, known, canChoose } = folders.state();
  return { chosen, known: [...known], canChoose };
}

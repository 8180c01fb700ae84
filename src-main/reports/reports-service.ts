import type { ContractOutputs } from '../contract/contract.ts';
import type { ReportDocument } from '../contract/report-document.ts';
import type { ReportExport, ReportFolder } from '../contract/reports.ts';
import { oneAtATime } from '../infra/one-at-a-time.ts';
import type { ReportFolders } from '../infra/report-folders.ts';
import { streamWork } from '../infra/work-stream.ts';
import type { DatasetSync } from './dataset-sync.ts';
import type { ExportOutbox } from './export-outbox.ts';
import type { KeptReports } from './kept-reports.ts';
import { reportDocument } from './report-document.ts';
import type { ReportSource } from './report-source.ts';
import { exportReports, type ReportExportParts, type ReportExportWish } from './reports-export.ts';

export interface ReportsService {
  months(): Promise<ContractOutputs['reports']['months']>;
  list(month: string): Promise<ContractOutputs['reports']['list']>;
  /** Throws OperatorError: NOT_FOUND for a client that is not this operator's, BAD_REQUEST for a month that has not begun. */
  preview(tenantId: string, month: string): Promise<ReportDocument>;
  folders(): ContractOutputs['reports']['folders'];
  chooseFolder(id: ReportFolder['id'] | null): Promise<ContractOutputs['reports']['folders']>;
  /** Throws OperatorError CONFLICT while another export runs. */
  export(wish: ReportExportWish, signal?: AbortSignal): AsyncGenerator<ReportExport, void, unknown>;
  outbox(signal?: AbortSignal): AsyncGenerator<{ readonly waiting: number }, void, unknown>;
  close(): Promise<void>;
}

export interface ReportsParts extends Pick<ReportExportParts, 'makers' | 'newId'> {
  readonly source: ReportSource;
  readonly kept: KeptReports;
  readonly outbox: ExportOutbox;
  readonly sync: DatasetSync;
  readonly folders: ReportFolders;
  /** Ends what makes the files; the next export starts it again. */
  readonly endMakers: () => Promise<void>;
}

export function createReportsService(parts: ReportsParts): ReportsService {
  const { source, kept, outbox, sync, folders, makers, newId, endMakers } = parts;
  const exporting = oneAtATime('An export of reports is running already. Wait for it, or cancel it.');
  return {
    months: () => source.months(),
    async list(month) {
      const { clients, ...found } = await source.list(month);
      const ages = kept.ages(month);
      return {
        ...found,
        entries: clients.map(({ tenantId, name, slug, currency, colour, calls, costNanoUsd }) => {
          return { tenantId, name, slug, currency, colour, calls, costNanoUsd, keptAsOf: ages.get(tenantId) ?? null };
        }),
      };
    },
    async preview(tenantId, month) {
      return reportDocument((await source.dataset(tenantId, month)).data);
    },
    folders: () => foldersNow(folders),
    async chooseFolder(id) {
      await folders.choose(id);
      return foldersNow(folders);
    },
    export: (wish, signal) =>
      streamWork<ReportExport>(
        (tell, left) =>
          exporting(async () => {
            try {
              await exportReports(wish, { source, outbox, makers, newId, folder: folders.folder() }, tell, left);
            } finally {
              await endMakers();
            }
          }),
        signal,
      ),
    outbox: (signal) => outbox.feed.watch(signal),
    async close() {
      sync.close();
      outbox.close();
      await endMakers();
    },
  };
}

function foldersNow(folders: ReportFolders): ContractOutputs['reports']['folders'] {
  const { chosen, known, canChoose } = folders.state();
  return { chosen, known: [...known], canChoose };
}

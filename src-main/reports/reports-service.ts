import type { ContractOutputs } from '../contract/contract.ts';
import type { ReportExport } from '../contract/reports.ts';
import { oneAtATime } from '../infra/one-at-a-time.ts';
import { streamWork } from '../infra/work-stream.ts';
import type { DatasetSync } from './dataset-sync.ts';
import type { ExportOutbox } from './export-outbox.ts';
import type { KeptReports } from './kept-reports.ts';
import type { ReportSource } from './report-source.ts';
import { exportReports, type ReportExportParts, type ReportExportWish } from './reports-export.ts';

export interface ReportsService {
  months(): Promise<ContractOutputs['reports']['months']>;
  list(month: string): Promise<ContractOutputs['reports']['list']>;
  /** Throws OperatorError CONFLICT while another export runs. */
  export(wish: ReportExportWish, signal?: AbortSignal): AsyncGenerator<ReportExport, void, unknown>;
  outbox(signal?: AbortSignal): AsyncGenerator<{ readonly waiting: number }, void, unknown>;
  close(): Promise<void>;
}

export interface ReportsParts extends Omit<ReportExportParts, 'folder' | 'source' | 'outbox'> {
  readonly source: ReportSource;
  readonly kept: KeptReports;
  readonly outbox: ExportOutbox;
  readonly sync: DatasetSync;
  /** The one that is chosen now. */
  readonly folder: () => ReportExportParts['folder'];
  /** Ends what makes the files; the next export starts it again. */
  readonly endMakers: () => Promise<void>;
}

export function createReportsService(parts: ReportsParts): ReportsService {
  const { source, kept, outbox, sync } = parts;
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
    export: (wish, signal) =>
      streamWork<ReportExport>(
        (tell, left) =>
          exporting(async () => {
            try {
              await exportReports(wish, { ...parts, folder: parts.folder() }, tell, left);
            } finally {
              await parts.endMakers();
            }
          }),
        signal,
      ),
    outbox: (signal) => outbox.feed.watch(signal),
    async close() {
      sync.close();
      outbox.close();
      await parts.endMakers();
    },
  };
}

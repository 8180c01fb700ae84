import type { LinkState } from '../contract/session.ts';
import type { Cache } from '../infra/cache.ts';
import type { Clock } from '../infra/clock.ts';
import type { Logger } from '../infra/logger.ts';
import type { PdfPrinter } from '../infra/pdf-printer.ts';
import type { Database } from '../infra/postgres/database.ts';
import type { ReportFolders } from '../infra/report-folders.ts';
import type { StateFeed } from '../infra/state-feed.ts';
import { createDatasetSync } from './dataset-sync.ts';
import { createExportOutbox } from './export-outbox.ts';
import { createKeptReports } from './kept-reports.ts';
import { reportCsv } from './report-csv.ts';
import { reportDocument } from './report-document.ts';
import { createReportFonts } from './report-fonts.ts';
import { reportHtml } from './report-html.ts';
import { createReportSource } from './report-source.ts';
import { createReportsRepository } from './reports-repository.ts';
import { createReportsService, type ReportsService } from './reports-service.ts';

/** The reports of one platform: its datasets, what is kept of them, how they become files. Closes what it made, not what it was handed. */
export function createReports(parts: {
  readonly database: Database;
  readonly link: StateFeed<LinkState>;
  readonly cache: Cache;
  readonly printer: PdfPrinter;
  readonly folders: ReportFolders;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly log: Logger;
}): ReportsService {
  const { cache, link, printer, folders, newId, clock, log } = parts;
  const repository = createReportsRepository(parts.database);
  const kept = createKeptReports(cache);
  const fonts = createReportFonts();
  return createReportsService({
    source: createReportSource({ repository, kept, database: link }),
    kept,
    outbox: createExportOutbox({ repository, cache, database: link, clock, log }),
    sync: createDatasetSync({ repository, kept, database: link, clock, log }),
    makers: {
      csv: async (data) => reportCsv(data),
      pdf: (data, signal) => printer.print(reportHtml(reportDocument(data), fonts), signal),
    },
    endMakers: () => printer.close(),
    folders,
    newId,
  });
}

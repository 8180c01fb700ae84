import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { ReportsService } from './reports-service.ts';

export function createReportsHandlers() {
  const os = implement(contract.reports).$context<{ readonly reports: ReportsService }>();
  return {
    months: os.months.handler(({ context }) => context.reports.months()),
    list: os.list.handler(({ context, input }) => context.reports.list(input.month)),
    preview: os.preview.handler(({ context, input }) => context.reports.preview(input.tenantId, input.month)),
    folders: os.folders.handler(({ context }) => context.reports.folders()),
    chooseFolder: os.chooseFolder.handler(({ context, input }) => context.reports.chooseFolder(input.id)),
    export: os.export.handler(({ context, input, signal }) => context.reports.export(input, signal)),
    outbox: os.outbox.handler(({ context, signal }) => context.reports.outbox(signal)),
  };
}

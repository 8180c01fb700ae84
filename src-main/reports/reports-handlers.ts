import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { ReportsService } from './reports-service.ts';

export function createReportsHandlers() {
  const os = implement(contract.reports).$context<{ readonly reports: ReportsService }>();
  return {
    months: os.months.handler(({ context }) => context.reports.months()),
    list: os.list.handler(({ context, input }) => context.reports.list(input.month)),
  };
}

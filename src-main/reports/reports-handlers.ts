import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { ReportsService } from './reports-service.ts';

export function createReportsHandlers(service: ReportsService) {
  const os = implement(contract.reports);
  return {
    months: os.months.handler(() => service.months()),
    list: os.list.handler(({ input }) => service.list(input.month)),
  };
}

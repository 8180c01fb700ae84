import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { MarginsService } from './margins-service.ts';

export function createMarginsHandlers() {
  const os = implement(contract.margins).$context<{ readonly margins: MarginsService }>();
  return {
    watch: os.watch.handler(({ context, input, signal }) => context.margins.watch(input.month, signal)),
    watchColumn: os.watchColumn.handler(({ context, signal }) => context.margins.watchColumn(signal)),
    drivers: os.drivers.handler(({ context, input }) => context.margins.drivers(input.tenantId, input.month)),
    outlook: os.outlook.handler(async ({ context, input }) => ({
      outlook: await context.margins.outlook(input.tenantId, input.extraNanoUsd),
    })),
    contracts: os.contracts.handler(({ context, input }) => context.margins.contracts(input.tenantId)),
    rates: os.rates.handler(({ context }) => context.margins.rates()),
    setContract: os.setContract.handler(({ context, input }) => context.margins.setContract(input)),
    setRate: os.setRate.handler(({ context, input }) => context.margins.setRate(input)),
  };
}

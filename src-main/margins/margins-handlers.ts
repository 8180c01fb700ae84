import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { MarginsService } from './margins-service.ts';

export function createMarginsHandlers(service: MarginsService) {
  const os = implement(contract.margins);
  return {
    watch: os.watch.handler(({ input, signal }) => service.watch(input.month, signal)),
    watchColumn: os.watchColumn.handler(({ signal }) => service.watchColumn(signal)),
    drivers: os.drivers.handler(({ input }) => service.drivers(input.tenantId, input.month)),
    outlook: os.outlook.handler(async ({ input }) => ({
      outlook: await service.outlook(input.tenantId, input.extraNanoUsd),
    })),
    contracts: os.contracts.handler(({ input }) => service.contracts(input.tenantId)),
    rates: os.rates.handler(() => service.rates()),
    setContract: os.setContract.handler(({ input }) => service.setContract(input)),
    setRate: os.setRate.handler(({ input }) => service.setRate(input)),
  };
}

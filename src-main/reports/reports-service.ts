import type { ContractOutputs } from '../contract/contract.ts';
import type { ReportsRepository } from './reports-repository.ts';

export interface ReportsService {
  months(): Promise<ContractOutputs['reports']['months']>;
  list(month: string): Promise<ContractOutputs['reports']['list']>;
}

export function createReportsService({ repository }: { readonly repository: ReportsRepository }): ReportsService {
  return {
    months: () => repository.months(),
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

import type { TenantDetail } from '../contract/tenants.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { TenantsRepository } from './tenants-repository.ts';

export interface TenantsService {
  /** Throws OperatorError NOT_FOUND when this operator sees no such tenant. */
  detail(tenantId: string): Promise<TenantDetail>;
}

const REFUSALS_SHOWN = 20;

export function createTenantsService(repository: TenantsRepository): TenantsService {
  return {
    async detail(tenantId) {
      const tenant = await repository.find(tenantId);
      if (tenant === undefined) {
        throw new OperatorError('NOT_FOUND', 'There is no such tenant among those you may see.');
      }
      const [workflows, lastRefusals] = await Promise.all([
        repository.usageByWorkflow(tenantId, tenant.month),
        repository.lastRefusals(tenantId, REFUSALS_SHOWN),
      ]);
      return { tenantId, ...tenant, workflows, lastRefusals };
    },
  };
}

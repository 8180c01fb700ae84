import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { LimitsService } from './limits-service.ts';

export function createLimitsHandlers() {
  const os = implement(contract.limits).$context<{ readonly limits: LimitsService }>();
  return {
    caps: os.caps.handler(({ context, input }) => context.limits.caps(input.tenantId)),
    addCap: os.addCap.handler(({ context, input }) => context.limits.addCap(input)),
    removeCap: os.removeCap.handler(({ context, input }) => context.limits.removeCap(input)),
    quotas: os.quotas.handler(({ context, input }) => context.limits.quotas(input.tenantId)),
    setQuota: os.setQuota.handler(({ context, input }) => context.limits.setQuota(input)),
    downgrades: os.downgrades.handler(({ context, input }) => context.limits.downgrades(input.tenantId)),
    models: os.models.handler(({ context, input }) => context.limits.models(input.tenantId)),
    setModels: os.setModels.handler(({ context, input }) => context.limits.setModels(input)),
    setDowngrade: os.setDowngrade.handler(({ context, input }) => context.limits.setDowngrade(input)),
  };
}

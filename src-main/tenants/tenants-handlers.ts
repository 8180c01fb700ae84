import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { TenantsService } from './tenants-service.ts';

export function createTenantsHandlers(service: TenantsService) {
  const os = implement(contract.tenants);
  return {
    detail: os.detail.handler(({ input }) => service.detail(input.tenantId)),
    watch: os.watch.handler(({ input, signal }) => service.watch(input.tenantId, signal)),
    explainRefusal: os.explainRefusal.handler(({ input }) => service.explainRefusal(input.tenantId, input.requestId)),
  };
}

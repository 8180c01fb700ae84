import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { ClientService } from './client-service.ts';
import type { TenantsService } from './tenants-service.ts';

export function createTenantsHandlers(service: TenantsService, clients: ClientService) {
  const os = implement(contract.tenants);
  return {
    choices: os.choices.handler(() => clients.choices()),
    create: os.create.handler(({ input }) => clients.create(input)),
    setStatus: os.setStatus.handler(({ input }) => clients.setStatus(input)),
    detail: os.detail.handler(({ input }) => service.detail(input.tenantId)),
    watch: os.watch.handler(({ input, signal }) => service.watch(input.tenantId, signal)),
    explainRefusal: os.explainRefusal.handler(({ input }) => service.explainRefusal(input.tenantId, input.requestId)),
  };
}

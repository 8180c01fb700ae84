import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { ClientService } from './client-service.ts';
import type { TenantsService } from './tenants-service.ts';

export function createTenantsHandlers() {
  const os = implement(contract.tenants).$context<{
    readonly tenants: TenantsService;
    readonly clients: ClientService;
  }>();
  return {
    choices: os.choices.handler(({ context }) => context.clients.choices()),
    create: os.create.handler(({ context, input }) => context.clients.create(input)),
    setStatus: os.setStatus.handler(({ context, input }) => context.clients.setStatus(input)),
    detail: os.detail.handler(({ context, input }) => context.tenants.detail(input.tenantId)),
    watch: os.watch.handler(({ context, input, signal }) => context.tenants.watch(input.tenantId, signal)),
    explainRefusal: os.explainRefusal.handler(({ context, input }) =>
      context.tenants.explainRefusal(input.tenantId, input.requestId),
    ),
  };
}

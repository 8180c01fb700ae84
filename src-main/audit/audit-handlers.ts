import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { AuditService } from './audit-service.ts';

export function createAuditHandlers() {
  const os = implement(contract.audit).$context<{ readonly audit: AuditService }>();
  return {
    list: os.list.handler(({ context, input }) => context.audit.list(input)),
    choices: os.choices.handler(({ context }) => context.audit.choices()),
    verify: os.verify.handler(({ context, input, signal }) => context.audit.verify(input.chain, signal)),
    export: os.export.handler(({ context, input, signal }) => context.audit.export(input, signal)),
    memory: os.memory.handler(({ context, signal }) => context.audit.memory(signal)),
    accept: os.accept.handler(({ context, input }) => context.audit.accept(input.chain)),
  };
}

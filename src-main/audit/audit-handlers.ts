import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { AuditService } from './audit-service.ts';

export function createAuditHandlers(service: AuditService) {
  const os = implement(contract.audit);
  return {
    list: os.list.handler(({ input }) => service.list(input)),
    choices: os.choices.handler(() => service.choices()),
    verify: os.verify.handler(({ input, signal }) => service.verify(input.chain, signal)),
    export: os.export.handler(({ input, signal }) => service.export(input, signal)),
    memory: os.memory.handler(({ signal }) => service.memory(signal)),
    accept: os.accept.handler(({ input }) => service.accept(input.chain)),
  };
}

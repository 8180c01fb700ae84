import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { AuditService } from './audit-service.ts';

export function createAuditHandlers(service: AuditService) {
  const os = implement(contract.audit);
  return { list: os.list.handler(({ input }) => service.list(input)) };
}

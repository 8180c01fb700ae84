import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { KeysService } from './keys-service.ts';

export function createKeysHandlers(service: KeysService) {
  const os = implement(contract.keys);
  return {
    list: os.list.handler(({ input }) => service.list(input.tenantId)),
    issue: os.issue.handler(({ input }) => service.issue(input)),
    rotate: os.rotate.handler(({ input }) => service.rotate(input)),
    revoke: os.revoke.handler(({ input }) => service.revoke(input)),
  };
}

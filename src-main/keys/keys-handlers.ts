import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { KeysService } from './keys-service.ts';

export function createKeysHandlers() {
  const os = implement(contract.keys).$context<{ readonly keys: KeysService }>();
  return {
    list: os.list.handler(({ context, input }) => context.keys.list(input.tenantId)),
    issue: os.issue.handler(({ context, input }) => context.keys.issue(input)),
    rotate: os.rotate.handler(({ context, input }) => context.keys.rotate(input)),
    revoke: os.revoke.handler(({ context, input }) => context.keys.revoke(input)),
  };
}

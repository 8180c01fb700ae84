import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { GrantsService } from './grants-service.ts';

export function createGrantsHandlers() {
  const os = implement(contract.grants).$context<{ readonly grants: GrantsService }>();
  return {
    watchOrphaned: os.watchOrphaned.handler(({ context, signal }) => context.grants.watchOrphaned(signal)),
    release: os.release.handler(({ context, input }) => context.grants.release(input)),
  };
}

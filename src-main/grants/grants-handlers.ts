import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { GrantsService } from './grants-service.ts';

export function createGrantsHandlers(service: GrantsService) {
  const os = implement(contract.grants);
  return {
    watchOrphaned: os.watchOrphaned.handler(({ signal }) => service.watchOrphaned(signal)),
    release: os.release.handler(({ input }) => service.release(input)),
  };
}

import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { CapsService } from './caps-service.ts';

export function createCapsHandlers(service: CapsService) {
  const os = implement(contract.caps);
  return { change: os.change.handler(({ input }) => service.change(input)) };
}

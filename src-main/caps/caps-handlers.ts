import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { CapsService } from './caps-service.ts';

export function createCapsHandlers(service: CapsService) {
  const os = implement(contract.caps);
  return {
    change: os.change.handler(({ input }) => service.change(input)),
    undo: os.undo.handler(({ input }) => service.undo(input)),
    addOverride: os.addOverride.handler(({ input }) => service.addOverride(input)),
    removeOverride: os.removeOverride.handler(({ input }) => service.removeOverride(input)),
    overrides: os.overrides.handler(({ input }) => service.overrides(input.tenantId, input.capId)),
  };
}

import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { CapsService } from './caps-service.ts';

export function createCapsHandlers() {
  const os = implement(contract.caps).$context<{ readonly caps: CapsService }>();
  return {
    change: os.change.handler(({ context, input }) => context.caps.change(input)),
    undo: os.undo.handler(({ context, input }) => context.caps.undo(input)),
    addOverride: os.addOverride.handler(({ context, input }) => context.caps.addOverride(input)),
    removeOverride: os.removeOverride.handler(({ context, input }) => context.caps.removeOverride(input)),
    overrides: os.overrides.handler(({ context, input }) => context.caps.overrides(input.tenantId, input.capId)),
  };
}

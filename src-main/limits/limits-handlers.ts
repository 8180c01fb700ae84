import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { LimitsService } from './limits-service.ts';

export function createLimitsHandlers(service: LimitsService) {
  const os = implement(contract.limits);
  return {
    caps: os.caps.handler(({ input }) => service.caps(input.tenantId)),
    addCap: os.addCap.handler(({ input }) => service.addCap(input)),
    removeCap: os.removeCap.handler(({ input }) => service.removeCap(input)),
  };
}

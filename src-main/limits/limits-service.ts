import type { AddCapInput, RemoveCapInput, ScopedCap } from '../contract/limits.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { ScopedCapsRepository } from './scoped-caps-repository.ts';

/**
 * What limits a client besides the caps in its row. Throws OperatorError: NOT_FOUND, FORBIDDEN, BAD_REQUEST, CONFLICT (it is there already, or was
 * changed meanwhile), or UNAVAILABLE: then the same can be sent again under its idempotency key.
 */
export interface LimitsService {
  caps(tenantId: string): Promise<{ caps: ScopedCap[]; asOf: Date }>;
  addCap(input: AddCapInput): Promise<{ tenantId: string; capId: string; version: number }>;
  removeCap(input: RemoveCapInput): Promise<{ tenantId: string; capId: string; version: number }>;
}

/** `changed` hears of each tenant whose caps changed, so that its row need not wait for the notification. */
export function createLimitsService(caps: ScopedCapsRepository, changed: (tenantId: string) => void): LimitsService {
  async function run<Answer extends object>(tenantId: string, change: Promise<Answer>) {
    try {
      return { tenantId, ...(await change) };
    } finally {
      // Also after a failure: a conflict means that the window shows what is not there any more.
      changed(tenantId);
    }
  }
  return {
    async caps(tenantId) {
      const found = await caps.list(tenantId);
      if (found) return found;
      throw new OperatorError('NOT_FOUND', 'There is no such client among those you may see.');
    },
    addCap: (input) => run(input.tenantId, caps.add(input)),
    removeCap: (input) => run(input.tenantId, caps.remove(input)),
  };
}

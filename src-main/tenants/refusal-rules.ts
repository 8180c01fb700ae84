/** What would let a refused call pass now, pure. */
import type { RefusalExplanation, RefusalScope } from '../contract/tenants.ts';
import { MAX_CAP_NANO_USD } from '../contract/money.ts';

const CENT = 10_000_000n;

/** A cap as it stands now, nano-USD. `granted`: all that is handed out in the running period, what is spent included. */
export interface CapNow {
  /** Of the cap itself; what is in force may be more for a time. */
  readonly limitNanoUsd: bigint;
  readonly inForceNanoUsd: bigint;
  readonly grantedNanoUsd: bigint;
  readonly hard: boolean;
}

/**
 * The limit from which a call of this estimate passes, in whole cents; null: it passes as it is. It is what the platform asks of a cap: room
 * beside everything that is handed out.
 */
export function raiseTo(cap: CapNow, estimateNanoUsd: bigint): bigint | null {
  const missing = cap.grantedNanoUsd + estimateNanoUsd - cap.inForceNanoUsd;
  if (!cap.hard || missing <= 0n) return null;
  const needed = cap.limitNanoUsd + missing;
  const cents = ((needed + CENT - 1n) / CENT) * CENT;
  return cents > MAX_CAP_NANO_USD ? MAX_CAP_NANO_USD : cents;
}

/** Null when no cap was asked. A cap that is gone stops nobody. */
export function passesNow(scopes: readonly Pick<RefusalScope, 'now'>[]): RefusalExplanation['passesNow'] {
  if (scopes.length === 0) return null;
  return scopes.every(({ now }) => now === null || now.raiseToNanoUsd === null);
}

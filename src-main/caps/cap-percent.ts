/** A whole cent in nano-USD: raises by percent end on one, so that the operator sees the amount that is enforced. */
const CENT_NANO_USD = 10_000_000n;

/** `limitNanoUsd` raised by `percent` percent, rounded up to a whole cent; exact, no floating point. */
export function raisedByPercent(limitNanoUsd: bigint, percent: number): bigint {
  const divisor = 100n * CENT_NANO_USD;
  const raised = limitNanoUsd * (100n + BigInt(percent));
  return ((raised + divisor - 1n) / divisor) * CENT_NANO_USD;
}

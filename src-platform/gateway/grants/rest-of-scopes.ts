import type { GrantScope } from './grant-authority.ts';

/** The most that all hard caps together still have to grant, nano-USD. */
export function restOfScopes(scopes: readonly GrantScope[]): bigint {
  let least: bigint | undefined;
  for (const { limit, granted, hard } of scopes) {
    if (!hard) continue;
    const rest = atLeastZero(limit - granted);
    if (least === undefined || rest < least) least = rest;
  }
  return least ?? 0n;
}

export function atLeastZero(amount: bigint): bigint {
  return amount > 0n ? amount : 0n;
}

/**
 * The most that others may hold of any of these caps: what is granted and not charged, without ours (nano-USD). Our own calls that the
 * ledger doesn't have yet count as theirs.
 */
export function othersHold(scopes: readonly GrantScope[], ours: bigint): bigint {
  let most = 0n;
  for (const { granted, charged } of scopes) if (granted - charged - ours > most) most = granted - charged - ours;
  return most;
}

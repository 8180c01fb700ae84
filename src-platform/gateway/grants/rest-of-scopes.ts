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

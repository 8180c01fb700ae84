import type { InboxItem } from '../../src-main/contract/requests.ts';

const DAY_MS = 86_400_000n;

/** When a cap is used up at this burn; 'now': it is; null: not before the period ends, or nothing is spent. */
export type RunsOut = Date | 'now' | null;

/** `limitNanoUsd`: in force from now on. Reckoned from `now`, to the millisecond. */
export function runsOut(item: InboxItem, limitNanoUsd: bigint, now: Date): RunsOut {
  const room = limitNanoUsd - item.cap.committedNanoUsd;
  if (room <= 0n) return 'now';
  if (item.burnNanoUsdPerDay <= 0n) return null;
  const at = BigInt(now.getTime()) + (room * DAY_MS) / item.burnNanoUsdPerDay;
  return at >= BigInt(item.cap.periodEnd.getTime()) ? null : new Date(Number(at));
}

/** Whose calls are refused comes first, then whose money is out first; among equals who waits longest. `refusing`: tenants' ids. */
export function byUrgency(items: readonly InboxItem[], refusing: ReadonlySet<string>, now: Date): InboxItem[] {
  const rank = (item: InboxItem): number => {
    const out = refusing.has(item.tenantId) ? 'now' : runsOut(item, item.cap.inForceNanoUsd, now);
    if (out === 'now') return Number.NEGATIVE_INFINITY;
    return out?.getTime() ?? Number.POSITIVE_INFINITY;
  };
  return items.toSorted(
    (a, b) => compare(rank(a), rank(b)) || compare(a.requestedAt.getTime(), b.requestedAt.getTime()),
  );
}

const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

/** The board's rules, pure: what needs an operator's eye, when a cap runs out, what the summary strip adds up. */
import type { Attention, BoardRow, BoardSummary } from '../contract/board.ts';

const DAY_MS = 86_400_000n;
const MINUTE_MS = 60_000;
const NEAR_CAP_PERCENT = 90;
const SOON_MS = 7 * 86_400_000;

/** The states counted as "needs attention" in the summary. */
const NEEDS_EYE: ReadonlySet<Attention> = new Set(['refusing', 'near_cap', 'runs_out', 'unknown']);

/** What the gateways hold a tenant to: the cap and its temporary raises. */
export function limitInForce(cap: Pick<NonNullable<BoardRow['cap']>, 'limitNanoUsd' | 'override'>): bigint {
  return cap.limitNanoUsd + (cap.override?.amountNanoUsd ?? 0n);
}

/** Worst first: a tenant that refuses now also stands near its cap, but is listed once, for the worse reason. */
export function attentionOf(row: Omit<BoardRow, 'attention'>): Attention {
  if (row.status === 'suspended') return 'suspended';
  if (row.status === 'archived') return 'normal';
  if (row.refusingSince !== null) return 'refusing';
  if (row.source === 'unknown') return 'unknown';
  if (row.cap === null) return 'normal';
  if (row.committedNanoUsd === null) return 'unknown';
  const limit = limitInForce(row.cap);
  if (row.committedNanoUsd >= limit) return 'refusing';
  const used = row.committedNanoUsd + (row.heldNanoUsd ?? 0n);
  if (used * 100n >= limit * BigInt(nearCapPercent(row.cap.thresholds))) return 'near_cap';
  return runsOutSoon(row) ? 'runs_out' : 'normal';
}

/** A cap that runs out within a week needs an eye; one that may in three shows its date and no more. */
function runsOutSoon({ runsOutAt, asOf }: Omit<BoardRow, 'attention'>): boolean {
  return runsOutAt !== null && (asOf === null || runsOutAt.getTime() - asOf.getTime() <= SOON_MS);
}

/** The tenant's own highest threshold under 100 %; 90 % where it has none. */
function nearCapPercent(thresholds: readonly number[]): number {
  const below = thresholds.filter((percent) => percent > 0 && percent < 100);
  return below.length === 0 ? NEAR_CAP_PERCENT : Math.max(...below);
}

/**
 * When the cap runs out if spending goes on at `burnNanoUsdPerDay`, whole minutes; null when that is not before the
 * period ends, when nothing is spent, or when nothing remains (the tenant is refusing already).
 */
export function runsOutAt(facts: {
  readonly limitNanoUsd: bigint;
  readonly committedNanoUsd: bigint;
  readonly burnNanoUsdPerDay: bigint;
  readonly from: Date;
  readonly periodEnd: Date;
}): Date | null {
  const remaining = facts.limitNanoUsd - facts.committedNanoUsd;
  if (remaining <= 0n || facts.burnNanoUsdPerDay <= 0n) return null;
  const afterMs = (remaining * DAY_MS) / facts.burnNanoUsdPerDay;
  if (afterMs >= BigInt(facts.periodEnd.getTime() - facts.from.getTime())) return null;
  const at = facts.from.getTime() + Number(afterMs);
  return new Date(Math.floor(at / MINUTE_MS) * MINUTE_MS);
}

/** Adds up the rows. A figure nobody reported is null, never 0; one that some reported is their sum. */
export function summarise(rows: Iterable<BoardRow>): BoardSummary {
  let tenants = 0;
  let needAttention = 0;
  let refusingTenants = 0;
  let spentTodayNanoUsd = 0n;
  let committedNanoUsd = 0n;
  let callsLastMinute: number | null = null;
  let refusedLastHour: number | null = null;
  for (const row of rows) {
    tenants += 1;
    if (NEEDS_EYE.has(row.attention)) needAttention += 1;
    if (row.attention === 'refusing') refusingTenants += 1;
    spentTodayNanoUsd += row.spentTodayNanoUsd ?? 0n;
    committedNanoUsd += row.committedNanoUsd ?? 0n;
    if (row.callsLastMinute !== null) callsLastMinute = (callsLastMinute ?? 0) + row.callsLastMinute;
    if (row.refusedLastHour !== null) refusedLastHour = (refusedLastHour ?? 0) + row.refusedLastHour;
  }
  return {
    tenants,
    needAttention,
    spentTodayNanoUsd,
    committedNanoUsd,
    callsLastMinute,
    refusedLastHour,
    refusingTenants,
  };
}

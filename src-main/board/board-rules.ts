/** The board's rules, pure: what needs an operator's eye, when a cap runs out, what the summary strip adds up. */
import type { Attention, BoardCap, BoardRow, BoardSummary, CapPeriod } from '../contract/board.ts';

const DAY_MS = 86_400_000n;
const MINUTE_MS = 60_000;
const NEAR_CAP_PERCENT = 90;
const SOON_MS = 7 * 86_400_000;

/** The states counted as "needs attention" in the summary. */
const NEEDS_EYE: ReadonlySet<Attention> = new Set(['refusing', 'near_cap', 'runs_out', 'unknown']);

/** What the gateways hold a tenant to: the cap and its temporary raises. */
export function limitInForce(cap: Pick<BoardCap, 'limitNanoUsd' | 'override'>): bigint {
  return cap.limitNanoUsd + (cap.override?.amountNanoUsd ?? 0n);
}

/** A cap with its figures, whichever period it is of. */
interface Standing {
  readonly cap: BoardCap;
  readonly committedNanoUsd: bigint | null;
  readonly heldNanoUsd: bigint | null;
}

type Judged = Omit<BoardRow, 'attention' | 'binding'>;

function standings({ cap, committedNanoUsd, heldNanoUsd, dayCap }: Judged): Standing[] {
  return [
    ...(cap === null ? [] : [{ cap, committedNanoUsd, heldNanoUsd }]),
    ...(dayCap === null
      ? []
      : [{ cap: dayCap, committedNanoUsd: dayCap.committedNanoUsd, heldNanoUsd: dayCap.heldNanoUsd }]),
  ];
}

/** Worst first: a tenant that refuses now also stands near its cap, but is listed once, for the worse reason. */
export function attentionOf(row: Judged): Attention {
  if (row.status === 'suspended') return 'suspended';
  if (row.status === 'archived') return 'normal';
  if (row.refusingSince !== null) return 'refusing';
  if (row.source === 'unknown') return 'unknown';
  const caps = standings(row);
  if (caps.some(isReached)) return 'refusing';
  if (caps.some(({ committedNanoUsd }) => committedNanoUsd === null)) return 'unknown';
  if (caps.some(isNear)) return 'near_cap';
  return runsOutSoon(row) ? 'runs_out' : 'normal';
}

/**
 * Which cap the row is about. Calls of a day come back by themselves at midnight, so the day's cap speaks only where it
 * stops calls or is about to. `refusingCapId`: the cap for which calls are refused now, as far as that is told.
 */
export function bindingOf(row: Judged, refusingCapId: string | null): CapPeriod {
  if (row.dayCap === null) return 'month';
  if (row.cap === null || row.dayCap.capId === refusingCapId) return 'day';
  if (row.cap.capId === refusingCapId) return 'month';
  const [month, day] = standings(row);
  if (month === undefined || day === undefined) return 'month';
  if (isReached(month)) return 'month';
  return isReached(day) || (isNear(day) && share(day) > share(month)) ? 'day' : 'month';
}

function isReached({ cap, committedNanoUsd }: Standing): boolean {
  return committedNanoUsd !== null && committedNanoUsd >= limitInForce(cap);
}

function isNear(standing: Standing): boolean {
  return share(standing) >= nearCapPercent(standing.cap.thresholds);
}

/** Committed and held of the limit in whole percent; 0 when unknown. */
function share({ cap, committedNanoUsd, heldNanoUsd }: Standing): number {
  const limit = limitInForce(cap);
  if (committedNanoUsd === null) return 0;
  return limit === 0n ? 100 : Number(((committedNanoUsd + (heldNanoUsd ?? 0n)) * 100n) / limit);
}

/** A cap that runs out within a week needs an eye; one that may in three shows its date and no more. */
function runsOutSoon({ runsOutAt, asOf }: Judged): boolean {
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

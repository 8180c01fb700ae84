/** One row of the board from its two sources: PostgreSQL (who, cap, ledger) and the gateways (figures of this moment). */
import type { BoardCap, BoardRow } from '../contract/board.ts';
import type { LiveTenant } from '../infra/gateway-client/live-frame.ts';
import { attentionOf, bindingOf, limitInForce, runsOutAt } from './board-rules.ts';
import type { LedgerCap, LedgerRow } from './ledger-row.ts';

/**
 * Whom the board can believe now. live: the gateways. ledger: PostgreSQL alone; open calls and what is on its way to the
 * ledger are not in it. kept: neither answers, figures are as they were last told. unknown: nobody vouches for a figure, of then or of now.
 */
export type Source = BoardRow['source'];

/**
 * `live` is the tenant in the gateways' stream, if it stands there; for kept figures with the instant the gateways were last heard, and
 * only where that is no older than the ledger's. `now`: the platform's clock.
 */
export function boardRow(ledger: LedgerRow, live: LiveTenant | undefined, source: Source, now: Date): BoardRow {
  const seen = source === 'live' || source === 'kept' ? live : undefined;
  const today = source === 'kept' ? sameDay(live?.at ?? ledger.at, now, ledger.timeZone) : source !== 'unknown';
  const month = ledger.cap && figuresOf(ledger.cap, ledger, seen, source, now);
  const day = ledger.dayCap && figuresOf(ledger.dayCap, ledger, seen, source, now);
  const told = month ?? day ?? withoutCap(ledger, seen, source);
  const row = {
    tenantId: ledger.tenantId,
    slug: ledger.slug,
    name: ledger.name,
    plan: ledger.plan,
    currency: ledger.currency,
    timeZone: ledger.timeZone,
    status: ledger.status,
    cap: ledger.cap && month && capOf(ledger.cap, month),
    committedNanoUsd: month?.committed ?? null,
    heldNanoUsd: month?.held ?? null,
    dayCap: ledger.dayCap &&
      day && { ...capOf(ledger.dayCap, day), committedNanoUsd: day.committed, heldNanoUsd: day.held },
    asOf: told.asOf,
    source: told.source,
    burnNanoUsdPerDay: ledger.burnNanoUsdPerDay,
    spentTodayNanoUsd: today ? spentToday(ledger, month, day) : null,
    callsToday: today ? ledger.callsToday : null,
    failedToday: today ? ledger.failedToday : null,
    p95TodayMs: today ? ledger.p95TodayMs : null,
    runsOutAt: null,
    callsLastMinute: seen?.callsLastMinute ?? null,
    failedLastMinute: seen?.failedLastMinute ?? null,
    refusedLastHour:
      seen?.refusedLastHour ?? (source === 'ledger' || source === 'kept' ? ledger.refusedLastHour : null),
    refusingSince: seen?.refusingSince ?? null,
  };
  const judged = { ...row, runsOutAt: whenOut(row), binding: bindingOf(row, seen?.refusingCapId ?? null) };
  return { ...judged, attention: attentionOf(judged) };
}

function capOf(cap: LedgerCap, { periodStart, periodEnd }: Figures): BoardCap {
  return {
    capId: cap.capId,
    version: cap.version,
    limitNanoUsd: cap.limitNanoUsd,
    override: cap.override && { ...cap.override },
    periodStart,
    periodEnd,
    thresholds: [...cap.thresholds],
  };
}

/** What is known of one cap's running period. */
interface Figures {
  readonly source: Source;
  readonly committed: bigint | null;
  readonly held: bigint | null;
  readonly asOf: Date | null;
  /** The gateways' period where it is a newer one than PostgreSQL's was. */
  readonly periodStart: Date;
  readonly periodEnd: Date;
}

function figuresOf(
  cap: LedgerCap,
  ledger: LedgerRow,
  live: LiveTenant | undefined,
  source: Source,
  now: Date,
): Figures {
  const { periodStart, periodEnd } = cap;
  const counted = live?.caps.find(({ capId }) => capId === cap.capId);
  if (live && counted && counted.periodStart >= periodStart && counted.periodEnd > now) {
    const { committed, held } = counted;
    return { source, committed, held, asOf: live.at, periodStart: counted.periodStart, periodEnd: counted.periodEnd };
  }
  // The period that PostgreSQL told of is over: what was charged in it says nothing of the next.
  if (source === 'unknown' || periodEnd <= now) {
    return { source: 'unknown', committed: null, held: null, asOf: null, periodStart, periodEnd };
  }
  const committed = cap.chargedNanoUsd;
  // Nothing is charged or granted in a period that nobody opened, and gateways tell of it as soon as one does.
  if (live !== undefined && !cap.opened) {
    return { source, committed, held: 0n, asOf: live.at, periodStart, periodEnd };
  }
  return {
    source: source === 'kept' ? 'kept' : 'ledger',
    committed,
    held: null,
    asOf: ledger.at,
    periodStart,
    periodEnd,
  };
}

function withoutCap(ledger: LedgerRow, live: LiveTenant | undefined, source: Source): Pick<Figures, 'source' | 'asOf'> {
  if (source === 'unknown') return { source, asOf: null };
  return { source: source === 'kept' ? source : live ? 'live' : 'ledger', asOf: live?.at ?? ledger.at };
}

/** What the ledger knew then, and what the gateways have settled since. */
function spentToday(ledger: LedgerRow, month: Figures | null, day: Figures | null): bigint | null {
  const { cap, spentTodayNanoUsd } = ledger;
  if (day?.held !== null && day !== null) return day.committed;
  // Held is what only gateways tell: without it the month's figure is the ledger's own.
  if (spentTodayNanoUsd === null || cap === null || month === null || month.held === null || month.committed === null) {
    return spentTodayNanoUsd;
  }
  if (month.periodStart > cap.periodStart) return spentTodayNanoUsd;
  const today = spentTodayNanoUsd + month.committed - cap.chargedNanoUsd;
  return today > 0n ? today : 0n;
}

function whenOut(row: Omit<BoardRow, 'attention' | 'binding'>): Date | null {
  const { cap, committedNanoUsd, burnNanoUsdPerDay, asOf } = row;
  if (cap === null || committedNanoUsd === null || burnNanoUsdPerDay === null || asOf === null) return null;
  const { periodEnd } = cap;
  return runsOutAt({ limitNanoUsd: limitInForce(cap), committedNanoUsd, burnNanoUsdPerDay, from: asOf, periodEnd });
}

/**
 * True when the window need not hear of the row again. A frame vouches for live rows it does not repeat, so the age of
 * their figures alone is no change, nor is the run-out that moves with it by less than the given tolerance.
 */
export function sameRow(before: BoardRow, now: BoardRow): boolean {
  return (
    before.committedNanoUsd === now.committedNanoUsd &&
    before.heldNanoUsd === now.heldNanoUsd &&
    before.callsLastMinute === now.callsLastMinute &&
    before.failedLastMinute === now.failedLastMinute &&
    before.refusedLastHour === now.refusedLastHour &&
    before.spentTodayNanoUsd === now.spentTodayNanoUsd &&
    before.callsToday === now.callsToday &&
    before.failedToday === now.failedToday &&
    before.p95TodayMs === now.p95TodayMs &&
    before.burnNanoUsdPerDay === now.burnNanoUsdPerDay &&
    before.source === now.source &&
    before.attention === now.attention &&
    before.status === now.status &&
    sameInstant(before.refusingSince, now.refusingSince) &&
    (now.source === 'live' || sameInstant(before.asOf, now.asOf)) &&
    sameCap(before.cap, now.cap) &&
    sameCap(before.dayCap, now.dayCap) &&
    before.dayCap?.committedNanoUsd === now.dayCap?.committedNanoUsd &&
    before.dayCap?.heldNanoUsd === now.dayCap?.heldNanoUsd &&
    before.binding === now.binding &&
    before.slug === now.slug &&
    before.name === now.name &&
    before.plan === now.plan &&
    before.currency === now.currency &&
    before.timeZone === now.timeZone &&
    nearInstant(before.runsOutAt, now.runsOutAt)
  );
}

function sameCap(before: BoardCap | null, now: BoardCap | null): boolean {
  if (before === null || now === null) return before === now;
  return (
    before.capId === now.capId &&
    before.version === now.version &&
    before.limitNanoUsd === now.limitNanoUsd &&
    before.override?.amountNanoUsd === now.override?.amountNanoUsd &&
    before.override?.count === now.override?.count &&
    sameInstant(before.override?.nextEnd ?? null, now.override?.nextEnd ?? null) &&
    sameInstant(before.periodStart, now.periodStart) &&
    sameInstant(before.periodEnd, now.periodEnd) &&
    before.thresholds.join() === now.thresholds.join()
  );
}

/** Days of the tenant's zone. */
function sameDay(one: Date, other: Date, timeZone: string): boolean {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  return day.format(one) === day.format(other);
}

function sameInstant(before: Date | null, now: Date | null): boolean {
  return before?.getTime() === now?.getTime();
}

const NEAR_MS = 60 * 60_000;

function nearInstant(before: Date | null, now: Date | null): boolean {
  if (before === null || now === null) return before === now;
  return Math.abs(before.getTime() - now.getTime()) < NEAR_MS;
}

/** One row of the board from its two sources: PostgreSQL (who, cap, ledger) and the gateways (figures of this moment). */
import type { BoardRow } from '../contract/board.ts';
import type { LiveCap, LiveTenant } from '../infra/gateway-client/live-frame.ts';
import { attentionOf, limitInForce, runsOutAt } from './board-rules.ts';
import type { LedgerCap, LedgerRow } from './ledger-row.ts';

/**
 * Whom the board can believe now. live: the gateways. ledger: PostgreSQL alone; open calls and what is on its way to the
 * ledger are not in it. unknown: neither answered lately.
 */
export type Source = BoardRow['source'];

/** `live` is the tenant in the gateways' stream, if it stands there. */
export function boardRow(ledger: LedgerRow, live: LiveTenant | undefined, source: Source): BoardRow {
  const seen = source === 'live' ? live : undefined;
  const figures = figuresOf(ledger, seen, source);
  const { cap } = ledger;
  const row = {
    tenantId: ledger.tenantId,
    slug: ledger.slug,
    name: ledger.name,
    plan: ledger.plan,
    currency: ledger.currency,
    timeZone: ledger.timeZone,
    status: ledger.status,
    cap: cap && {
      capId: cap.capId,
      version: cap.version,
      limitNanoUsd: cap.limitNanoUsd,
      override: cap.override && { ...cap.override },
      periodStart: figures.periodStart ?? cap.periodStart,
      periodEnd: figures.periodEnd ?? cap.periodEnd,
      thresholds: [...cap.thresholds],
    },
    committedNanoUsd: figures.committed,
    heldNanoUsd: figures.held,
    asOf: figures.asOf,
    source: figures.source,
    burnNanoUsdPerDay: ledger.burnNanoUsdPerDay,
    spentTodayNanoUsd: figures.spentToday,
    callsToday: source === 'unknown' ? null : ledger.callsToday,
    failedToday: source === 'unknown' ? null : ledger.failedToday,
    p95TodayMs: source === 'unknown' ? null : ledger.p95TodayMs,
    runsOutAt: null,
    callsLastMinute: seen?.callsLastMinute ?? null,
    failedLastMinute: seen?.failedLastMinute ?? null,
    refusedLastHour: seen?.refusedLastHour ?? (source === 'ledger' ? ledger.refusedLastHour : null),
    refusingSince: seen?.refusingSince ?? null,
  };
  const judged = { ...row, runsOutAt: whenOut(row) };
  return { ...judged, attention: attentionOf(judged) };
}

interface Figures {
  readonly source: Source;
  readonly committed: bigint | null;
  readonly held: bigint | null;
  readonly asOf: Date | null;
  readonly spentToday: bigint | null;
  /** The period of the gateways' figures, when it is a newer one than PostgreSQL's was. */
  readonly periodStart?: Date;
  readonly periodEnd?: Date;
}

function figuresOf(ledger: LedgerRow, live: LiveTenant | undefined, source: Source): Figures {
  const { cap, spentTodayNanoUsd: spentToday } = ledger;
  if (source === 'unknown') return { source, committed: null, held: null, asOf: null, spentToday: null };
  if (cap === null) {
    return { source: live ? 'live' : 'ledger', committed: null, held: null, asOf: live?.at ?? ledger.at, spentToday };
  }
  const counted = live?.caps.find((candidate) => candidate.capId === cap.capId);
  if (live === undefined || counted === undefined || counted.periodStart < cap.periodStart) {
    return { source: 'ledger', committed: cap.chargedNanoUsd, held: null, asOf: ledger.at, spentToday };
  }
  return {
    source: 'live',
    committed: counted.committed,
    held: counted.held,
    asOf: live.at,
    ...sinceLedger(cap, counted, spentToday),
  };
}

/** Spent today = what the ledger knew then, and what the gateways have settled since. */
function sinceLedger(
  cap: LedgerCap,
  live: LiveCap,
  spentToday: bigint | null,
): Pick<Figures, 'spentToday' | 'periodStart' | 'periodEnd'> {
  if (live.periodStart > cap.periodStart) {
    return { spentToday, periodStart: live.periodStart, periodEnd: live.periodEnd };
  }
  if (spentToday === null) return { spentToday };
  const today = spentToday + live.committed - cap.chargedNanoUsd;
  return { spentToday: today > 0n ? today : 0n };
}

function whenOut(row: Omit<BoardRow, 'attention'>): Date | null {
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
    before.slug === now.slug &&
    before.name === now.name &&
    before.plan === now.plan &&
    before.currency === now.currency &&
    before.timeZone === now.timeZone &&
    nearInstant(before.runsOutAt, now.runsOutAt)
  );
}

function sameCap(before: BoardRow['cap'], now: BoardRow['cap']): boolean {
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

function sameInstant(before: Date | null, now: Date | null): boolean {
  return before?.getTime() === now?.getTime();
}

const NEAR_MS = 60 * 60_000;

function nearInstant(before: Date | null, now: Date | null): boolean {
  if (before === null || now === null) return before === now;
  return Math.abs(before.getTime() - now.getTime()) < NEAR_MS;
}

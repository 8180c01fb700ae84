import type { BoardRow } from '../../src-main/contract/board.ts';

const USD = 1_000_000_000n;

/** A client for tests: `percent` of a cap of $100 is committed, null: unknown. */
export function boardRow({ percent = 40, ...given }: Partial<BoardRow> & { percent?: number | null } = {}): BoardRow {
  const name = given.name ?? 'Clinic B';
  return {
    tenantId: name,
    slug: name.toLowerCase().replaceAll(' ', '-'),
    name,
    plan: 'pro',
    currency: 'INR',
    timeZone: 'Asia/Kolkata',
    status: 'active',
    cap: {
      capId: `cap of ${name}`,
      version: 1,
      limitNanoUsd: 100n * USD,
      override: null,
      periodStart: new Date('2026-10-31T18:30:00Z'),
      periodEnd: new Date('2026-11-30T18:30:00Z'),
      thresholds: [50, 80, 95, 100],
    },
    committedNanoUsd: percent === null ? null : (BigInt(Math.round(percent * 1000)) * 100n * USD) / 100_000n,
    heldNanoUsd: percent === null ? null : 0n,
    dayCap: null,
    binding: 'month',
    asOf: percent === null ? null : new Date('2026-11-20T08:00:00Z'),
    source: percent === null ? 'unknown' : 'live',
    burnNanoUsdPerDay: USD,
    spentTodayNanoUsd: USD,
    callsToday: 200,
    failedToday: 1,
    p95TodayMs: 900,
    runsOutAt: null,
    callsLastMinute: 4,
    failedLastMinute: 0,
    refusedLastHour: 0,
    refusingSince: null,
    attention: 'normal',
    ...given,
  };
}

import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { base } from './errors.ts';
import { nanoUsd } from './money.ts';

/** What needs an operator's eye, worst first; `unknown` when the figures cannot be vouched for. */
export const attention = z.enum(['refusing', 'near_cap', 'runs_out', 'unknown', 'suspended', 'normal']);

export const capPeriod = z.enum(['month', 'day']);

/** A cap of a whole tenant in the running period. Periods come from the database, in the tenant's zone. */
export const boardCap = z.object({
  capId: z.uuid(),
  version: z.int(),
  /** Of the cap itself; what is in force is this and the override. */
  limitNanoUsd: nanoUsd,
  /** What temporary raises add to it now; null: none. */
  override: z
    .object({
      amountNanoUsd: nanoUsd,
      count: z.int(),
      /** When the first of them ends; null: they hold until removed. */
      nextEnd: z.date().nullable(),
    })
    .nullable(),
  periodStart: z.date(),
  periodEnd: z.date(),
  /** Percent of the cap at which the gauge has a tick. */
  thresholds: z.array(z.int()),
});

export const boardRow = z.object({
  tenantId: z.uuid(),
  slug: z.string(),
  name: z.string(),
  plan: z.string(),
  currency: z.string(),
  timeZone: z.string(),
  status: z.enum(['active', 'suspended', 'archived']),
  /** The monthly cap; null: none. */
  cap: boardCap.nullable(),
  /** Cost of settled calls in the monthly cap's period; null: unknown, which is not zero. */
  committedNanoUsd: nanoUsd.nullable(),
  /** Bounds of open calls; null: unknown. */
  heldNanoUsd: nanoUsd.nullable(),
  /** The daily cap with the same figures for its day; null: none. */
  dayCap: boardCap.extend({ committedNanoUsd: nanoUsd.nullable(), heldNanoUsd: nanoUsd.nullable() }).nullable(),
  /**
   * The cap that stops calls, or is the first to: the day's when it refuses, or when it is near and nearer than the
   * month's; else the month's, if there is one.
   */
  binding: capPeriod,
  /**
   * The instant (platform's clock) for which committed and held were told; null when unknown. A frame vouches for live
   * rows it does not repeat: they are as of its own `at`.
   */
  asOf: z.date().nullable(),
  /** live: from the gateways; ledger: from PostgreSQL alone (held unknown); kept: neither answers, the figures are as of `asOf`. */
  source: z.enum(['live', 'ledger', 'kept', 'unknown']),
  /** Mean spend a day over the last seven days. */
  burnNanoUsdPerDay: nanoUsd.nullable(),
  spentTodayNanoUsd: nanoUsd.nullable(),
  /** Calls of the tenant's day in the ledger, those that failed among them; null: unknown. */
  callsToday: z.int().nullable(),
  failedToday: z.int().nullable(),
  /** What 95 of 100 answered calls of that day did not take longer than, in milliseconds, within 5 %; null: unknown, or no such call. */
  p95TodayMs: z.int().nullable(),
  /** When the monthly cap runs out at that burn rate, if before the period ends. */
  runsOutAt: z.date().nullable(),
  callsLastMinute: z.int().nullable(),
  failedLastMinute: z.int().nullable(),
  refusedLastHour: z.int().nullable(),
  /** Since when calls are refused for the cap without one passing; null: not refusing. */
  refusingSince: z.date().nullable(),
  attention,
});

export const boardSummary = z.object({
  tenants: z.int(),
  needAttention: z.int(),
  spentTodayNanoUsd: nanoUsd,
  /** Committed of all tenants in their running periods. */
  committedNanoUsd: nanoUsd,
  callsLastMinute: z.int().nullable(),
  refusedLastHour: z.int().nullable(),
  refusingTenants: z.int(),
});

/**
 * snapshot: all rows, replaces what was there. changes: the rows that changed since, and the ids that are gone.
 * At most four frames a second, and one a second even when nothing moved, so that silence is a sign of trouble.
 */
export const boardFrame = z.object({
  kind: z.enum(['snapshot', 'changes']),
  /** When main made the frame, by the platform's clock. */
  at: z.date(),
  /** While the figures are kept ones: when the newest of them was told, by the platform's clock; null: they are of now. */
  keptAsOf: z.date().nullable(),
  /** How often the database had come (back) when the rows were last read whole. */
  returns: z.int(),
  rows: z.array(boardRow),
  removed: z.array(z.uuid()),
  summary: boardSummary,
});

export const board = {
  watch: base.output(eventIterator(boardFrame)),
};

export type CapPeriod = z.infer<typeof capPeriod>;
export type BoardCap = z.infer<typeof boardCap>;
export type Attention = z.infer<typeof attention>;
export type BoardRow = z.infer<typeof boardRow>;
export type BoardSummary = z.infer<typeof boardSummary>;
export type BoardFrame = z.infer<typeof boardFrame>;

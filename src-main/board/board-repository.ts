import { z } from 'zod';
import type { Database } from '../infra/postgres/database.ts';
import type { LedgerCap, LedgerFigures, LedgerRow } from './ledger-row.ts';

export interface BoardRepository {
  /** The tenants this operator may see; with ids, those of them alone. */
  load(tenantIds?: readonly string[]): Promise<LedgerRow[]>;
  /** What moves with every call, of the tenants that were ever used: a small part of the work. */
  figures(): Promise<LedgerFigures[]>;
}

/** Columns of a view are nullable to the catalog; which of them are not is said here, and held against every row. */
const boardRecord = z.object({
  tenant_id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  plan_id: z.string(),
  currency: z.string(),
  time_zone: z.string(),
  status: z.enum(['active', 'suspended', 'archived']),
  cap_id: z.uuid().nullable(),
  cap_version: z.int().nullable(),
  limit_nanousd: z.bigint().nullable(),
  thresholds: z.array(z.int()).nullable(),
  period_start: z.date().nullable(),
  period_end: z.date().nullable(),
  charged_nanousd: z.bigint().nullable(),
  burn_nanousd_per_day: z.bigint().nullable(),
  spent_today_nanousd: z.bigint().nullable(),
  calls_today: z.bigint().transform(Number),
  failed_today: z.bigint().transform(Number),
  p95_today_ms: z.int().nullable(),
  refusals_last_hour: z.int().nullable(),
  as_of: z.date(),
  override_nanousd: z.bigint().nullable(),
  override_count: z.int().nullable(),
  override_next_end: z.date().nullable(),
  granted_nanousd: z.bigint().nullable(),
  day_cap_id: z.uuid().nullable(),
  day_cap_version: z.int().nullable(),
  day_limit_nanousd: z.bigint().nullable(),
  day_thresholds: z.array(z.int()).nullable(),
  day_period_start: z.date().nullable(),
  day_period_end: z.date().nullable(),
  day_charged_nanousd: z.bigint().nullable(),
  day_granted_nanousd: z.bigint().nullable(),
  day_override_nanousd: z.bigint().nullable(),
  day_override_count: z.int().nullable(),
  day_override_next_end: z.date().nullable(),
});

const columns = boardRecord.keyof().options;

const figuresRecord = boardRecord.pick({
  tenant_id: true,
  charged_nanousd: true,
  burn_nanousd_per_day: true,
  spent_today_nanousd: true,
  calls_today: true,
  failed_today: true,
  p95_today_ms: true,
  refusals_last_hour: true,
});

export function createBoardRepository(database: Database): BoardRepository {
  return {
    async load(tenantIds) {
      const found = await database.rows((db) => {
        const board = db.selectFrom('board').select(columns);
        return (tenantIds === undefined ? board : board.where('tenant_id', 'in', tenantIds)).compile();
      });
      return z.array(boardRecord).parse(found).map(ledgerRow);
    },
    async figures() {
      const found = await database.rows((db) =>
        db.selectFrom('board_now').select(figuresRecord.keyof().options).compile(),
      );
      return z
        .array(figuresRecord)
        .parse(found)
        .map((row) => ({
          tenantId: row.tenant_id,
          chargedNanoUsd: row.charged_nanousd,
          burnNanoUsdPerDay: row.burn_nanousd_per_day,
          spentTodayNanoUsd: row.spent_today_nanousd,
          callsToday: row.calls_today,
          failedToday: row.failed_today,
          p95TodayMs: row.p95_today_ms,
          refusedLastHour: row.refusals_last_hour,
        }));
    },
  };
}

function ledgerRow(row: z.infer<typeof boardRecord>): LedgerRow {
  return {
    tenantId: row.tenant_id,
    slug: row.slug,
    name: row.name,
    plan: row.plan_id,
    currency: row.currency,
    timeZone: row.time_zone,
    status: row.status,
    cap: ledgerCap(row),
    dayCap: ledgerCap(dayColumns(row)),
    burnNanoUsdPerDay: row.burn_nanousd_per_day,
    spentTodayNanoUsd: row.spent_today_nanousd,
    callsToday: row.calls_today,
    failedToday: row.failed_today,
    p95TodayMs: row.p95_today_ms,
    refusedLastHour: row.refusals_last_hour,
    at: row.as_of,
  };
}

type CapColumns = Pick<
  z.infer<typeof boardRecord>,
  | 'cap_id'
  | 'cap_version'
  | 'limit_nanousd'
  | 'thresholds'
  | 'period_start'
  | 'period_end'
  | 'charged_nanousd'
  | 'granted_nanousd'
  | 'override_nanousd'
  | 'override_count'
  | 'override_next_end'
>;

function dayColumns(row: z.infer<typeof boardRecord>): CapColumns {
  return {
    cap_id: row.day_cap_id,
    cap_version: row.day_cap_version,
    limit_nanousd: row.day_limit_nanousd,
    thresholds: row.day_thresholds,
    period_start: row.day_period_start,
    period_end: row.day_period_end,
    charged_nanousd: row.day_charged_nanousd,
    granted_nanousd: row.day_granted_nanousd,
    override_nanousd: row.day_override_nanousd,
    override_count: row.day_override_count,
    override_next_end: row.day_override_next_end,
  };
}

function ledgerCap(row: CapColumns): LedgerCap | null {
  const { cap_id, cap_version, limit_nanousd, period_start, period_end } = row;
  if (cap_id === null || cap_version === null || limit_nanousd === null || !period_start || !period_end) return null;
  return {
    capId: cap_id,
    version: cap_version,
    limitNanoUsd: limit_nanousd,
    override: row.override_count
      ? {
          amountNanoUsd: row.override_nanousd ?? 0n,
          count: row.override_count,
          nextEnd: row.override_next_end,
        }
      : null,
    periodStart: period_start,
    periodEnd: period_end,
    thresholds: row.thresholds ?? [],
    chargedNanoUsd: row.charged_nanousd ?? 0n,
    opened: row.granted_nanousd !== null,
  };
}

import { sql, type RawBuilder } from 'kysely';
import { z } from 'zod';
import type {
  MarginDrivers,
  MarginOutlook,
  SetContractInput,
  SetRateInput,
  TenantContract,
} from '../contract/margins.ts';
import type { Database } from '../infra/postgres/database.ts';
import {
  contractRecord,
  driversRecord,
  driversOf,
  monthRecord,
  outlookRecord,
  runningRecord,
  tenantContractOf,
  termsRecord,
  type MonthRecord,
  type RunningRecord,
} from './margin-records.ts';

export interface Changed {
  readonly version: number;
  readonly changedAt: Date;
}

export interface KnownRate {
  readonly currency: string;
  readonly usdPerUnit: string;
  readonly date: string;
  readonly source: string;
  readonly version: number;
}

/** What this operator may see; a viewer gets OperatorError FORBIDDEN. */
export interface MarginsRepository {
  /** The running month of every tenant. */
  running(): Promise<RunningRecord[]>;
  /** Months that are over, `from` to `until` (first days). */
  months(from: string, until: string): Promise<MonthRecord[]>;
  /** The database's clock. */
  now(): Promise<Date>;
  /** Undefined: no such tenant, or nothing in that month. */
  drivers(tenantId: string, firstDay: string): Promise<MarginDrivers | undefined>;
  /** Null: no contract, or none of this operator's tenants. */
  outlook(tenantId: string, extraNanoUsd: bigint): Promise<MarginOutlook | null>;
  contracts(tenantId: string): Promise<TenantContract[]>;
  rates(): Promise<KnownRate[]>;
  setContract(change: SetContractInput): Promise<Changed & { contractId: string }>;
  setRate(change: SetRateInput, date: string): Promise<Changed>;
}

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const changedAnswer = z.object({ version: z.int(), changedAt: instant });

export function createMarginsRepository(database: Database): MarginsRepository {
  async function all<Record>(record: z.ZodType<Record>, text: RawBuilder<unknown>): Promise<Record[]> {
    return z.array(record).parse(await database.rows((db) => (text as RawBuilder<object>).compile(db)));
  }

  async function answer<Answer>(record: z.ZodType<Answer>, text: RawBuilder<unknown>): Promise<Answer> {
    const [row] = await all(z.object({ answer: record }), sql`select ${text} as answer`);
    if (row === undefined) throw new Error('The function of the platform gave no answer.');
    return row.answer;
  }

  return {
    running: () =>
      all(
        runningRecord,
        sql`select t.id as tenant_id, t.name, t.slug, t.status, t.time_zone, to_char(m.month, 'YYYY-MM') as month,
              (m.contract).id as contract_id, (m.contract).currency, (m.contract).target_margin_bp, m.minor_digits,
              m.usd_per_unit::text as usd_per_unit, m.fx_date::text as fx_date, m.fx_source, m.spent_nanousd, m.forecast_nanousd,
              m.high_nanousd, m.cap_bounds, m.to_date_revenue_minor, m.to_date_ai_cost_minor, m.to_date_other_cost_minor, m.to_date_margin_bp,
              m.forecast_revenue_minor, m.forecast_ai_cost_minor, m.forecast_other_cost_minor, m.forecast_margin_bp, m.margin_low_bp,
              m.margin_high_bp, m.to_date_revenue_nanousd, m.to_date_other_nanousd, m.forecast_revenue_nanousd, m.forecast_other_nanousd
            from platform.margin_now(now()) m join platform.tenants t on t.id = m.tenant_id`,
      ),
    months: (from, until) =>
      all(
        monthRecord,
        sql`select t.id as tenant_id, t.name, t.slug, t.status, t.time_zone, to_char(m.month, 'YYYY-MM') as month, m.contract_id,
              m.currency, m.target_margin_bp, m.minor_digits, m.usd_per_unit::text as usd_per_unit, m.fx_date::text as fx_date,
              m.fx_source, m.cost_nanousd, m.revenue_minor, m.ai_cost_minor, m.other_cost_minor, m.margin_bp, m.revenue_nanousd,
              m.other_cost_nanousd
            from platform.margin_months(now(), ${from}, ${until}) m join platform.tenants t on t.id = m.tenant_id`,
      ),
    async now() {
      const [clock] = await all(z.object({ at: z.date() }), sql`select now() as at`);
      if (clock === undefined) throw new Error('PostgreSQL did not tell the time.');
      return clock.at;
    },
    async drivers(tenantId, firstDay) {
      const found = await answer(
        driversRecord.nullable(),
        sql`platform.margin_drivers(now(), ${tenantId}, ${firstDay})`,
      );
      return found === null ? undefined : driversOf(found);
    },
    outlook: (tenantId, extraNanoUsd) =>
      answer(outlookRecord.nullable(), sql`platform.margin_outlook(${tenantId}, ${extraNanoUsd})`),
    async contracts(tenantId) {
      const found = await all(
        contractRecord,
        sql`select c.id, platform.minor_digits(c.currency) as minor_digits, platform.contract_terms(c) as terms
            from platform.contracts c where c.tenant_id = ${tenantId} order by c.valid_from desc`,
      );
      return found.map(tenantContractOf);
    },
    rates: () =>
      all(
        z.object({
          currency: z.string(),
          usdPerUnit: z.string(),
          date: z.string(),
          source: z.string(),
          version: z.int(),
        }),
        sql`select distinct on (currency) currency, usd_per_unit::text as "usdPerUnit", on_date::text as date, source, version
            from platform.fx_rates order by currency, on_date desc`,
      ),
    setContract: ({ tenantId, terms, expectedVersion, idempotencyKey, reason }) =>
      answer(
        changedAnswer.extend({ contractId: z.uuid() }),
        sql`platform.set_contract(${tenantId}, ${termsRecord(terms)}, ${expectedVersion || null}, ${idempotencyKey}, ${reason ?? null})`,
      ),
    setRate: ({ currency, usdPerUnit, source, expectedVersion, idempotencyKey }, date) =>
      answer(
        changedAnswer,
        sql`platform.set_fx_rate(${currency}, ${date}, ${usdPerUnit}, ${source}, ${expectedVersion || null}, ${idempotencyKey}, null)`,
      ),
  };
}

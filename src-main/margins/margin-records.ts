/** What the platform's functions of money answer, as the contract has it. */
import { z } from 'zod';
import type { ContractTerms, MarginDrivers, TenantContract } from '../contract/margins.ts';

const named = {
  tenant_id: z.uuid(),
  name: z.string(),
  slug: z.string(),
  status: z.enum(['active', 'suspended', 'archived']),
  time_zone: z.string(),
  month: z.string(),
  contract_id: z.uuid().nullable(),
  currency: z.string().nullable(),
  target_margin_bp: z.int().nullable(),
  minor_digits: z.int().nullable(),
  usd_per_unit: z.string().nullable(),
  fx_date: z.string().nullable(),
  fx_source: z.string().nullable(),
};
const amount = z.bigint().nullable();

export const monthRecord = z.object({
  ...named,
  cost_nanousd: z.bigint(),
  revenue_minor: amount,
  ai_cost_minor: amount,
  other_cost_minor: amount,
  margin_bp: amount,
  revenue_nanousd: amount,
  other_cost_nanousd: amount,
});

export const runningRecord = z.object({
  ...named,
  spent_nanousd: z.bigint(),
  forecast_nanousd: z.bigint(),
  high_nanousd: amount,
  cap_bounds: z.boolean(),
  to_date_revenue_minor: amount,
  to_date_ai_cost_minor: amount,
  to_date_other_cost_minor: amount,
  to_date_margin_bp: amount,
  forecast_revenue_minor: amount,
  forecast_ai_cost_minor: amount,
  forecast_other_cost_minor: amount,
  forecast_margin_bp: amount,
  margin_low_bp: amount,
  margin_high_bp: amount,
  to_date_revenue_nanousd: amount,
  to_date_other_nanousd: amount,
  forecast_revenue_nanousd: amount,
  forecast_other_nanousd: amount,
});

export type MonthRecord = z.infer<typeof monthRecord>;
export type RunningRecord = z.infer<typeof runningRecord>;

/** Integers below 2^53 by the limits of caps and contracts, so exact in JSON. */
const exact = z.int().transform(BigInt);

export const driversRecord = z.object({
  month: z.string(),
  running: z.boolean(),
  beforeBp: exact.nullable(),
  afterBp: exact.nullable(),
  contractBp: exact.nullable(),
  retainerBp: exact.nullable(),
  overageBp: exact.nullable(),
  otherCostBp: exact.nullable(),
  fxBp: exact.nullable(),
  items: z.array(
    z.object({
      workflow: z.string().nullable(),
      model: z.string().nullable(),
      callsBefore: exact,
      callsAfter: exact,
      costBeforeNanoUsd: exact,
      costAfterNanoUsd: exact,
      volumeBp: exact.nullable(),
      unitCostBp: exact.nullable(),
    }),
  ),
  asOf: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
});

export function driversOf(record: z.infer<typeof driversRecord>): MarginDrivers {
  const { month, running, beforeBp, afterBp, asOf } = record;
  const steps = [
    { kind: 'contract' as const, bp: record.contractBp },
    { kind: 'retainer' as const, bp: record.retainerBp },
    { kind: 'overage' as const, bp: record.overageBp },
    { kind: 'otherCost' as const, bp: record.otherCostBp },
    { kind: 'fx' as const, bp: record.fxBp },
  ].flatMap(({ kind, bp }) => (bp === null ? [] : [{ kind, bp }]));
  const items = record.items.map(({ workflow, ...item }) => ({ workflowName: workflow, ...item }));
  return { month: month.slice(0, 7), running, beforeBp, afterBp, steps, items, asOf };
}

export const contractRecord = z.object({
  id: z.uuid(),
  minor_digits: z.int(),
  terms: z.object({
    validFrom: z.string(),
    validUntil: z.string().nullable(),
    currency: z.string(),
    retainerMinor: exact,
    includedAiNanoUsd: exact.nullable(),
    overageMarkupBp: z.int().nullable(),
    otherDirectCostMinor: exact,
    targetMarginBp: z.int(),
    version: z.int(),
  }),
});

export function tenantContractOf({ id, minor_digits, terms }: z.infer<typeof contractRecord>): TenantContract {
  const { includedAiNanoUsd, overageMarkupBp, ...same } = terms;
  return {
    ...same,
    contractId: id,
    minorDigits: minor_digits,
    validFrom: terms.validFrom.slice(0, 7),
    validUntil: terms.validUntil?.slice(0, 7) ?? 'open',
    overage:
      includedAiNanoUsd === null || overageMarkupBp === null
        ? { kind: 'none' }
        : { kind: 'above', includedAiNanoUsd, markupBp: overageMarkupBp },
  };
}

/** The terms as `platform.set_contract` takes them: JSON, its amounts below 2^53. */
export function termsRecord(terms: ContractTerms): string {
  return JSON.stringify({
    validFrom: firstDay(terms.validFrom),
    validUntil: terms.validUntil === 'open' ? null : lastDay(terms.validUntil),
    currency: terms.currency,
    retainerMinor: Number(terms.retainerMinor),
    includedAiNanoUsd: terms.overage.kind === 'none' ? null : Number(terms.overage.includedAiNanoUsd),
    overageMarkupBp: terms.overage.kind === 'none' ? null : terms.overage.markupBp,
    otherDirectCostMinor: Number(terms.otherDirectCostMinor),
    targetMarginBp: terms.targetMarginBp,
  });
}

/** "2026-11" → "2026-11-01". */
export function firstDay(month: string): string {
  return `${month}-01`;
}

function lastDay(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}

const whole = z.int().transform(BigInt);

export const outlookRecord = z
  .object({
    currency: z.string(),
    minorDigits: z.int(),
    revenueMinor: whole.nullable(),
    toDateBp: whole.nullable(),
    forecastBp: whole.nullable(),
    afterApprovalBp: whole.nullable(),
    targetBp: whole,
    fxRate: z.string().nullable(),
    fxDate: z.string().nullable(),
    fxSource: z.string().nullable(),
  })
  .transform(({ afterApprovalBp, fxRate, fxDate, fxSource, ...same }) => ({
    ...same,
    afterBp: afterApprovalBp,
    rate:
      fxRate !== null && fxDate !== null && fxSource !== null
        ? { usdPerUnit: fxRate, date: fxDate, source: fxSource }
        : null,
  }));

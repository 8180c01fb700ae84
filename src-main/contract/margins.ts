import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { base } from './errors.ts';
import { capNanoUsd, nanoUsd } from './money.ts';

/** Most minor units an amount of a contract may be: fits a double. */
const MAX_MINOR = 9_000_000_000_000_000n;
/** Versions are counted in 32 bits. */
const MAX_VERSION = 2_147_483_647;

/** Contract money: whole minor units (paise, cents) of its own currency. */
const minor = z.bigint();
/** Share of revenue in hundredths of a percent; below zero when money is lost. */
const basisPoints = z.bigint();
/** A calendar month, in each tenant's own zone: "2026-11". */
const month = z.string().regex(/^20\d{2}-(0[1-9]|1[0-2])$/);
const currency = z.string().regex(/^[A-Z]{3}$/);

/** What revenue, AI cost and other direct cost of a month come to. marginBp null: there is no revenue, or no rate to convert with. */
export const marginFigures = z.object({
  revenueMinor: minor.nullable(),
  aiCostMinor: minor.nullable(),
  otherCostMinor: minor.nullable(),
  marginBp: basisPoints.nullable(),
});

/** Whether AI cost above an included amount is paid by the client, with a markup, or covered by the retainer. */
const overage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('above'), includedAiNanoUsd: capNanoUsd, markupBp: z.int().min(0).max(100_000) }),
]);

/** Terms in force from a month on. */
export const contractTerms = z.object({
  /** First month, and last; open: until another contract replaces it. */
  validFrom: month,
  validUntil: z.union([month, z.literal('open')]),
  currency,
  retainerMinor: minor.min(0n).max(MAX_MINOR),
  overage,
  otherDirectCostMinor: minor.min(0n).max(MAX_MINOR),
  targetMarginBp: z.int().min(0).max(10_000),
});

export const tenantContract = contractTerms.extend({
  contractId: z.uuid(),
  version: z.int(),
  /** Decimals of the currency. */
  minorDigits: z.int(),
});

/** The rate that was converted with: USD for one unit, as a decimal. */
export const fxRate = z.object({ usdPerUnit: z.string(), date: z.string(), source: z.string() });

export const marginRow = z.object({
  tenantId: z.uuid(),
  name: z.string(),
  slug: z.string(),
  status: z.enum(['active', 'suspended', 'archived']),
  timeZone: z.string(),
  /** running: the month goes on in the tenant's zone. */
  basis: z.enum(['final', 'running']),
  /** Null: "no contract". */
  contract: tenantContract
    .pick({ contractId: true, currency: true, minorDigits: true, targetMarginBp: true })
    .nullable(),
  fx: fxRate.nullable(),
  /** Of the month so far, or of the whole month when it is over. */
  aiCostNanoUsd: nanoUsd,
  /** Of the whole month, when it is running; bounded by hard caps where `capBounds`. */
  forecastNanoUsd: nanoUsd.nullable(),
  capBounds: z.boolean(),
  /** Retainer and other cost accrued for the days that have begun; null when the month is over. */
  toDate: marginFigures.nullable(),
  /** The whole month: its forecast while it is running. Null without a contract. */
  whole: marginFigures.nullable(),
  /** In which about 8 of 10 forecasts end; null: over, or too young to say. */
  range: z.object({ lowBp: basisPoints, highBp: basisPoints }).nullable(),
  /** Margin of the month before, final. Null: there is none, or it is older than the 13 months. */
  before: basisPoints.nullable(),
  /** Margins of the 13 months, oldest first, the running one by its forecast. */
  history: z.array(basisPoints.nullable()),
});

/** All clients together, in one currency. AI cost includes that of clients without a contract. */
export const fleetMargin = z.object({
  currency,
  minorDigits: z.int(),
  fx: fxRate,
  toDate: marginFigures.nullable(),
  whole: marginFigures,
  range: z.object({ lowBp: basisPoints, highBp: basisPoints }).nullable(),
  /** Clients with a margin, those below their target, those who lose money. */
  clients: z.int(),
  belowTarget: z.int(),
  losing: z.int(),
  /** AI and other direct cost of the whole month ÷ clients with a contract. */
  costPerClientMinor: minor.nullable(),
  withoutContract: z.int(),
  /** They have a contract in a currency of which no rate is known, and are in no sum. */
  withoutRate: z.int(),
});

export const trendMonth = z.object({
  month,
  basis: z.enum(['final', 'running']),
  marginBp: basisPoints.nullable(),
  /** Nano-USD, each client's at its own rate. */
  revenueNanoUsd: nanoUsd,
  costNanoUsd: nanoUsd,
  clients: z.int(),
});

export const marginsState = z.object({
  month,
  /** The month that is running on the platform's clock (UTC). */
  running: month,
  rows: z.array(marginRow),
  fleet: fleetMargin.nullable(),
  /** 13 months, oldest first. */
  trend: z.array(trendMonth),
  /** When the database answered; null: it has not yet. */
  asOf: z.date().nullable(),
  /** Why the figures are from before, in a sentence; null when they are not. */
  trouble: z.string().nullable(),
});

/** The forecast of the running month for each client with a margin, for a column of the board. */
export const marginColumn = z.object({
  margins: z.array(z.object({ tenantId: z.uuid(), forecastBp: basisPoints, targetBp: z.int() })),
  /** Null: not read yet, or not for this operator. */
  asOf: z.date().nullable(),
});

const driverItem = z.object({
  workflowName: z.string().nullable(),
  model: z.string().nullable(),
  callsBefore: z.bigint(),
  /** Of a running month: as many as its forecast expects. */
  callsAfter: z.bigint(),
  costBeforeNanoUsd: nanoUsd,
  costAfterNanoUsd: nanoUsd,
  volumeBp: basisPoints.nullable(),
  unitCostBp: basisPoints.nullable(),
});

/** Why a margin differs from the month before: steps that add up to the difference exactly. */
export const marginDrivers = z.object({
  month,
  running: z.boolean(),
  beforeBp: basisPoints.nullable(),
  afterBp: basisPoints.nullable(),
  /** The steps that are not calls: retainer, overage, other direct cost, rate; or a contract in another currency, as one. */
  steps: z.array(z.object({ kind: z.enum(['contract', 'retainer', 'overage', 'otherCost', 'fx']), bp: basisPoints })),
  items: z.array(driverItem),
  asOf: z.date(),
});

const reason = z
  .string()
  .trim()
  .max(500)
  .refine((text) => !text.includes('\u0000'), 'Has a character that no keyboard types')
  .optional();

/** Made once a click: the same change sent twice has one effect. */
const idempotencyKey = z.uuid();
/** The version the operator saw; 0: there was none. */
const expectedVersion = z.int().min(0).max(MAX_VERSION);

export const setContractInput = z.object({
  tenantId: z.uuid(),
  terms: contractTerms,
  expectedVersion,
  idempotencyKey,
  reason,
});

/** USD for one unit of the currency: a decimal above zero with at most 12 decimals. */
const decimalRate = z.string().regex(/^(?=.*[1-9])\d{1,7}(\.\d{1,12})?$/);

export const setRateInput = z.object({
  currency,
  usdPerUnit: decimalRate,
  source: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .refine((text) => !text.includes('\u0000'), 'Has a character that no keyboard types'),
  expectedVersion,
  idempotencyKey,
});

const changed = z.object({ version: z.int(), changedAt: z.date() });

/** One client's running month, for who decides about its cap. Null figures: no rate is known, or no revenue, or (after) no hard monthly cap. */
export const marginOutlook = z.object({
  currency,
  minorDigits: z.int(),
  /** Of the whole month. */
  revenueMinor: minor.nullable(),
  toDateBp: basisPoints.nullable(),
  forecastBp: basisPoints.nullable(),
  /** The whole month with the cap, raised by the amount, used up. */
  afterBp: basisPoints.nullable(),
  targetBp: basisPoints,
  rate: fxRate.nullable(),
});

export const margins = {
  /** Margins of a month; a new state when they changed, every few seconds at most. */
  watch: base.input(z.object({ month: z.union([month, z.literal('running')]) })).output(eventIterator(marginsState)),
  watchColumn: base.output(eventIterator(marginColumn)),
  drivers: base.input(z.object({ tenantId: z.uuid(), month })).output(marginDrivers),
  /** Null: there is no contract. `extraNanoUsd`: by how much the monthly cap would be raised. */
  outlook: base
    .input(z.object({ tenantId: z.uuid(), extraNanoUsd: capNanoUsd }))
    .output(z.object({ outlook: marginOutlook.nullable() })),
  /** A client's contracts, the latest first. */
  contracts: base.input(z.object({ tenantId: z.uuid() })).output(z.object({ contracts: z.array(tenantContract) })),
  /** The newest rate of each currency. `today`: the platform's day (UTC), for which a new one is entered. */
  rates: base.output(
    z.object({
      rates: z.array(fxRate.extend({ currency, version: z.int() })),
      today: z.string(),
    }),
  ),
  setContract: base.input(setContractInput).output(changed.extend({ tenantId: z.uuid(), contractId: z.uuid() })),
  /** Today's rate. */
  setRate: base.input(setRateInput).output(changed.extend({ currency, date: z.string() })),
};

export type MarginFigures = z.infer<typeof marginFigures>;
export type ContractTerms = z.infer<typeof contractTerms>;
export type TenantContract = z.infer<typeof tenantContract>;
export type FxRate = z.infer<typeof fxRate>;
export type MarginRow = z.infer<typeof marginRow>;
export type FleetMargin = z.infer<typeof fleetMargin>;
export type TrendMonth = z.infer<typeof trendMonth>;
export type MarginsState = z.infer<typeof marginsState>;
export type MarginColumn = z.infer<typeof marginColumn>;
export type MarginOutlook = z.infer<typeof marginOutlook>;
export type MarginDrivers = z.infer<typeof marginDrivers>;
export type SetContractInput = z.infer<typeof setContractInput>;
export type SetRateInput = z.infer<typeof setRateInput>;

/** The page's figures from what the database answers: rows, the fleet, 13 months. Pure; whole numbers all the way. */
import type { FleetMargin, MarginFigures, MarginRow, MarginsState, TrendMonth } from '../contract/margins.ts';
import type { MonthRecord, RunningRecord } from './margin-records.ts';
import { dividedHalfUp, marginBp, rateIn, squareRoot } from './whole-numbers.ts';

/** What was read at one moment. */
export interface MarginPicture {
  readonly running: readonly RunningRecord[];
  readonly months: readonly MonthRecord[];
  /** The database's clock. */
  readonly asOf: Date;
}

const MONTHS = 13;
const NANO = 1_000_000_000n;

/** "2026-11" and the twelve months before it, oldest first. */
export function monthsUntil(month: string): string[] {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return Array.from({ length: MONTHS }, (_, index) =>
    new Date(Date.UTC(year, number - MONTHS + index, 1)).toISOString().slice(0, 7),
  );
}

export function monthOf(instant: Date): string {
  return instant.toISOString().slice(0, 7);
}

export function marginsOf(picture: MarginPicture, month: string): Omit<MarginsState, 'trouble'> {
  const running = monthOf(picture.asOf);
  const list = monthsUntil(running);
  const parts = partsByMonth(picture);
  const history = historyByTenant(parts, list);
  const now = parts.get(month) ?? [];
  const rows = now
    .map(({ row }) => {
      const all = history.get(row.tenantId) ?? [];
      return { ...row, before: all[list.indexOf(month) - 1] ?? null, history: all };
    })
    .toSorted((one, other) => byLoss(one, other));
  return {
    month,
    running,
    rows,
    fleet: fleetOf(now),
    trend: list.map((each) => trendOf(each, parts.get(each) ?? [], each === running)),
    asOf: picture.asOf,
  };
}

/** One tenant's month: its row, and the same amounts in nano-USD for sums. Null: not to be summed. */
interface Part {
  readonly row: Omit<MarginRow, 'history' | 'before'>;
  readonly toDate: Sums | null;
  readonly whole: Sums | null;
  /** How far above the forecast the cost may be, nano-USD; of a client without a range: by all that is still to come. */
  readonly above: bigint;
}

interface Sums {
  readonly revenue: bigint;
  readonly aiCost: bigint;
  readonly otherCost: bigint;
}

function partsByMonth({ running, months }: MarginPicture): Map<string, Part[]> {
  const parts = new Map<string, Part[]>();
  const add = (month: string, part: Part): void => {
    const known = parts.get(month);
    if (known) known.push(part);
    else parts.set(month, [part]);
  };
  for (const record of months) add(record.month, finalPart(record));
  for (const record of running) add(record.month, runningPart(record));
  return parts;
}

function finalPart(record: MonthRecord): Part {
  const whole = figures(record.revenue_minor, record.ai_cost_minor, record.other_cost_minor, record.margin_bp);
  const row = {
    ...shared(record),
    basis: 'final' as const,
    aiCostNanoUsd: record.cost_nanousd,
    forecastNanoUsd: null,
    capBounds: false,
    toDate: null,
    whole: record.contract_id === null ? null : whole,
    range: null,
  };
  const summed = sums(record, record.revenue_nanousd, record.cost_nanousd, record.other_cost_nanousd);
  return { row, toDate: summed, whole: summed, above: 0n };
}

function runningPart(record: RunningRecord): Part {
  const toDate = figures(
    record.to_date_revenue_minor,
    record.to_date_ai_cost_minor,
    record.to_date_other_cost_minor,
    record.to_date_margin_bp,
  );
  const whole = figures(
    record.forecast_revenue_minor,
    record.forecast_ai_cost_minor,
    record.forecast_other_cost_minor,
    record.forecast_margin_bp,
  );
  const { margin_low_bp: lowBp, margin_high_bp: highBp, high_nanousd: high, forecast_nanousd: forecast } = record;
  const row = {
    ...shared(record),
    basis: 'running' as const,
    aiCostNanoUsd: record.spent_nanousd,
    forecastNanoUsd: forecast,
    capBounds: record.cap_bounds,
    toDate: record.contract_id === null ? null : toDate,
    whole: record.contract_id === null ? null : whole,
    range: lowBp === null || highBp === null ? null : { lowBp, highBp },
  };
  return {
    row,
    toDate: sums(record, record.to_date_revenue_nanousd, record.spent_nanousd, record.to_date_other_nanousd),
    whole: sums(record, record.forecast_revenue_nanousd, forecast, record.forecast_other_nanousd),
    above: high === null ? forecast - record.spent_nanousd : high - forecast,
  };
}

function shared(record: MonthRecord | RunningRecord) {
  const { contract_id, currency, minor_digits, target_margin_bp, usd_per_unit, fx_date, fx_source } = record;
  return {
    tenantId: record.tenant_id,
    name: record.name,
    slug: record.slug,
    status: record.status,
    timeZone: record.time_zone,
    contract:
      contract_id === null || currency === null || minor_digits === null || target_margin_bp === null
        ? null
        : { contractId: contract_id, currency, minorDigits: minor_digits, targetMarginBp: target_margin_bp },
    fx:
      usd_per_unit === null || fx_date === null || fx_source === null
        ? null
        : { usdPerUnit: usd_per_unit, date: fx_date, source: fx_source },
  };
}

/** Without a rate the AI cost is not known in that currency: nothing but the revenue of the retainer would be true. */
function figures(
  revenue: bigint | null,
  aiCost: bigint | null,
  otherCost: bigint | null,
  margin: bigint | null,
): MarginFigures {
  return { revenueMinor: revenue, aiCostMinor: aiCost, otherCostMinor: otherCost, marginBp: margin };
}

/** A client without a contract costs the agency its AI all the same; one without a rate can't be summed. */
function sums(
  record: MonthRecord | RunningRecord,
  revenue: bigint | null,
  aiCost: bigint,
  otherCost: bigint | null,
): Sums | null {
  if (record.contract_id === null) return { revenue: 0n, aiCost, otherCost: 0n };
  return revenue === null || otherCost === null ? null : { revenue, aiCost, otherCost };
}

function total(parts: readonly Part[], which: 'toDate' | 'whole'): Sums {
  return parts.reduce(
    (sum, { [which]: part }) =>
      part === null
        ? sum
        : {
            revenue: sum.revenue + part.revenue,
            aiCost: sum.aiCost + part.aiCost,
            otherCost: sum.otherCost + part.otherCost,
          },
    { revenue: 0n, aiCost: 0n, otherCost: 0n },
  );
}

function fleetOf(parts: readonly Part[]): FleetMargin | null {
  const money = commonCurrency(parts);
  if (money === undefined) return null;
  const { contract, fx } = money;
  const minor = (nanoUsd: bigint): bigint =>
    dividedHalfUp(
      nanoUsd * 10n ** BigInt(contract.minorDigits) * rateIn(fx.usdPerUnit).scale,
      NANO * rateIn(fx.usdPerUnit).scaled,
    );
  const inMinor = ({ revenue, aiCost, otherCost }: Sums): MarginFigures => {
    const [revenueMinor, aiCostMinor, otherCostMinor] = [minor(revenue), minor(aiCost), minor(otherCost)];
    return { revenueMinor, aiCostMinor, otherCostMinor, marginBp: marginBp(revenueMinor, aiCostMinor, otherCostMinor) };
  };
  const whole = total(parts, 'whole');
  const contracted = parts.filter(({ row, whole: part }) => row.contract !== null && part !== null);
  const margins = contracted.flatMap(({ row }) => {
    const bp = row.whole?.marginBp ?? null;
    return row.contract === null || bp === null ? [] : { bp, target: BigInt(row.contract.targetMarginBp) };
  });
  const isRunning = parts.some(({ row }) => row.basis === 'running');
  return {
    currency: contract.currency,
    minorDigits: contract.minorDigits,
    fx,
    toDate: isRunning ? inMinor(total(parts, 'toDate')) : null,
    whole: inMinor(whole),
    range: isRunning ? fleetRange(parts, whole) : null,
    clients: margins.length,
    belowTarget: margins.filter(({ bp, target }) => bp < target).length,
    losing: margins.filter(({ bp }) => bp < 0n).length,
    costPerClientMinor:
      contracted.length === 0
        ? null
        : minor(dividedHalfUp(costOf(total(contracted, 'whole')), BigInt(contracted.length))),
    withoutContract: parts.filter(({ row }) => row.contract === null).length,
    withoutRate: parts.filter(({ row, whole: part }) => row.contract !== null && part === null).length,
  };
}

const costOf = ({ aiCost, otherCost }: Sums): bigint => aiCost + otherCost;

/** Clients miss their forecasts each for itself, so the fleet's miss is the root of the sum of squares. */
function fleetRange(parts: readonly Part[], whole: Sums): FleetMargin['range'] {
  const squares = parts.reduce((sum, { whole: part, above }) => (part === null ? sum : sum + above ** 2n), 0n);
  const miss = squareRoot(squares);
  const lowBp = marginBp(whole.revenue, whole.aiCost + miss, whole.otherCost);
  const highBp = marginBp(whole.revenue, whole.aiCost - miss, whole.otherCost);
  return lowBp === null || highBp === null ? null : { lowBp, highBp };
}

/** The currency of most contracts, and what the fleet is told in. */
function commonCurrency(parts: readonly Part[]) {
  const counts = new Map<string, number>();
  const known = parts.flatMap(({ row: { contract, fx } }) => (contract && fx ? { contract, fx } : []));
  for (const { contract } of known) counts.set(contract.currency, (counts.get(contract.currency) ?? 0) + 1);
  const [first] = [...counts].toSorted(([one, a], [other, b]) => b - a || (one < other ? -1 : 1));
  return known.find(({ contract }) => contract.currency === first?.[0]);
}

function trendOf(month: string, parts: readonly Part[], running: boolean): TrendMonth {
  const { revenue, aiCost, otherCost } = total(parts, 'whole');
  return {
    month,
    basis: running ? 'running' : 'final',
    marginBp: marginBp(revenue, aiCost, otherCost),
    revenueNanoUsd: revenue,
    costNanoUsd: aiCost + otherCost,
    clients: parts.filter(({ row }) => row.contract !== null).length,
  };
}

function historyByTenant(
  parts: ReadonlyMap<string, readonly Part[]>,
  list: readonly string[],
): Map<string, (bigint | null)[]> {
  const history = new Map<string, (bigint | null)[]>();
  for (const [index, month] of list.entries()) {
    for (const { row } of parts.get(month) ?? []) {
      const known = history.get(row.tenantId) ?? Array.from({ length: list.length }, () => null);
      known[index] = row.whole?.marginBp ?? null;
      history.set(row.tenantId, known);
    }
  }
  return history;
}

/** The largest loss first, those without a margin last. */
function byLoss(one: MarginRow, other: MarginRow): number {
  const [a, b] = [one.whole?.marginBp ?? null, other.whole?.marginBp ?? null];
  if (a === null || b === null) return a === b ? one.name.localeCompare(other.name) : a === null ? 1 : -1;
  return a === b ? one.name.localeCompare(other.name) : a < b ? -1 : 1;
}

import { stringify } from 'csv-stringify/sync';
import type { TenantMonth } from '../contract/reports.ts';
import { convertNanoUsd } from './report-money.ts';
import { reportValue } from './report-value.ts';

/**
 * One table for everything: a row a thing (the month, a workflow, a model, a day …), the same columns in all of them. So it opens in any
 * spreadsheet, can be filtered by `section` and put below another client's or another month's; tables one below the other could not.
 */
const COLUMNS = [
  'section',
  'item',
  'value',
  'calls',
  'failed_calls',
  'success_percent',
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
  'reasoning_tokens',
  'tokens_per_call',
  'cost_usd',
  'cost',
  'currency',
  'limit_usd',
  'limit',
  'units',
  'unit',
  'cost_per_unit',
  'hours_saved',
  'worth',
  'worth_currency',
] as const;

/** Numbers as they are; amounts and shares as decimals that no float was near. Null or absent: an empty cell. */
type Cell = string | number | bigint | Decimal | null;
type Row = Partial<Record<(typeof COLUMNS)[number], Cell>>;
type Usage = Pick<TenantMonth['total'], 'calls' | 'failedCalls' | 'costNanoUsd'>;

interface Decimal {
  readonly decimal: string;
}

/**
 * A client's month as CSV (RFC 4180, UTF-8 with a mark so that spreadsheets read every script, decimal points everywhere). `cost_usd` is exact;
 * `cost` is in the client's currency at the rate that is named, each amount rounded by itself. Text that a spreadsheet would take for a formula
 * has a ' before it.
 */
export function reportCsv(data: TenantMonth): string {
  const amounts = amountsOf(data);
  const rows: Row[] = [
    ...stamps(data),
    { section: 'total', item: data.month, ...usageCells(data.total, amounts) },
    ...data.workflows.map((workflow) => ({
      section: 'workflow',
      item: workflow.name ?? '(no workflow)',
      ...usageCells(workflow, amounts),
    })),
    ...data.models.map((model) => ({
      section: 'model',
      item: model.model,
      value: model.provider,
      ...usageCells(model, amounts),
    })),
    ...data.months.map((month) => ({ section: 'month', item: month.month, ...callCells(month, amounts) })),
    ...data.days.map((day) => ({ section: 'day', item: day.day, ...callCells(day, amounts) })),
    ...budgetRows(data, amounts),
    ...valueRows(data, amounts),
  ];
  return stringify(rows, {
    header: true,
    columns: [...COLUMNS],
    bom: true,
    record_delimiter: 'windows',
    escape_formulas: true,
    cast: { object: (cell) => ({ value: isDecimal(cell) ? cell.decimal : '', escape_formulas: false }) },
  });
}

function stamps({
  tenant,
  brand,
  month,
  basis,
  asOf,
  fx,
  priceVersions,
  ledgerRows,
  latency,
  counters,
}: TenantMonth): Row[] {
  const stamp = (item: string, value: Cell): Row => ({ section: 'report', item, value });
  const figure = (item: string, value: Cell): Row => ({ section: 'quality', item, value });
  return [
    stamp('client', tenant.name),
    stamp('name_on_report', brand.displayName),
    stamp('month', month),
    stamp('time_zone', tenant.timeZone),
    stamp('basis', basis),
    stamp('data_as_of', asOf.toISOString()),
    stamp('currency', tenant.currency),
    stamp('usd_per_unit_of_currency', fx === null ? null : decimalOf(fx.usdPerUnit)),
    stamp('rate_date', fx?.date ?? null),
    stamp('rate_source', fx?.source ?? null),
    stamp('price_book', priceVersions.join('; ')),
    stamp('ledger_rows', ledgerRows),
    figure('latency_p50_ms', latency?.p50Ms ?? null),
    figure('latency_p95_ms', latency?.p95Ms ?? null),
    figure('latency_p99_ms', latency?.p99Ms ?? null),
    figure('messages', counters.messages),
    figure('conversations', counters.conversations),
    figure('integration_calls', counters.integrations),
  ];
}

/** Amounts of AI cost. In the client's currency they are null where no rate is known. */
interface Amounts {
  /** Of AI cost; null without a rate. */
  readonly currency: string | null;
  usd(nanoUsd: bigint): Decimal;
  own(nanoUsd: bigint): Decimal | null;
  /** One of so many, with two more decimals. */
  each(nanoUsd: bigint, among: number): Decimal | null;
  /** Minor units of the client's currency. */
  minor(amount: bigint): Decimal;
}

function amountsOf({ tenant: { currency, minorDigits }, fx }: TenantMonth): Amounts {
  const known = fx !== null || currency === 'USD';
  return {
    currency: known ? currency : null,
    usd: (nanoUsd) => decimalOf(scaled(nanoUsd, 9)),
    own: (nanoUsd) => (known ? decimalOf(scaled(convertNanoUsd(nanoUsd, fx, minorDigits), minorDigits)) : null),
    each: (nanoUsd, among) =>
      known && among > 0
        ? decimalOf(scaled(convertNanoUsd(nanoUsd, fx, minorDigits + 2, BigInt(among)), minorDigits + 2))
        : null,
    minor: (amount) => decimalOf(scaled(amount, minorDigits)),
  };
}

function callCells({ calls, failedCalls, costNanoUsd }: Usage, amounts: Amounts): Row {
  return {
    calls,
    failed_calls: failedCalls,
    success_percent: calls > 0 ? share(calls - failedCalls, calls) : null,
    cost_usd: amounts.usd(costNanoUsd),
    cost: amounts.own(costNanoUsd),
    currency: amounts.currency,
  };
}

function usageCells(usage: TenantMonth['total'], amounts: Amounts): Row {
  const { calls, inputTokens, outputTokens } = usage;
  return {
    ...callCells(usage, amounts),
    input_tokens: inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    output_tokens: outputTokens,
    reasoning_tokens: usage.reasoningTokens,
    tokens_per_call: calls > 0 ? Math.round((inputTokens + outputTokens) / calls) : null,
  };
}

/** Periods of the client's cap, which follow its anchor day. */
function budgetRows({ budget }: TenantMonth, amounts: Amounts): Row[] {
  return budget.map(({ from, until, limitNanoUsd, chargedNanoUsd }) => ({
    section: 'budget',
    item: `${from.toISOString()}/${until.toISOString()}`,
    cost_usd: amounts.usd(chargedNanoUsd),
    cost: amounts.own(chargedNanoUsd),
    currency: amounts.currency,
    limit_usd: amounts.usd(limitNanoUsd),
    limit: amounts.own(limitNanoUsd),
  }));
}

function valueRows(data: TenantMonth, amounts: Amounts): Row[] {
  const value = reportValue(data);
  return (value?.workflows ?? []).map(({ workflow, unit, units, costNanoUsd, tenthsOfHours, worthMinor }) => ({
    section: 'value',
    item: workflow ?? '(no workflow)',
    cost_usd: amounts.usd(costNanoUsd),
    cost: amounts.own(costNanoUsd),
    currency: amounts.currency,
    units,
    unit,
    cost_per_unit: amounts.each(costNanoUsd, units),
    hours_saved: decimalOf(scaled(tenthsOfHours, 1)),
    worth: amounts.minor(worthMinor),
    worth_currency: data.tenant.currency,
  }));
}

const decimalOf = (text: string): Decimal => ({ decimal: text });
const isDecimal = (cell: object): cell is Decimal => 'decimal' in cell;

/** A whole number of 10⁻ᵈⁱᵍⁱᵗˢ as a decimal. */
function scaled(amount: bigint, digits: number): string {
  const text = (amount < 0n ? -amount : amount).toString().padStart(digits + 1, '0');
  const sign = amount < 0n ? '-' : '';
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** In percent with one decimal, rounded down: 100 means all. */
function share(part: number, whole: number): Decimal {
  return decimalOf(scaled((BigInt(part) * 1000n) / BigInt(whole), 1));
}

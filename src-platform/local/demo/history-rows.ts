import { billedCost } from '../provider/price-list.ts';
import type { BookedPrice } from '../../prices/price-book.ts';
import { keyId, tenantId, workflowId } from '../register-platform.ts';
import { integerBetween, logNormal, seededRandom, weightedPick, type Random } from '../seeded-random.ts';
import { stableId } from '../stable-id.ts';
import { hourWeights, weekdayWeight, type DemoTenant, type DemoWorkflow } from './demo-tenant.ts';
import { DAY_MS, zoneClock, type ZoneDay } from './zone-clock.ts';

/** A call of the past as `platform.ingest` takes it. Amounts in nano-USD, below 2^53. */
export interface HistoryRow {
  readonly tenant_id: string;
  readonly occurred_at: string;
  readonly request_id: string;
  readonly attempt: number;
  readonly kind: 'charge';
  readonly key_id: string;
  readonly workflow_id: string;
  readonly session: string | null;
  readonly provider: string;
  readonly model: string;
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly cache_write_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_tokens: number;
  readonly units: number | null;
  readonly cost_nanousd: number;
  readonly latency_ms: number;
  readonly first_token_ms: number | null;
  readonly http_status: number;
  readonly outcome: 'ok' | 'provider_error';
  readonly price_version: number;
  readonly grant_id: null;
}

/** A stretch of a tenant's past. The same stretch gives the same rows: random numbers and request ids follow from it. */
export interface HistoryStretch {
  readonly tenant: DemoTenant;
  readonly from: number;
  readonly until: number;
  /** About so many rows. */
  readonly rows: number;
  /** Tells this stretch's request ids from another's. */
  readonly name: string;
}

/** Prices of a model, oldest first. */
export type PricesByModel = ReadonlyMap<string, readonly BookedPrice[]>;

const MONTH_MS = 30 * DAY_MS;
const FAILURES = [500, 529, 429] as const;
const OUTPUT_LIMITS = { free: 2_000, pro: 8_000, enterprise: 16_000 } as const;

export function pricesByModel(book: readonly BookedPrice[]): PricesByModel {
  return Map.groupBy(book, ({ model }) => model);
}

/** Invents the calls of a stretch: growing by the month, by weekday and hour of the tenant's own zone. In order of days. */
export function* historyRows(stretch: HistoryStretch, prices: PricesByModel): Generator<HistoryRow> {
  const { tenant, from, until } = stretch;
  const random = seededRandom(`${stretch.name} ${tenant.slug} ${from}`);
  const clock = zoneClock(tenant.timeZone);
  const days = dayWeights(tenant, clock.dayOf(from), clock.dayOf(until), random);
  // The last day is drawn whole and cut at `until`, the first likewise: a share of the rows wanted falls outside.
  const total = days.reduce((sum, { weight }) => sum + weight, 0);
  const inside = (until - from) / (clock.dayOf(until) - clock.dayOf(from) + DAY_MS);
  const perWeight = total === 0 ? 0 : stretch.rows / total / Math.max(inside, 0.01);
  let number = 0;
  for (const { day, workflow, weight } of days) {
    const calls = Math.floor(weight * perWeight + random());
    for (let call = 0; call < calls; call += 1) {
      number += 1;
      const hours = hourWeights(workflow.curve);
      const hour = weightedPick(random, [...hours.keys()], (hour) => hours[hour] ?? 0);
      const at = clock.instantOf(day, (hour + random()) * 3_600_000);
      const row = inventCall(stretch, workflow, prices, random, Math.floor(at), number);
      if (at >= from && at < until) yield row;
    }
  }
}

function dayWeights(
  tenant: DemoTenant,
  first: ZoneDay,
  last: ZoneDay,
  random: Random,
): { day: ZoneDay; workflow: DemoWorkflow; weight: number }[] {
  const weights = [];
  for (let day = first; day <= last; day += DAY_MS) {
    const grown = (1 + tenant.growth) ** ((day - first) / MONTH_MS);
    const mood = logNormal(random, 1, 0.18);
    const weekday = new Date(day).getUTCDay();
    for (const workflow of tenant.workflows) {
      const weight = grown * mood * workflow.weight * weekdayWeight(workflow.curve, weekday);
      weights.push({ day, workflow, weight });
    }
  }
  return weights;
}

function inventCall(
  { tenant, name }: HistoryStretch,
  workflow: DemoWorkflow,
  prices: PricesByModel,
  random: Random,
  at: number,
  number: number,
): HistoryRow {
  const { provider, model } = weightedPick(random, workflow.models, ({ share }) => share);
  const price = priceAt(prices, model, at);
  const failed = random() < 0.014;
  const input = Math.round(logNormal(random, workflow.inputTokens, 0.5));
  const output = Math.min(OUTPUT_LIMITS[tenant.plan], Math.round(logNormal(random, workflow.outputTokens, 0.5)));
  const cached = input > 1_024 && random() < 0.45 ? Math.floor((input * random() * 0.8) / 128) * 128 : 0;
  const reasoning = /^(gpt-5|gpt-6|o\d)/.test(model) ? Math.floor(output * (0.1 + 0.3 * random())) : 0;
  const streams = random() < workflow.streaming;
  const firstToken = Math.round(logNormal(random, 480, 0.4));
  const latency = firstToken + Math.round(output * logNormal(random, 9, 0.25));
  const tokens = failed
    ? { input: 0, cachedInput: 0, cacheWrite: 0, hourCacheWrite: 0, output: 0, reasoning: 0 }
    : { input, cachedInput: cached, cacheWrite: 0, hourCacheWrite: 0, output, reasoning };
  return {
    tenant_id: tenantId(tenant.slug),
    occurred_at: new Date(at).toISOString(),
    request_id: stableId('request', name, tenant.slug, String(number)),
    attempt: 1,
    kind: 'charge',
    key_id: keyId(tenant.slug),
    workflow_id: workflowId(tenant.slug, workflow.slug),
    session: null,
    provider,
    model,
    input_tokens: tokens.input,
    cached_input_tokens: tokens.cachedInput,
    cache_write_tokens: 0,
    output_tokens: tokens.output,
    reasoning_tokens: tokens.reasoning,
    units: null,
    cost_nanousd: Number(billedCost(price, tokens)),
    latency_ms: failed ? firstToken : latency,
    first_token_ms: streams && !failed ? firstToken : null,
    http_status: failed ? (FAILURES[integerBetween(random, 0, 2)] ?? 500) : 200,
    outcome: failed ? 'provider_error' : 'ok',
    price_version: price.priceVersion,
    grant_id: null,
  };
}

/** The price of a model that was in force. */
export function priceAt(prices: PricesByModel, model: string, at: number): BookedPrice {
  const price = prices.get(model)?.findLast(({ validFrom }) => validFrom.getTime() <= at);
  if (!price) throw new Error(`The price book has no price of ${model} for ${new Date(at).toISOString()}.`);
  return price;
}

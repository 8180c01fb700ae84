import { findProvider, type ModelPrice } from '@pydantic/genai-prices';
import { Big } from 'big.js';

/** One row of the price book: nano-USD per million tokens, valid from an instant on. */
export interface BookedPrice {
  readonly provider: string;
  readonly model: string;
  readonly priceVersion: number;
  readonly validFrom: Date;
  readonly input: bigint;
  readonly cachedInput: bigint;
  readonly cacheWrite: bigint;
  /** Written for an hour; null: the provider sells no such thing. */
  readonly hourCacheWrite: bigint | null;
  readonly output: bigint;
  readonly reasoning: bigint;
  /** Above this many input tokens the long rates count; null: the model has no such border. */
  readonly longContextTokens: number | null;
  readonly longContextInput: bigint | null;
  readonly longContextOutput: bigint | null;
  readonly longContextCachedInput: bigint | null;
  readonly longContextCacheWrite: bigint | null;
  readonly longContextHourCacheWrite: bigint | null;
  /** Null: it makes no text. */
  readonly maxOutputTokens: number | null;
}

/** The models that agencies use, with the longest answer each gives (tokens; not part of the price data); null: it gives none. */
const MODELS: readonly (readonly [provider: string, models: Readonly<Record<string, number | null>>])[] = [
  [
    'openai',
    {
      'gpt-3.5-turbo': 4_096,
      'gpt-4o': 16_384,
      'gpt-4o-mini': 16_384,
      'gpt-4.1': 32_768,
      'gpt-4.1-mini': 32_768,
      'gpt-4.1-nano': 32_768,
      o3: 100_000,
      'o3-mini': 100_000,
      'o4-mini': 100_000,
      'gpt-5': 128_000,
      'gpt-5-mini': 128_000,
      'gpt-5-nano': 128_000,
      'gpt-5.1': 128_000,
      'gpt-5.2': 128_000,
      'gpt-5.4': 128_000,
      'gpt-5.4-mini': 128_000,
      'gpt-5.4-nano': 128_000,
      'gpt-5.5': 128_000,
      'gpt-5.6-luna': 128_000,
      'gpt-5.6-sol': 128_000,
      'gpt-5.6-terra': 128_000,
      'gpt-6-astra': 128_000,
      'gpt-6-luna': 128_000,
      'gpt-6-sol': 128_000,
      'text-embedding-3-small': null,
      'text-embedding-3-large': null,
      'text-embedding-ada-002': null,
    },
  ],
  [
    'anthropic',
    {
      'claude-haiku-4-5': 64_000,
      'claude-sonnet-4-5': 64_000,
      'claude-sonnet-4-6': 64_000,
      'claude-sonnet-5': 128_000,
      'claude-opus-4-5': 64_000,
      'claude-opus-4-6': 128_000,
      'claude-opus-5': 128_000,
      'claude-opus-5-5': 128_000,
    },
  ],
  [
    'google',
    {
      'gemini-2.0-flash': 8_192,
      'gemini-2.5-flash': 65_536,
      'gemini-2.5-flash-lite': 65_536,
      'gemini-2.5-pro': 65_536,
      'gemini-3-flash-preview': 65_536,
      'gemini-3-pro-preview': 65_536,
      'gemini-3.5-flash': 65_536,
      'gemini-3.8-flash': 65_536,
    },
  ],
];

/** Old enough for every call of the demo history. */
const ALWAYS = new Date('2020-01-01T00:00:00Z');
const NANO_PER_USD = 1_000_000_000;

/**
 * The prices of the published list that comes with the packages: a row for each model, for each dated name of it, and for each change
 * of its price. Its decimals are never calculated with as floats. It has no batch rates: those are for an admin to set.
 */
export function readPriceBook(): BookedPrice[] {
  return MODELS.flatMap(([provider, models]) =>
    Object.entries(models).flatMap(([model, maxOutputTokens]) => bookModel(provider, model, maxOutputTokens)),
  );
}

function bookModel(provider: string, model: string, maxOutputTokens: number | null): BookedPrice[] {
  const info = findProvider({ providerId: provider })?.models.find(({ id }) => id === model);
  if (!info) throw new Error(`The price list has no model ${model} of ${provider}.`);
  const names = [model, ...datedNames(JSON.stringify(info.match), model)];
  const changes = Array.isArray(info.prices) ? info.prices : [{ prices: info.prices }];
  return changes.flatMap(({ prices, ...change }, index) => {
    const start = 'constraint' in change ? change.constraint : undefined;
    if (start && start.type !== 'start_date') return [];
    const validFrom = start ? new Date(`${start.start_date}T00:00:00Z`) : ALWAYS;
    const common = {
      provider,
      priceVersion: index + 1,
      validFrom,
      maxOutputTokens,
      ...readRates(prices, maxOutputTokens !== null),
    };
    return names.map((name) => Object.assign({ model: name }, common));
  });
}

/** Names with a date, such as `gpt-4o-2024-11-20`, that the list counts as the same model. */
function datedNames(match: string, model: string): string[] {
  const names = [...match.matchAll(/"equals":"([^"]+)"/g)].map(([, name = '']) => name);
  return names.filter((name) => name.startsWith(`${model}-20`));
}

function readRates(
  prices: ModelPrice,
  writes: boolean,
): Omit<BookedPrice, 'provider' | 'model' | 'priceVersion' | 'validFrom' | 'maxOutputTokens'> {
  const input = readRate(prices['input_mtok']);
  const output: Rate | undefined = writes ? readRate(prices['output_mtok']) : { base: 0n };
  const cached = readRate(prices['cache_read_mtok']);
  const written = readRate(prices['cache_write_mtok']);
  const hour = readRate(prices['cache_write_1h_mtok']);
  if (!input || !output) throw new Error('A model without a price for input or output.');
  return {
    input: input.base,
    cachedInput: cached?.base ?? input.base,
    cacheWrite: written?.base ?? input.base,
    hourCacheWrite: hour?.base ?? null,
    output: output.base,
    reasoning: output.base,
    longContextTokens: input.above ?? output.above ?? null,
    longContextInput: input.long ?? null,
    longContextOutput: output.long ?? null,
    longContextCachedInput: cached?.long ?? null,
    longContextCacheWrite: written?.long ?? (cached?.long === undefined ? null : (input.long ?? null)),
    longContextHourCacheWrite: hour?.long ?? null,
  };
}

/** A rate in nano-USD for a million tokens; `long`: above so many tokens. */
interface Rate {
  readonly base: bigint;
  readonly above?: number;
  readonly long?: bigint;
}

function readRate(price: ModelPrice[string]): Rate | undefined {
  if (price === undefined) return undefined;
  if (typeof price === 'number') return { base: toNanoUsd(price) };
  const tier = price.tiers[0];
  return { base: toNanoUsd(price.base), ...(tier ? { above: tier.start, long: toNanoUsd(tier.price) } : {}) };
}

/** A list price in USD per million tokens as integer nano-USD; a finer one would be rounded up. */
function toNanoUsd(usd: number): bigint {
  return BigInt(Big(usd).times(NANO_PER_USD).round(0, Big.roundUp).toFixed());
}

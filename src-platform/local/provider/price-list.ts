import { readFileSync } from 'node:fs';
import { z } from 'zod';

const rate = z.string().regex(/^\d+$/).transform(BigInt);

const priceListSchema = z.array(
  z.object({
    model: z.string(),
    input: rate,
    cachedInput: rate,
    cacheWrite: rate,
    hourCacheWrite: rate.nullable(),
    output: rate,
    reasoning: rate,
    longContextTokens: z.number().int().nullable(),
    longContextInput: rate.nullable(),
    longContextCachedInput: rate.nullable(),
    longContextCacheWrite: rate.nullable(),
    longContextHourCacheWrite: rate.nullable(),
    longContextOutput: rate.nullable(),
    /** For calls that it runs when it has time. */
    batchInput: rate.nullish(),
    batchOutput: rate.nullish(),
  }),
);

/** What this provider asks: nano-USD per million tokens. Handed to it in a file: its bill is its own, not the platform's. */
export type ProviderPrice = z.output<typeof priceListSchema>[number];

/** How a price list stands in its file (rates as decimal strings, for they are bigint). */
export type PriceListFile = z.input<typeof priceListSchema>;

/** Tokens of one call: cached and written are part of input, those written for an hour of written, reasoning of output. */
export interface BilledTokens {
  readonly input: number;
  readonly cachedInput: number;
  readonly cacheWrite: number;
  readonly hourCacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

/** Reads the list; throws with zod's explanation when the file is not one. */
export function readPriceList(file: string): ReadonlyMap<string, ProviderPrice> {
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return new Map(priceListSchema.parse(parsed).map((price) => [price.model, price]));
}

const PER_MILLION = 1_000_000n;

/** Cost in nano-USD: one rounding up a call. Above the model's long-context border its long rates count for the whole call. */
export function billedCost(price: ProviderPrice, tokens: BilledTokens, flex = false): bigint {
  const long = price.longContextTokens !== null && tokens.input > price.longContextTokens;
  const choose = (usual: bigint, above: bigint | null, batch: bigint | null | undefined): bigint =>
    (long ? above : flex ? batch : null) ?? usual;
  const output = choose(price.output, price.longContextOutput, price.batchOutput);
  const reasoning = choose(price.reasoning, price.longContextOutput, price.batchOutput);
  const input = choose(price.input, price.longContextInput, price.batchInput);
  const written = choose(price.cacheWrite, price.longContextCacheWrite, price.batchInput);
  const hour = price.hourCacheWrite ?? price.cacheWrite;
  const sums: readonly (readonly [number, bigint])[] = [
    [tokens.input - tokens.cachedInput - tokens.cacheWrite, input],
    [tokens.cachedInput, choose(price.cachedInput, price.longContextCachedInput, null)],
    [tokens.cacheWrite - tokens.hourCacheWrite, written],
    [tokens.hourCacheWrite, choose(hour, price.longContextHourCacheWrite, price.batchInput)],
    [tokens.output - tokens.reasoning, output],
    [tokens.reasoning, reasoning],
  ];
  const sum = sums.reduce((all, [count, rate]) => all + BigInt(count) * rate, 0n);
  return (sum + PER_MILLION - 1n) / PER_MILLION;
}

import { readFileSync } from 'node:fs';
import { z } from 'zod';

const rate = z.string().regex(/^\d+$/).transform(BigInt);

const priceListSchema = z.array(
  z.object({
    model: z.string(),
    input: rate,
    cachedInput: rate,
    output: rate,
    reasoning: rate,
    longContextTokens: z.number().int().nullable(),
    longContextInput: rate.nullable(),
    longContextOutput: rate.nullable(),
  }),
);

/** What this provider asks: nano-USD per million tokens. Handed to it in a file: its bill is its own, not the platform's. */
export type ProviderPrice = z.output<typeof priceListSchema>[number];

/** How a price list stands in its file (rates as decimal strings, for they are bigint). */
export type PriceListFile = z.input<typeof priceListSchema>;

/** Tokens of one call, as in a usage report: cached is part of input, reasoning is part of output. */
export interface BilledTokens {
  readonly input: number;
  readonly cachedInput: number;
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
export function billedCost(price: ProviderPrice, tokens: BilledTokens): bigint {
  const long = price.longContextTokens !== null && tokens.input > price.longContextTokens;
  const input = (long ? price.longContextInput : null) ?? price.input;
  const output = (long ? price.longContextOutput : null) ?? price.output;
  const reasoning = long ? output : price.reasoning;
  const sum =
    BigInt(tokens.input - tokens.cachedInput) * input +
    BigInt(tokens.cachedInput) * price.cachedInput +
    BigInt(tokens.output - tokens.reasoning) * output +
    BigInt(tokens.reasoning) * reasoning;
  return (sum + PER_MILLION - 1n) / PER_MILLION;
}

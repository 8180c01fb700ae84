import type { Price, Usage } from './price.ts';

const PER_MILLION = 1_000_000n;

/**
 * What a call costs, in nano-USD: every kind of token at its own rate, one rounding up for the whole call.
 * Above the model's long-context border its long rates count for all tokens. Batch rates count below it, where the price has them.
 */
export function costOf(price: Price, usage: Usage): bigint {
  const { inputTokens, cachedInputTokens, cacheWriteTokens, hourCacheWriteTokens, outputTokens, reasoningTokens } =
    usage;
  const fresh = Math.max(0, inputTokens - cachedInputTokens - cacheWriteTokens);
  const visible = Math.max(0, outputTokens - reasoningTokens);
  const written = Math.max(0, cacheWriteTokens - hourCacheWriteTokens);
  if (canBeLong(price, inputTokens)) {
    const hour = price.longContextHourCacheWrite ?? price.longContextCacheWrite;
    return roundUp(
      BigInt(fresh) * price.longContextInput +
        BigInt(cachedInputTokens) * price.longContextCachedInput +
        BigInt(written) * price.longContextCacheWrite +
        BigInt(hourCacheWriteTokens) * hour +
        BigInt(visible + reasoningTokens) * price.longContextOutput,
    );
  }
  const { batchInput, batchOutput } = price;
  if (usage.atBatchRates && batchInput !== null && batchOutput !== null) {
    const cached = price.cachedInput < batchInput ? price.cachedInput : batchInput;
    return roundUp(
      BigInt(fresh + cacheWriteTokens) * batchInput +
        BigInt(cachedInputTokens) * cached +
        BigInt(visible + reasoningTokens) * batchOutput,
    );
  }
  return roundUp(
    BigInt(fresh) * price.input +
      BigInt(cachedInputTokens) * price.cachedInput +
      BigInt(written) * price.cacheWrite +
      BigInt(hourCacheWriteTokens) * (price.hourCacheWrite ?? price.cacheWrite) +
      BigInt(visible) * price.output +
      BigInt(reasoningTokens) * price.reasoning,
  );
}

/** The most that a call takes of a provider. */
export interface MostUsage {
  readonly input: number;
  readonly output: number;
  /** Its prompt may be written to the cache for an hour. */
  readonly hourCaching: boolean;
}

/**
 * The most a call can cost, in nano-USD: the highest rate that can apply to each of its tokens. Never below `costOf` for usage within the
 * limits.
 */
export function boundOf(price: Price, most: MostUsage): bigint {
  return roundUp(inputBound(price, most) + outputBound(price, most.input, most.output));
}

/** The most output tokens that keep {@link boundOf} within an amount (nano-USD); below 0: not even the input fits. */
export function mostOutputWithin(price: Price, most: Omit<MostUsage, 'output'>, amount: bigint): number {
  const rest = amount * PER_MILLION - inputBound(price, most);
  const rate = outputBound(price, most.input, 1);
  if (rest < 0n) return -1;
  if (rate === 0n) return Number.MAX_SAFE_INTEGER;
  const tokens = rest / rate;
  return tokens < BigInt(Number.MAX_SAFE_INTEGER) ? Number(tokens) : Number.MAX_SAFE_INTEGER;
}

function inputBound(price: Price, { input, hourCaching }: Omit<MostUsage, 'output'>): bigint {
  let rate = higher(higher(price.input, price.cachedInput), higher(price.cacheWrite, price.batchInput ?? 0n));
  if (hourCaching) rate = higher(rate, price.hourCacheWrite ?? 0n);
  if (canBeLong(price, input)) {
    rate = higher(rate, higher(price.longContextInput, price.longContextCachedInput));
    rate = higher(rate, price.longContextCacheWrite);
    if (hourCaching) rate = higher(rate, price.longContextHourCacheWrite ?? 0n);
  }
  return BigInt(input) * rate;
}

function outputBound(price: Price, input: number, output: number): bigint {
  let rate = higher(higher(price.output, price.reasoning), price.batchOutput ?? 0n);
  if (canBeLong(price, input)) rate = higher(rate, price.longContextOutput);
  return BigInt(output) * rate;
}

function canBeLong(price: Price, mostInputTokens: number): boolean {
  return price.longContextTokens !== null && mostInputTokens > price.longContextTokens;
}

function higher(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

function roundUp(milliontimes: bigint): bigint {
  return (milliontimes + PER_MILLION - 1n) / PER_MILLION;
}

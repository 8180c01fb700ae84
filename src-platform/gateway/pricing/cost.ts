import type { Price, Usage } from './price.ts';

const PER_MILLION = 1_000_000n;

/**
 * What a call costs, in nano-USD: every kind of token at its own rate, one rounding up for the whole call.
 * Above the model's long-context border its long rates count for all tokens but the cached ones.
 */
export function costOf(price: Price, usage: Usage): bigint {
  const long = price.longContextTokens !== null && usage.inputTokens > price.longContextTokens;
  const input = long ? price.longContextInput : price.input;
  const output = long ? price.longContextOutput : price.output;
  const reasoning = long ? price.longContextOutput : price.reasoning;
  const fresh = Math.max(0, usage.inputTokens - usage.cachedInputTokens - usage.cacheWriteTokens);
  const visible = Math.max(0, usage.outputTokens - usage.reasoningTokens);
  return roundUp(
    BigInt(fresh) * input +
      BigInt(usage.cachedInputTokens) * price.cachedInput +
      BigInt(usage.cacheWriteTokens) * price.cacheWrite +
      BigInt(visible) * output +
      BigInt(usage.reasoningTokens) * reasoning,
  );
}

/**
 * The most a call can cost, in nano-USD, when it has at most so many tokens: the highest rate that can apply to each.
 * Never below `costOf` for usage within the two limits.
 */
export function boundOf(price: Price, mostInputTokens: number, mostOutputTokens: number): bigint {
  return roundUp(inputBound(price, mostInputTokens) + outputBound(price, mostInputTokens, mostOutputTokens));
}

/** The most output tokens that keep {@link boundOf} within an amount (nano-USD); below 0: not even the input fits. */
export function mostOutputWithin(price: Price, mostInputTokens: number, amount: bigint): number {
  const rest = amount * PER_MILLION - inputBound(price, mostInputTokens);
  const rate = outputBound(price, mostInputTokens, 1);
  if (rest < 0n) return -1;
  if (rate === 0n) return Number.MAX_SAFE_INTEGER;
  const most = rest / rate;
  return most < BigInt(Number.MAX_SAFE_INTEGER) ? Number(most) : Number.MAX_SAFE_INTEGER;
}

function inputBound(price: Price, mostInputTokens: number): bigint {
  const rates = [price.input, price.cachedInput, price.cacheWrite];
  if (canBeLong(price, mostInputTokens)) rates.push(price.longContextInput);
  return BigInt(mostInputTokens) * highest(rates);
}

function outputBound(price: Price, mostInputTokens: number, mostOutputTokens: number): bigint {
  const rates = [price.output, price.reasoning];
  if (canBeLong(price, mostInputTokens)) rates.push(price.longContextOutput);
  return BigInt(mostOutputTokens) * highest(rates);
}

function canBeLong(price: Price, mostInputTokens: number): boolean {
  return price.longContextTokens !== null && mostInputTokens > price.longContextTokens;
}

function highest(rates: readonly bigint[]): bigint {
  let most = 0n;
  for (const rate of rates) if (rate > most) most = rate;
  return most;
}

function roundUp(milliontimes: bigint): bigint {
  return (milliontimes + PER_MILLION - 1n) / PER_MILLION;
}

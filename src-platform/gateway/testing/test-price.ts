import type { Price } from '../pricing/price.ts';

/** What gpt-4o costs, in nano-USD for a million tokens, but for what a test wants otherwise. */
export function testPrice(change: Partial<Price> = {}): Price {
  return {
    provider: 'openai',
    model: 'gpt-4o',
    version: 1,
    input: 2_500_000_000n,
    cachedInput: 1_250_000_000n,
    cacheWrite: 2_500_000_000n,
    hourCacheWrite: null,
    output: 10_000_000_000n,
    reasoning: 10_000_000_000n,
    longContextTokens: null,
    longContextInput: 2_500_000_000n,
    longContextCachedInput: 1_250_000_000n,
    longContextCacheWrite: 2_500_000_000n,
    longContextHourCacheWrite: null,
    longContextOutput: 10_000_000_000n,
    batchInput: null,
    batchOutput: null,
    maxOutputTokens: 16_384,
    ...change,
  };
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundOf, costOf } from './cost.ts';
import { nanoUsdOf, usdText } from './money-text.ts';
import { testPrice } from '../testing/test-price.ts';
import { NO_USAGE, type Price, type Usage } from './price.ts';

const gpt4o = testPrice();

const rate = fc.bigInt({ min: 0n, max: 600_000_000_000n });
const anyPrice: fc.Arbitrary<Price> = fc.record({
  provider: fc.constant('p'),
  model: fc.constant('m'),
  version: fc.constant(1),
  input: rate,
  cachedInput: rate,
  cacheWrite: rate,
  hourCacheWrite: fc.option(rate),
  output: rate,
  reasoning: rate,
  longContextTokens: fc.option(fc.nat(300_000)),
  longContextInput: rate,
  longContextCachedInput: rate,
  longContextCacheWrite: rate,
  longContextHourCacheWrite: fc.option(rate),
  longContextOutput: rate,
  batchInput: fc.option(rate),
  batchOutput: fc.option(rate),
  maxOutputTokens: fc.constant(null),
});
const anyUsage: fc.Arbitrary<Usage> = fc
  .tuple(
    fc.nat(1_000_000),
    fc.nat(1_000_000),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map(([inputTokens, outputTokens, cached, written]) => {
    const cachedInputTokens = Math.floor(inputTokens * cached);
    const cacheWriteTokens = Math.floor((inputTokens - cachedInputTokens) * written);
    return {
      inputTokens,
      cachedInputTokens,
      cacheWriteTokens,
      hourCacheWriteTokens: Math.floor(cacheWriteTokens * cached),
      outputTokens,
      reasoningTokens: Math.floor(outputTokens * written),
      atBatchRates: written > 0.5,
    };
  });

describe('cost', () => {
  test('is exact to the nano-dollar and rounded up once', () => {
    expect(costOf(gpt4o, { ...NO_USAGE, inputTokens: 20 })).toBe(50_000n);
    expect(costOf(gpt4o, { ...NO_USAGE, inputTokens: 100, cachedInputTokens: 60, outputTokens: 7 })).toBe(245_000n);
    expect(costOf({ ...gpt4o, input: 1n }, { ...NO_USAGE, inputTokens: 1 })).toBe(1n);
    expect(costOf(gpt4o, NO_USAGE)).toBe(0n);
  });

  test('takes the long rates for the whole call above the border', () => {
    const long = {
      ...gpt4o,
      longContextTokens: 1_000,
      longContextInput: 5_000_000_000n,
      longContextOutput: 20_000_000_000n,
    };
    expect(costOf(long, { ...NO_USAGE, inputTokens: 1_000, outputTokens: 1 })).toBe(2_510_000n);
    expect(costOf(long, { ...NO_USAGE, inputTokens: 1_001, outputTokens: 1 })).toBe(5_025_000n);
  });

  test('takes what the cache keeps for an hour, and what the provider ran when it had time, at their own rates', () => {
    const price = testPrice({
      cacheWrite: 3_000_000_000n,
      hourCacheWrite: 5_000_000_000n,
      batchInput: 1_000_000_000n,
      batchOutput: 4_000_000_000n,
    });
    const usage = { ...NO_USAGE, inputTokens: 100, cacheWriteTokens: 30, hourCacheWriteTokens: 10, outputTokens: 1 };
    expect(costOf(price, usage)).toBe(70n * 2_500n + 20n * 3_000n + 10n * 5_000n + 10_000n);
    expect(
      costOf(price, { ...NO_USAGE, inputTokens: 100, cachedInputTokens: 40, outputTokens: 2, atBatchRates: true }),
    ).toBe(60n * 1_000n + 40n * 1_000n + 2n * 4_000n);
    expect(costOf(gpt4o, { ...NO_USAGE, inputTokens: 20, atBatchRates: true })).toBe(50_000n);
  });

  test('takes the long rates of the cache as well', () => {
    const long = testPrice({
      longContextTokens: 10,
      longContextCachedInput: 7_000_000_000n,
      longContextCacheWrite: 8_000_000_000n,
    });
    const usage = { ...NO_USAGE, inputTokens: 11, cachedInputTokens: 5, cacheWriteTokens: 6 };
    expect(costOf(long, usage)).toBe(5n * 7_000n + 6n * 8_000n);
  });

  test('is never above the bound of the same limits', () => {
    fc.assert(
      fc.property(anyPrice, anyUsage, fc.nat(1_000), fc.nat(1_000), (price, usage, moreInput, moreOutput) => {
        const most = { input: usage.inputTokens + moreInput, output: usage.outputTokens + moreOutput };
        const bound = boundOf(price, { ...most, hourCaching: true });
        expect(costOf(price, usage) <= bound).toBe(true);
      }),
    );
  });
});

test('amounts in USD are exact', () => {
  expect([25_000_000_000n, 1_500n, 0n, -10_000_000n, 1n].map(usdText)).toEqual([
    '25.00',
    '0.0000015',
    '0.00',
    '-0.01',
    '0.000000001',
  ]);
});

test('an amount in USD is taken exactly, or not at all', () => {
  expect(['5.00', '0.000000001', 5, 0.1, '999999999.999999999'].map(nanoUsdOf)).toEqual([
    5_000_000_000n,
    1n,
    5_000_000_000n,
    100_000_000n,
    999_999_999_999_999_999n,
  ]);
  for (const bad of [
    '',
    '-1',
    '1e3',
    '1.',
    '.5',
    ' 5',
    '0.0000000001',
    Number.NaN,
    1e21,
    1234567.123456789,
    null,
    {},
    true,
  ]) {
    expect(nanoUsdOf(bad), JSON.stringify(bad)).toBeUndefined();
  }
});

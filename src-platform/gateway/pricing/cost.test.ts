import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundOf, costOf } from './cost.ts';
import { nanoUsdOf, usdText } from './money-text.ts';
import { NO_USAGE, type Price, type Usage } from './price.ts';

const gpt4o: Price = {
  provider: 'openai',
  model: 'gpt-4o',
  version: 1,
  input: 2_500_000_000n,
  cachedInput: 1_250_000_000n,
  cacheWrite: 2_500_000_000n,
  output: 10_000_000_000n,
  reasoning: 10_000_000_000n,
  longContextTokens: null,
  longContextInput: 2_500_000_000n,
  longContextOutput: 10_000_000_000n,
  maxOutputTokens: 16_384,
};

const rate = fc.bigInt({ min: 0n, max: 600_000_000_000n });
const anyPrice: fc.Arbitrary<Price> = fc.record({
  provider: fc.constant('p'),
  model: fc.constant('m'),
  version: fc.constant(1),
  input: rate,
  cachedInput: rate,
  cacheWrite: rate,
  output: rate,
  reasoning: rate,
  longContextTokens: fc.option(fc.nat(300_000)),
  longContextInput: rate,
  longContextOutput: rate,
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
    return {
      inputTokens,
      cachedInputTokens,
      cacheWriteTokens: Math.floor((inputTokens - cachedInputTokens) * written),
      outputTokens,
      reasoningTokens: Math.floor(outputTokens * written),
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

  test('is never above the bound of the same limits', () => {
    fc.assert(
      fc.property(anyPrice, anyUsage, fc.nat(1_000), fc.nat(1_000), (price, usage, moreInput, moreOutput) => {
        const bound = boundOf(price, usage.inputTokens + moreInput, usage.outputTokens + moreOutput);
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

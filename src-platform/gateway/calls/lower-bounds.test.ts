import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundOf } from '../pricing/cost.ts';
import type { Price } from '../pricing/price.ts';
import { createLowerBounds, type QuickBound } from './lower-bounds.ts';
import type { TokenBounds } from './token-bound.ts';

const price: Price = {
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
const countTo = (tokens: number | undefined): TokenBounds => ({
  least: (_price, bytes) => Math.min(tokens ?? bytes, 64),
  count: () => tokens,
});
const call = (change: Partial<QuickBound> = {}): QuickBound => ({
  price,
  body: '',
  bytes: 1_000,
  outputLimit: 1_000,
  choices: 1,
  trims: true,
  ...change,
});

describe('the lower bounds of a call', () => {
  test('counting its tokens comes before trimming, and trimming goes with the count', () => {
    const bounds = createLowerBounds(call(), countTo(200));
    const whole = boundOf(price, 200, 1_000);
    expect(bounds(whole)).toEqual({ bound: whole, trimmedTo: null });
    expect(bounds(whole - 1n)).toEqual({ bound: boundOf(price, 200, 999), trimmedTo: 999 });
  });

  test('no answer of less than 256 tokens or a quarter of the limit', () => {
    const least = (outputLimit: number, choices = 1): number => {
      const bounds = createLowerBounds(call({ outputLimit, choices }), countTo(undefined));
      for (let output = 1; output < outputLimit; output += 1) {
        const found = bounds(boundOf(price, 1_000, output * choices));
        if (found !== undefined) return found.trimmedTo ?? outputLimit;
      }
      return outputLimit;
    };
    expect(least(200)).toBe(200);
    expect(least(300)).toBe(256);
    expect(least(1_024)).toBe(256);
    expect(least(4_001)).toBe(1_001);
    expect(least(600, 3)).toBe(256);
  });

  test('a tenant that wants no trimming gets the count alone', () => {
    const bounds = createLowerBounds(call({ trims: false }), countTo(200));
    expect(bounds(boundOf(price, 200, 1_000))).toMatchObject({ trimmedTo: null });
    expect(bounds(boundOf(price, 200, 999))).toBeUndefined();
  });

  test('nothing is counted that cannot fit whatever the count', () => {
    let counts = 0;
    const bounds = createLowerBounds(call(), { least: () => 64, count: () => ((counts += 1), 100) });
    expect(bounds(boundOf(price, 64, 256) - 1n)).toBeUndefined();
    expect(counts).toBe(0);
    bounds(boundOf(price, 300, 500));
    bounds(boundOf(price, 300, 400));
    expect(counts).toBe(1);
  });

  test('are exact: what is asked for fits in the rest, and one token more would not', () => {
    const rate = fc.bigInt({ min: 1n, max: 90_000_000_000n });
    const any = fc.record({
      input: rate,
      output: rate,
      bytes: fc.integer({ min: 1, max: 5_000 }),
      outputLimit: fc.integer({ min: 1, max: 8_000 }),
      choices: fc.integer({ min: 1, max: 5 }),
      part: fc.bigInt({ min: 0n, max: 1_000n }),
    });
    fc.assert(
      fc.property(any, ({ input, output, part, ...rest }) => {
        const made = call({ ...rest, price: { ...price, input, output } });
        const { bytes, outputLimit, choices } = made;
        const whole = boundOf(made.price, bytes, outputLimit * choices);
        const remaining = (whole * part) / 1_000n;
        const found = createLowerBounds(made, countTo(undefined))(remaining);
        const boundAt = (tokens: number): bigint => boundOf(made.price, bytes, tokens * choices);
        const least = Math.min(outputLimit, Math.max(256, Math.ceil(outputLimit / 4)));
        if (found === undefined) expect(boundAt(least) > remaining).toBe(true);
        else {
          expect(found.bound <= remaining).toBe(true);
          const tokens = found.trimmedTo ?? outputLimit;
          expect(found.bound).toBe(boundAt(tokens));
          expect(tokens).toBeGreaterThanOrEqual(least);
          if (tokens < outputLimit) expect(boundAt(tokens + 1) > remaining).toBe(true);
        }
      }),
    );
  });
});

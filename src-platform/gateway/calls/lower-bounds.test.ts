import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundOf } from '../pricing/cost.ts';
import type { Price } from '../pricing/price.ts';
import { testPrice } from '../testing/test-price.ts';
import { createLowerBounds, type QuickBound } from './lower-bounds.ts';
import type { TokenBounds } from './token-bound.ts';

const price = testPrice();
const boundAt = (input: number, output: number, at: Price = price): bigint =>
  boundOf(at, { input, output, hourCaching: false });
const countTo = (tokens: number | undefined): TokenBounds => ({
  least: (_price, bytes) => Math.min(tokens ?? bytes, 64),
  count: () => tokens,
});
const call = (change: Partial<QuickBound> = {}): QuickBound => ({
  price,
  body: '',
  input: 1_000,
  added: 0,
  hourCaching: false,
  leastOutputLimit: 1,
  outputLimit: 1_000,
  choices: 1,
  trims: true,
  ...change,
});

describe('the lower bounds of a call', () => {
  test('counting its tokens comes before trimming, and trimming goes with the count', () => {
    const bounds = createLowerBounds(call(), countTo(200));
    const whole = boundAt(200, 1_000);
    expect(bounds(whole)).toEqual({ bound: whole, trimmedTo: null });
    expect(bounds(whole - 1n)).toEqual({ bound: boundAt(200, 999), trimmedTo: 999 });
  });

  test('no answer of less than 256 tokens or a quarter of the limit', () => {
    const least = (outputLimit: number, choices = 1): number => {
      const bounds = createLowerBounds(call({ outputLimit, choices }), countTo(undefined));
      for (let output = 1; output < outputLimit; output += 1) {
        const found = bounds(boundAt(1_000, output * choices));
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
    expect(bounds(boundAt(200, 1_000))).toMatchObject({ trimmedTo: null });
    expect(bounds(boundAt(200, 999))).toBeUndefined();
  });

  test('tokens that no text stands for are never counted away, and images keep the whole from being counted', () => {
    const tools = createLowerBounds(call({ added: 700, trims: false }), countTo(200));
    expect(tools(boundAt(900, 1_000))).toEqual({ bound: boundAt(900, 1_000), trimmedTo: null });
    expect(tools(boundAt(899, 1_000))).toBeUndefined();
    const images = createLowerBounds(call({ added: null, trims: false }), countTo(200));
    expect(images(boundAt(999, 1_000))).toBeUndefined();
  });

  test('no trimming below what the provider takes', () => {
    const bounds = createLowerBounds(call({ leastOutputLimit: 900 }), countTo(200));
    expect(bounds(boundAt(200, 900))).toMatchObject({ trimmedTo: 900 });
    expect(bounds(boundAt(200, 899))).toBeUndefined();
  });

  test('nothing is counted that cannot fit whatever the count', () => {
    let counts = 0;
    const bounds = createLowerBounds(call(), { least: () => 64, count: () => ((counts += 1), 100) });
    expect(bounds(boundAt(64, 256) - 1n)).toBeUndefined();
    expect(counts).toBe(0);
    bounds(boundAt(300, 500));
    bounds(boundAt(300, 400));
    expect(counts).toBe(1);
  });

  test('are exact: what is asked for fits in the rest, and one token more would not', () => {
    const rate = fc.bigInt({ min: 1n, max: 90_000_000_000n });
    const any = fc.record({
      inputRate: rate,
      outputRate: rate,
      input: fc.integer({ min: 1, max: 5_000 }),
      outputLimit: fc.integer({ min: 1, max: 8_000 }),
      choices: fc.integer({ min: 1, max: 5 }),
      part: fc.bigInt({ min: 0n, max: 1_000n }),
    });
    fc.assert(
      fc.property(any, ({ inputRate, outputRate, part, ...rest }) => {
        const made = call({ ...rest, price: { ...price, input: inputRate, output: outputRate } });
        const { input, outputLimit, choices } = made;
        const whole = boundAt(input, outputLimit * choices, made.price);
        const remaining = (whole * part) / 1_000n;
        const found = createLowerBounds(made, countTo(undefined))(remaining);
        const boundOfAnswer = (tokens: number): bigint => boundAt(input, tokens * choices, made.price);
        const least = Math.min(outputLimit, Math.max(256, Math.ceil(outputLimit / 4)));
        if (found === undefined) expect(boundOfAnswer(least) > remaining).toBe(true);
        else {
          expect(found.bound <= remaining).toBe(true);
          const tokens = found.trimmedTo ?? outputLimit;
          expect(found.bound).toBe(boundOfAnswer(tokens));
          expect(tokens).toBeGreaterThanOrEqual(least);
          if (tokens < outputLimit) expect(boundOfAnswer(tokens + 1) > remaining).toBe(true);
        }
      }),
    );
  });
});

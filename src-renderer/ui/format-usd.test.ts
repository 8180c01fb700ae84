import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatChange, formatUsd, formatUsdExactly } from './format-usd.ts';

describe('formatUsd', () => {
  it.each([
    [0n, '$0.00'],
    [25_000_000_000n, '$25.00'],
    [1_234_560_000_000n, '$1,234.56'],
    [9_000_000_000_000_000n, '$9,000,000.00'],
    [999_995_000_000n, '$1,000.00'],
    [120_000_000n, '$0.12'],
    [99_000_000n, '$0.099'],
    [42_000_000n, '$0.042'],
    [3_000_000n, '$0.0030'],
    [2_400n, '$0.0000024'],
    [1n, '$0.000000001'],
    [-5_500_000_000n, '−$5.50'],
  ])('writes %s nano-USD as %s', (amount, text) => {
    expect(formatUsd(amount)).toBe(text);
  });

  it('never writes an amount that is there as nothing', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 9_000_000_000_000_000n }), (amount) => /[1-9]/.test(formatUsd(amount))),
    );
  });
});

describe('formatUsdExactly', () => {
  it.each([
    [25_000_000_000n, '$25.00'],
    [24_999_123_456n, '$24.999123456'],
    [1_100_000_000n, '$1.10'],
    [100_000_001n, '$0.100000001'],
  ])('writes every digit of %s', (amount, text) => {
    expect(formatUsdExactly(amount)).toBe(text);
  });
});

describe('formatChange', () => {
  it.each([
    [25n, 30n, '+20 %'],
    [1000n, 1005n, '+0.5 %'],
    [100n, 90n, '−10 %'],
    [100n, 100n, '0 %'],
    [0n, 100n, null],
  ])('from %s to %s is %s', (before, after, text) => {
    expect(formatChange(before, after)).toBe(text);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUsd } from './format-usd.ts';
import { parseUsd } from './parse-usd.ts';

describe('parseUsd', () => {
  it.each([
    ['25', 25_000_000_000n],
    [' $1,234.5 ', 1_234_500_000_000n],
    ['.50', 500_000_000n],
    ['$ 0', 0n],
    ['+7', 7_000_000_000n],
    ['12.', 12_000_000_000n],
  ])('reads %j', (text, nanoUsd) => {
    expect(parseUsd(text)).toEqual({ ok: true, nanoUsd });
  });

  it.each([
    ['', /Enter an amount/],
    ['-5', /negative/],
    ['−$5', /negative/],
    ['$-5', /negative/],
    ['abc', /“abc” is not an amount/],
    ['1e9', /not an amount/],
    ['0x10', /not an amount/],
    ['.', /not an amount/],
    ['1.2.3', /not an amount/],
    ['12,34', /thousands/],
    ['1,2345', /thousands/],
    ['1.234', /two digits/],
    ['9999999999999999', /too large/],
    ['<b>25</b>', /not an amount/],
  ])('refuses %j with a sentence', (text, sentence) => {
    const parsed = parseUsd(text);
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? '' : parsed.sentence).toMatch(sentence);
  });

  it('reads back every amount in whole cents as it is written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 10n, max: 900_000_000n }), (cents) => {
        const nanoUsd = cents * 10_000_000n;
        expect(parseUsd(formatUsd(nanoUsd))).toEqual({ ok: true, nanoUsd });
      }),
    );
  });
});

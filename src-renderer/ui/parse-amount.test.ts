import { expect, it } from 'vitest';
import { parseAmount } from './parse-amount.ts';

it.each([
  ['25000', 2, 2_500_000n],
  ['12,34,567.50', 2, 123_456_750n],
  ['1,234,567.5', 2, 123_456_750n],
  ['0', 2, 0n],
  ['300', 9, 300_000_000_000n],
  ['51001', 0, 51_001n],
  ['9,007,199,254,740.99', 2, 900_719_925_474_099n],
] as const)('reads %s', (text, decimals, value) => {
  expect(parseAmount(text, decimals, '25')).toEqual({ ok: true, value });
});

it.each(['', '-5', '1e9', '12,34', '1,2345', '1.234', '0x10', '٣', '₹5', '12345678901234', '1.2.3', 'NaN'])(
  'refuses %j with a sentence',
  (text) => {
    expect(parseAmount(text, 2, '25')).toEqual({ ok: false, sentence: expect.stringMatching(/\w.*\./) });
  },
);

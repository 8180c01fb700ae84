import { describe, expect, it } from 'vitest';
import { formatMinor, formatMinorShort, formatPercent, formatPoints } from './format-money.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('amounts', () => {
  it.each([
    [123_456_700n, 'INR', 2, '₹12,34,567.00'],
    [-5n, 'INR', 2, '−₹0.05'],
    [330_000n, 'NPR', 2, 'NPR 3,300.00'],
    [123_456_700n, 'USD', 2, '$1,234,567.00'],
    [5_800n, 'EUR', 2, '€58.00'],
    [51_001n, 'JPY', 0, '¥51,001'],
    [1_234n, 'KWD', 3, 'KWD 1.234'],
    [900_719_925_474_099_301n, 'INR', 2, '₹9,00,71,99,25,47,40,993.01'],
  ] as const)('%s %s', (minor, currency, digits, text) => {
    expect(plain(formatMinor(minor, currency, digits))).toBe(text);
  });

  it('are short where there is little room', () => {
    expect(formatMinorShort(9_999_999n, 'INR', 2)).toBe('₹99,999.99');
    expect(formatMinorShort(123_456_700n, 'INR', 2)).toBe('₹12.35 L');
    expect(formatMinorShort(12_345_670_000n, 'INR', 2)).toBe('₹12.35 Cr');
    expect(formatMinorShort(-123_456_700n, 'USD', 2)).toBe('−$1.23 M');
  });
});

describe('margins', () => {
  it('have one decimal, and never a minus before nothing', () => {
    expect([6_123n, 6_125n, -764n, -4n, 0n, 10_000n, -1_234_567n].map(formatPercent)).toEqual([
      '61.2 %',
      '61.3 %',
      '−7.6 %',
      '0.0 %',
      '0.0 %',
      '100.0 %',
      '−12,345.7 %',
    ]);
  });

  it('differ in points with a sign', () => {
    expect([
      formatPoints(180n),
      formatPoints(-40n),
      formatPoints(0n),
      formatPoints(-503n, 2),
      formatPoints(3n, 2),
    ]).toEqual(['+1.8', '−0.4', '0.0', '−5.03', '+0.03']);
  });
});

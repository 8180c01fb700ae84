import { describe, expect, it } from 'vitest';
import { limitInForce, overrideWords } from './cap-words.ts';

const USD = 1_000_000_000n;

describe('a temporary raise in words', () => {
  const override = { amountNanoUsd: 5n * USD, count: 1, nextEnd: new Date('2026-11-30T12:00:00Z') };

  it.each([
    [override, 'override +$5.00 until 30 Nov'],
    [{ ...override, nextEnd: null }, 'override +$5.00 until removed'],
    [{ ...override, count: 2, amountNanoUsd: 8n * USD }, '2 overrides +$8.00, first until 30 Nov'],
    [{ ...override, count: 2, nextEnd: null }, '2 overrides +$5.00 until removed'],
    // Midnight in Kolkata, which ends the 30th.
    [{ ...override, nextEnd: new Date('2026-11-30T18:30:00Z') }, 'override +$5.00 until 30 Nov'],
    [null, null],
  ])('%#', (given, words) => {
    expect(overrideWords({ override: given }, 'Asia/Kolkata')).toBe(words);
  });

  it('counts in what the client is held to', () => {
    expect(limitInForce({ limitNanoUsd: 10n, override: null })).toBe(10n);
    expect(limitInForce({ limitNanoUsd: 10n, override })).toBe(10n + 5n * USD);
  });
});

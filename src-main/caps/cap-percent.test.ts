import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { raisedByPercent } from './cap-percent.ts';

const CENT = 10_000_000n;
const USD = 1_000_000_000n;

describe('a raise by percent', () => {
  it.each([
    [25n * USD, 10, 27_500_000_000n],
    [25n * USD, 25, 31_250_000_000n],
    [33_330_000_000n, 10, 36_670_000_000n],
    [1n, 1, CENT],
    [CENT, 1, 2n * CENT],
    [9_000_000_000_000_000n, 1000, 99_000_000_000_000_000n],
    [0n, 10, 0n],
  ])('of %i by %i %% is %i', (limit, percent, wanted) => {
    expect(raisedByPercent(limit, percent)).toBe(wanted);
  });

  it('is a whole cent, never below the exact amount and less than a cent above it', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 9_000_000_000_000_000n }),
        fc.integer({ min: 1, max: 1000 }),
        (limit, percent) => {
          const raised = raisedByPercent(limit, percent);
          const exactTimes100 = limit * BigInt(100 + percent);
          expect(raised % CENT).toBe(0n);
          expect(raised * 100n >= exactTimes100).toBe(true);
          expect((raised - CENT) * 100n < exactTimes100).toBe(true);
        },
      ),
    );
  });
});

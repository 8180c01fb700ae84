import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passesNow, raiseTo } from './refusal-rules.ts';

const CENT = 10_000_000n;
const cap = (limitNanoUsd: bigint, grantedNanoUsd: bigint, hard = true) => ({
  limitNanoUsd,
  inForceNanoUsd: limitNanoUsd,
  grantedNanoUsd,
  hard,
});
const now = (raiseToNanoUsd: bigint | null) => ({
  version: 1,
  limitNanoUsd: 1n,
  inForceNanoUsd: 1n,
  raiseToNanoUsd,
});

describe('the raise that is just enough', () => {
  it('makes room for the call beside all that is handed out, in whole cents', () => {
    expect(raiseTo(cap(25n * 100n * CENT, 2_499n * CENT), 4n * CENT)).toBe(2_503n * CENT);
    expect(raiseTo(cap(100n * CENT, 99n * CENT + 1n), CENT)).toBe(101n * CENT);
  });

  it('is none where the call fits, to the last nano-dollar, or the cap only counts', () => {
    expect(raiseTo(cap(100n, 60n), 40n)).toBeNull();
    expect(raiseTo(cap(100n, 60n), 41n)).not.toBeNull();
    expect(raiseTo(cap(100n, 600n, false), 41n)).toBeNull();
  });

  it('counts what is in force beside the cap for a time', () => {
    const raised = { ...cap(10n * CENT, 15n * CENT), inForceNanoUsd: 15n * CENT };
    expect(raiseTo(raised, 2n * CENT)).toBe(12n * CENT);
    expect(raiseTo({ ...raised, inForceNanoUsd: 17n * CENT }, 2n * CENT)).toBeNull();
  });

  it('is at most the largest cap there can be', () => {
    expect(raiseTo(cap(1n, 9_000_000_000_000_000n), 5n)).toBe(9_000_000_000_000_000n);
  });

  it('is enough, and a cent less is not', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 15n });
    fc.assert(
      fc.property(amount, amount, amount, (limit, granted, estimate) => {
        const raised = raiseTo(cap(limit, granted), estimate);
        if (raised === null) {
          expect(limit - granted).toBeGreaterThanOrEqual(estimate);
          return;
        }
        expect(raised).toBeGreaterThan(limit);
        expect(raiseTo(cap(raised, granted), estimate)).toBeNull();
        expect(raised - CENT).toBeLessThan(granted + estimate);
      }),
    );
  });
});

describe('whether a call like the refused one passes now', () => {
  it('every cap has to let it, one that is gone stops nobody', () => {
    expect(passesNow([{ now: now(null) }, { now: null }])).toBe(true);
    expect(passesNow([{ now: now(null) }, { now: now(5n) }])).toBe(false);
  });

  it('is no question where no cap was asked', () => {
    expect(passesNow([])).toBeNull();
  });
});

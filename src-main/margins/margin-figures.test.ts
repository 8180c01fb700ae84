import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeId } from '../testing/fake-tenants.ts';
import { fakeMonth, fakeRunning } from '../testing/fake-margin-records.ts';
import { marginsOf, monthsUntil } from './margin-figures.ts';
import { dividedHalfUp, marginBp, rateIn, squareRoot } from './whole-numbers.ts';

const asOf = new Date('2026-11-20T09:00:00Z');

describe('whole numbers', () => {
  it('divides and rounds half up, below zero too', () => {
    expect([dividedHalfUp(5n, 2n), dividedHalfUp(-5n, 2n), dividedHalfUp(-6n, 4n), dividedHalfUp(-7n, 4n)]).toEqual([
      3n,
      -2n,
      -1n,
      -2n,
    ]);
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.bigInt({ min: 1n, max: 10n ** 15n }),
        (a, b) => {
          const rest = 2n * (a - dividedHalfUp(a, b) * b);
          expect(rest >= -b && rest < b).toBe(true);
        },
      ),
    );
  });

  it('takes square roots down', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), (value) => {
        const root = squareRoot(value);
        expect(root * root <= value && (root + 1n) * (root + 1n) > value).toBe(true);
      }),
    );
  });

  it('reads a rate without a float', () => {
    expect(rateIn('0.0118')).toEqual({ scaled: 118n, scale: 10_000n });
    expect(rateIn('1')).toEqual({ scaled: 1n, scale: 1n });
    expect(marginBp(0n, 1n, 1n)).toBeNull();
  });
});

describe('the page', () => {
  it('has thirteen months that end with the running one', () => {
    expect(monthsUntil('2026-01').slice(-2)).toEqual(['2025-12', '2026-01']);
    expect(monthsUntil('2026-11')).toHaveLength(13);
  });

  it('sorts by loss, those without a margin last, and knows each one’s month before and history', () => {
    const running = [
      fakeRunning(1, { name: 'Fine' }),
      fakeRunning(2, { name: 'Losing', forecast_margin_bp: -500n }),
      fakeRunning(3, { name: 'None', contract_id: null, currency: null, forecast_margin_bp: null }),
    ];
    const months = [fakeMonth(1, '2026-10', { margin_bp: 7_000n }), fakeMonth(1, '2026-08', { margin_bp: 6_000n })];
    const { rows } = marginsOf({ running, months, asOf }, '2026-11');
    expect(rows.map(({ name }) => name)).toEqual(['Losing', 'Fine', 'None']);
    expect(rows[1]).toMatchObject({ before: 7_000n, basis: 'running' });
    expect(rows[1]!.history.slice(-4)).toEqual([6_000n, null, 7_000n, rows[1]!.whole!.marginBp]);
    expect(rows[2]).toMatchObject({ contract: null, whole: null, toDate: null, before: null });
    expect(marginsOf({ running, months, asOf }, '2026-10').rows).toMatchObject([
      { tenantId: fakeId(1, 1), basis: 'final', toDate: null, range: null, before: null },
    ]);
  });

  it('adds clients of several currencies at their own rates, those without a contract with their cost alone', () => {
    const running = [
      fakeRunning(1),
      fakeRunning(2),
      fakeRunning(3, { currency: 'USD', usd_per_unit: '1', forecast_revenue_nanousd: 100_000_000_000n }),
      fakeRunning(4, { contract_id: null, forecast_nanousd: 7_000_000_000n, forecast_margin_bp: null }),
      fakeRunning(5, {
        usd_per_unit: null,
        forecast_revenue_nanousd: null,
        forecast_other_nanousd: null,
        forecast_margin_bp: null,
      }),
    ];
    const { fleet } = marginsOf({ running, months: [], asOf }, '2026-11');
    // $200 + $200 + $100 revenue; 3 × $50 + $7 of AI; 3 × $10 other; at $0.0125 a rupee.
    expect(fleet).toMatchObject({
      currency: 'INR',
      whole: { revenueMinor: 4_000_000n, aiCostMinor: 1_256_000n, otherCostMinor: 240_000n, marginBp: 6_260n },
      clients: 3,
      withoutContract: 1,
      withoutRate: 1,
      costPerClientMinor: 480_000n,
    });
  });

  it('tells a range for all: misses add up as squares', () => {
    const running = [
      fakeRunning(1, { high_nanousd: 53_000_000_000n }),
      fakeRunning(2, { high_nanousd: 54_000_000_000n }),
    ];
    // $400 revenue, $100 ± $5 of AI, $20 other.
    expect(marginsOf({ running, months: [], asOf }, '2026-11').fleet?.range).toEqual({ lowBp: 6_875n, highBp: 7_125n });
    // A young one may miss by all that is still to come: $600 of revenue, $150 ± $20.6 of AI, $30 other.
    const young = [...running, fakeRunning(3, { high_nanousd: null })];
    expect(marginsOf({ running: young, months: [], asOf }, '2026-11').fleet?.range).toEqual({
      lowBp: 6_656n,
      highBp: 7_344n,
    });
  });

  it('has no fleet without a contract, and a trend of nulls, never zeros', () => {
    const state = marginsOf({ running: [], months: [], asOf }, '2026-11');
    expect(state).toMatchObject({ rows: [], fleet: null });
    expect(state.trend.map(({ marginBp: bp }) => bp)).toEqual(Array.from({ length: 13 }, () => null));
  });
});

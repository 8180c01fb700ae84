import { expect, test } from 'vitest';
import { readPriceBook } from '../../prices/price-book.ts';
import { withinRoom } from './fill-gap.ts';
import { historyRows, pricesByModel, type HistoryStretch } from './history-rows.ts';
import { THE_DOZEN } from './the-dozen.ts';

const prices = pricesByModel(readPriceBook());
const until = Date.parse('2026-11-20T12:00:00Z');
const from = Date.parse('2025-10-21T12:00:00Z');
const tenant = THE_DOZEN.find(({ slug }) => slug === 'hudson-realty')!;
const stretch: HistoryStretch = { tenant, from, until, rows: 4_000, name: 'test' };
const rows = [...historyRows(stretch, prices)];

test('about as many rows as wanted, all inside the stretch, the same each time', () => {
  expect(rows.length).toBeGreaterThan(3_700);
  expect(rows.length).toBeLessThan(4_300);
  for (const { occurred_at } of rows) {
    expect(Date.parse(occurred_at)).toBeGreaterThanOrEqual(from);
    expect(Date.parse(occurred_at)).toBeLessThan(until);
  }
  expect([...historyRows(stretch, prices)]).toEqual(rows);
  expect(new Set(rows.map(({ request_id }) => request_id)).size).toBe(rows.length);
});

test('calls follow the working day of the tenant and grow from month to month', () => {
  const hour = new Intl.DateTimeFormat('en-US', { timeZone: tenant.timeZone, hour: 'numeric', hourCycle: 'h23' });
  const at = (low: number, high: number) =>
    rows.filter(({ occurred_at }) => {
      const shown = Number(hour.format(new Date(occurred_at)));
      return shown >= low && shown < high;
    }).length;
  expect(at(9, 17)).toBeGreaterThan(4 * at(0, 7));
  const middle = (from + until) / 2;
  const early = rows.filter(({ occurred_at }) => Date.parse(occurred_at) < middle).length;
  expect(rows.length - early).toBeGreaterThan(1.2 * early);
});

test('a failed call costs nothing, any other something', () => {
  for (const row of rows) expect(row.cost_nanousd > 0).toBe(row.outcome === 'ok');
  const failed = rows.filter(({ outcome }) => outcome !== 'ok').length;
  expect(failed / rows.length).toBeLessThan(0.03);
  expect(failed).toBeGreaterThan(0);
});

test('only what fits under the cap is left of the present period', () => {
  const periodStart = Date.parse('2026-11-01T04:00:00Z');
  const left = withinRoom(rows, { periodStart, remaining: 1_000_000_000 }, 1);
  const inPeriod = left.filter(({ occurred_at }) => Date.parse(occurred_at) >= periodStart);
  expect(inPeriod.reduce((sum, { cost_nanousd }) => sum + cost_nanousd, 0)).toBeLessThanOrEqual(1_000_000_000);
  expect(inPeriod.length).toBeGreaterThan(0);
  const before = (list: typeof rows) => list.filter(({ occurred_at }) => Date.parse(occurred_at) < periodStart).length;
  expect(before(left)).toBe(before(rows));
});

import { expect, it } from 'vitest';
import { aTenantMonth } from '../testing/tenant-month.ts';
import { csvTable } from '../testing/csv-table.ts';
import { reportCsv } from './report-csv.ts';

const base = aTenantMonth();

it('is one table: a mark, a line of names, the same number of cells everywhere', () => {
  const text = reportCsv(base);
  expect(text.startsWith('\uFEFFsection,item,value,calls,')).toBe(true);
  expect(text.split('\r\n').at(-1)).toBe('');
  const rows = csvTable(text);
  expect(new Set(rows.map((row) => row['section']))).toEqual(
    new Set(['report', 'quality', 'total', 'workflow', 'model', 'month', 'day', 'budget', 'value']),
  );
});

it('has amounts in USD to the nano and in the client’s currency, rounded by themselves', () => {
  const total = csvTable(reportCsv(base)).find((row) => row['section'] === 'total');
  // 14,567.890123456 USD at 0.0118 USD a rupee.
  expect(total).toMatchObject({ cost_usd: '14567.890123456', cost: '1234566.96', currency: 'INR' });
});

it.each([
  ['JPY', 0, '0.0066', '2207256'],
  ['KWD', 3, '3.2485', '4484.497'],
])('%s has its own decimals', (currency, minorDigits, usdPerUnit, cost) => {
  const data = aTenantMonth({
    tenant: { ...base.tenant, currency, minorDigits },
    fx: { usdPerUnit, date: '2026-10-31', source: 'Bank' },
  });
  expect(csvTable(reportCsv(data)).find((row) => row['section'] === 'total')).toMatchObject({ cost, currency });
});

it('has no amount in the client’s currency where no rate is known; dollars need none', () => {
  const total = (data: typeof base) => csvTable(reportCsv(data)).find((row) => row['section'] === 'total');
  expect(total(aTenantMonth({ fx: null }))).toMatchObject({ cost: '', currency: '', cost_usd: '14567.890123456' });
  expect(total(aTenantMonth({ fx: null, tenant: { ...base.tenant, currency: 'USD' } }))).toMatchObject({
    cost: '14567.89',
    currency: 'USD',
  });
});

it('text that a spreadsheet would run is text; amounts below zero stay numbers', () => {
  const data = aTenantMonth({
    tenant: { ...base.tenant, name: '=cmd|"/c calc"!A1' },
    workflows: [
      { ...base.total, name: '@SUM(1,"2")\r\n', value: null },
      { ...base.total, name: '-1+1', value: null },
      { ...base.total, name: null, value: null },
    ],
    days: [{ day: '2026-10-03', calls: 0, failedCalls: 0, costNanoUsd: -1_500_000_001n }],
  });
  const rows = csvTable(reportCsv(data));
  expect(rows.find((row) => row['item'] === 'client')?.['value']).toBe(`'=cmd|"/c calc"!A1`);
  expect(rows.filter((row) => row['section'] === 'workflow').map((row) => row['item'])).toEqual([
    `'@SUM(1,"2")\r\n`,
    `'-1+1`,
    '(no workflow)',
  ]);
  expect(rows.find((row) => row['section'] === 'day')).toMatchObject({
    cost_usd: '-1.500000001',
    cost: '-127.12',
    success_percent: '',
  });
});

it('says of when and of what its figures are', () => {
  const stamps = new Map(
    csvTable(reportCsv(base))
      .filter((row) => row['section'] === 'report')
      .map((row) => [row['item'], row['value']]),
  );
  expect(Object.fromEntries(stamps)).toMatchObject({
    data_as_of: '2026-11-20T09:10:11.000Z',
    time_zone: 'Asia/Kolkata',
    usd_per_unit_of_currency: '0.0118',
    rate_date: '2026-10-31',
    rate_source: 'set by hand',
    price_book: '2026-10-01',
    ledger_rows: '1000',
  });
});

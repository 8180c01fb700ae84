import { Big } from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportDocument as schema } from '../contract/report-document.ts';
import type { ReportDocument, ReportSection } from '../contract/report-document.ts';
import { aTenantMonth, USAGE } from '../testing/tenant-month.ts';
import { reportDocument } from './report-document.ts';

const textsOf = (document: ReportDocument): string => JSON.stringify(document).replaceAll('\u00a0', ' ');
const figure = (document: ReportDocument, label: string) => document.figures.find((one) => one.label === label);

function section(document: ReportDocument, id: ReportSection['id']): ReportSection {
  const found = document.sections.find((one) => one.id === id);
  if (!found) throw new Error(`no section ${id}`);
  return found;
}
const cells = (document: ReportDocument, id: ReportSection['id'], column: number): (string | undefined)[] =>
  section(document, id).table?.rows.map((row) => row[column]) ?? [];

/** Computed another way than the report does: a decimal, digits only. */
const expected = (nanoUsd: bigint, usdPerUnit: string, decimals: number): string =>
  new Big(nanoUsd.toString()).div('1000000000').div(usdPerUnit).round(decimals, Big.roundHalfUp).toFixed(decimals);
const digits = (text: string | undefined): string => (text ?? '').replaceAll(/[^\d.]/g, '');

const nano = fc.bigInt({ min: 0n, max: 9_000_000_000_000_000n });
const usage = fc.record({
  calls: fc.integer({ min: 1, max: 1_000_000 }),
  failedCalls: fc.constant(0),
  inputTokens: fc.integer({ min: 0, max: 2 ** 40 }),
  cachedInputTokens: fc.constant(0),
  outputTokens: fc.integer({ min: 0, max: 2 ** 40 }),
  reasoningTokens: fc.constant(0),
  costNanoUsd: nano,
});

describe('a report', () => {
  it('is one that the contract knows, in the client’s words, currency and zone', () => {
    const document = reportDocument(aTenantMonth());
    expect(schema.parse(document)).toEqual(document);
    expect(document).toMatchObject({ language: 'en', period: 'October 2026', notes: [] });
    expect(figure(document, 'Cost')?.text).toBe('₹12,34,566.96');
    expect(figure(document, 'Success rate')).toMatchObject({ text: '98.8%', note: '12 of 1,000 calls failed' });
    expect(textsOf(document)).toContain('20 November 2026 at 2:40 pm (Asia/Kolkata)');
    expect(textsOf(document)).toContain('1 INR = 0.0118 USD on 2026-10-31 (set by hand)');
  });

  it('says the dataset’s figures, in any currency, to the last digit', () => {
    const currency = fc.constantFrom(['INR', 2], ['JPY', 0], ['KWD', 3], ['EUR', 2]);
    const rate = fc.integer({ min: 1, max: 10_000_000 }).map((value) => (value / 1_000_000).toFixed(6));
    fc.assert(
      fc.property(fc.array(usage, { minLength: 1, maxLength: 5 }), currency, rate, (parts, [code, decimals], usd) => {
        const base = aTenantMonth();
        const document = reportDocument({
          ...base,
          tenant: { ...base.tenant, currency: code, minorDigits: decimals },
          fx: { usdPerUnit: usd, date: '2026-10-31', source: 'test' },
          workflows: parts.map((part, index) => ({ ...part, name: `w${index}`, value: null })),
          models: parts.map((part, index) => ({ ...part, model: `m${index}`, provider: 'p' })),
        });
        for (const [id, name, calls, tokens, cost] of [
          ['workflows', 'w', 1, 3, 4],
          ['models', 'm', 2, 3, 4],
        ] as const) {
          const names = cells(document, id, 0);
          parts.forEach((part, index) => {
            const row = names.indexOf(`${name}${index}`);
            expect(digits(cells(document, id, calls)[row])).toBe(String(part.calls));
            expect(digits(cells(document, id, tokens)[row])).toBe(String(part.inputTokens + part.outputTokens));
            expect(digits(cells(document, id, cost)[row])).toBe(expected(part.costNanoUsd, usd, decimals));
          });
        }
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['en-IN', 'INR', '₹12,34,566.96', 'October 2026'],
    ['de-DE', 'EUR', '1.234.566,96 €', 'October 2026'],
    ['hi-IN', 'INR', '₹12,34,566.96', 'अक्टूबर 2026'],
    ['ar-EG', 'USD', '1,234,566.96', 'October 2026'],
    ['no locale', 'INR', '₹12,34,566.96', 'October 2026'],
  ])('is written as %s writes %s', (locale, currency, cost, period) => {
    const base = aTenantMonth();
    const document = reportDocument({
      ...base,
      brand: { ...base.brand, locale },
      tenant: { ...base.tenant, currency },
    });
    expect(figure(document, document.figures[0]?.label ?? '')?.text.replaceAll(/[\u00a0\u200f]/g, ' ')).toContain(cost);
    expect(document.period).toBe(period);
  });

  it('gives a period’s days in the client’s zone, also half an hour off', () => {
    expect(section(reportDocument(aTenantMonth()), 'budget').table?.rows).toEqual([
      ['1 October 2026', '31 October 2026', '₹16,94,915.25', '₹12,34,566.96', '72.8%'],
    ]);
  });

  it('tells what it was worth in a sentence', () => {
    expect(section(reportDocument(aTenantMonth()), 'value').sentences).toEqual([
      'Lead scoring: 640 leads scored for ₹8,47,457.63, which is ₹1,324.1525 each. At 4.5 minutes of work saved by each, ' +
        'that is 48.0 hours, worth ₹24,000.00 at ₹500.00 an hour.',
    ]);
  });

  it('stays in USD, and says so, where there is no rate', () => {
    const document = reportDocument(aTenantMonth({ fx: null }));
    expect(figure(document, 'Cost')?.text).toBe('$14,567.89');
    expect(textsOf(document)).toContain('no rate for INR is known: amounts are in USD');
    expect(section(document, 'value').sentences[0]).toContain('worth ₹24,000.00');
  });

  it('has no confident figures of a month without calls', () => {
    const none = { ...USAGE, calls: 0, failedCalls: 0, inputTokens: 0, outputTokens: 0, costNanoUsd: 0n };
    const document = reportDocument(
      aTenantMonth({ total: none, latency: null, workflows: [], models: [], days: [], months: [], budget: [] }),
    );
    expect(document.notes).toEqual(['There were no calls in this month.']);
    expect(figure(document, 'Success rate')?.text).toBe('—');
    expect(figure(document, 'Cost per call')?.text).toBe('—');
    expect(figure(document, 'Response time')).toMatchObject({ text: '—', note: 'not measured' });
    expect(document.sections.every(({ chart }) => chart === null)).toBe(true);
  });

  it('has every day and month between, those without usage too', () => {
    const one = { calls: 1, failedCalls: 0, costNanoUsd: 1_000_000_000n };
    const data = aTenantMonth({
      days: [{ day: '2026-10-02', ...one }],
      months: [
        { month: '2026-07', ...one },
        { month: '2026-10', ...one },
      ],
    });
    const document = reportDocument(data);
    expect(cells(document, 'days', 0)).toHaveLength(31);
    expect(cells(document, 'days', 1).slice(0, 3)).toEqual(['0', '1', '0']);
    expect(cells(document, 'months', 1)).toEqual(['1', '0', '0', '1']);
    // 03:00 on the 4th in Delhi: still the 3rd in UTC.
    const running = reportDocument({ ...data, basis: 'running', asOf: new Date('2026-10-03T21:30:00Z') });
    expect(cells(running, 'days', 0).at(-1)).toBe('4 October');
  });

  it('writes amounts below zero, after a correction, as such', () => {
    const total = { ...USAGE, costNanoUsd: -50_000_000n };
    expect(figure(reportDocument(aTenantMonth({ total, fx: null })), 'Cost')?.text).toBe('-$0.05');
  });

  it('says that a running month is not over', () => {
    expect(reportDocument(aTenantMonth({ basis: 'running' })).notes[0]).toMatch(/^The month is not over/);
  });

  it('never rounds a failure away', () => {
    const total = { ...USAGE, calls: 1_000_000, failedCalls: 1 };
    expect(figure(reportDocument(aTenantMonth({ total })), 'Success rate')?.text).toBe('99.9%');
  });
});

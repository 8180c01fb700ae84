/** The report as it leaves the house: printed by a real Chromium, read back from the PDF. */
import os from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import type { TenantMonth } from '../contract/reports.ts';
import { pdfFacts } from '../testing/pdf-facts.ts';
import { aTenantMonth } from '../testing/tenant-month.ts';
import { createTestPrinter } from '../testing/test-printer.ts';
import { reportDocument } from './report-document.ts';
import { createReportFonts } from './report-fonts.ts';
import { reportHtml } from './report-html.ts';

const printer = createTestPrinter();
afterAll(() => printer.close());

const fonts = createReportFonts();
const print = (data: TenantMonth): Promise<Uint8Array> => printer.print(reportHtml(reportDocument(data), fonts));
const base = aTenantMonth();
/** Where a line breaks is no matter. */
const plain = (text: string): string => text.replaceAll(/[\s\u00a0\u202f]+/g, '');

describe('the PDF of a report', () => {
  it('is tagged, has an outline and its fonts within, and tells nothing of this machine', async () => {
    const pdf = await print(base);
    const facts = await pdfFacts(pdf);
    expect(facts).toMatchObject({ tagged: true, language: 'en' });
    expect(facts.headings).toEqual([
      'AI usage report',
      'What it was worth',
      'By workflow',
      'By model',
      'Month by month',
      'Day by day',
      'Calls, tokens, response times',
      'Budget',
      'About these figures',
    ]);
    expect(new Set(facts.fonts)).toEqual(new Set(['Type0', 'CIDFontType2']));
    expect(pdf.length).toBeLessThan((1_000_000 / 6) * facts.pages);
    expect(facts.metadata).toContain('AI usage report – Clinic B – October 2026');
    for (const own of [os.hostname(), os.userInfo().username, os.homedir(), os.tmpdir()]) {
      expect(facts.metadata).not.toContain(own);
    }
  });

  it.each([
    ['INR', 'Asia/Kolkata', 'en-IN', { usdPerUnit: '0.0118', date: '2026-10-31', source: 'bank' }],
    ['EUR', 'Europe/Berlin', 'de-DE', { usdPerUnit: '1.0825', date: '2026-10-31', source: 'bank' }],
    ['USD', 'America/St_Johns', 'en-US', null],
  ])('says every figure in %s', async (currency, timeZone, locale, fx) => {
    const data = { ...base, tenant: { ...base.tenant, currency, timeZone }, brand: { ...base.brand, locale }, fx };
    const document = reportDocument(data);
    const text = plain((await pdfFacts(await print(data))).text);
    for (const { text: figure } of document.figures) expect(text).toContain(plain(figure));
    for (const { table } of document.sections) {
      for (const row of [...(table?.rows ?? []), ...(table?.total ? [table.total] : [])]) {
        expect(text).toContain(plain(row.join('')));
      }
    }
    for (const stamp of document.stamps) expect(text).toContain(plain(stamp.text));
  });

  it('is Hindi as text, with the rupee sign', async () => {
    const brand = { ...base.brand, locale: 'hi-IN', displayName: 'क्लिनिक बी' };
    const facts = await pdfFacts(await print({ ...base, brand }));
    expect(facts.language).toBe('hi');
    expect(facts.text).toContain('लागत');
    expect(facts.text).toContain('₹12,34,566.96');
    // Joined letters are glyphs of their own; the file says what they stand for.
    expect(facts.clusters.join('')).toContain('क्लिनि');
    expect(new Set(facts.fonts)).not.toContain('Type3');
  });

  it('leaves a client’s words words', async () => {
    const name = `</style><script>document.title='x'</script>`;
    const { text } = await pdfFacts(
      await print({ ...base, brand: { ...base.brand, displayName: name, footer: name } }),
    );
    expect(plain(text)).toContain(plain(name));
  });
});

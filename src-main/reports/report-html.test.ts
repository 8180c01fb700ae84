import { describe, expect, it } from 'vitest';
import { aTenantMonth } from '../testing/tenant-month.ts';
import { reportDocument } from './report-document.ts';
import { createReportFonts } from './report-fonts.ts';
import { reportHtml } from './report-html.ts';

const fonts = createReportFonts();
const pageOf = (data = aTenantMonth()): string => reportHtml(reportDocument(data), fonts);
const facesIn = (page: string): number => page.match(/@font-face/g)?.length ?? 0;

const HOSTILE = `</title></style><script>alert(1)</script><img src=x onerror="alert('2')">`;

describe('the page of a report', () => {
  it('is complete in itself and may run and load nothing', () => {
    const page = pageOf();
    expect(page).toContain('<html lang="en">');
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:"`);
    expect(page).not.toMatch(/<script|https?:|<link|@import/);
  });

  it('leaves text what it is, wherever a client’s words can stand', () => {
    const base = aTenantMonth();
    const page = pageOf({
      ...base,
      brand: { ...base.brand, displayName: HOSTILE, footer: HOSTILE, colour: HOSTILE, logo: HOSTILE },
      workflows: base.workflows.map((one) => Object.assign({}, one, { name: HOSTILE })),
      models: base.models.map((one) => Object.assign({}, one, { model: HOSTILE, provider: HOSTILE })),
      priceVersions: [HOSTILE],
      fx: { usdPerUnit: '0.0118', date: '2026-10-31', source: HOSTILE },
    });
    expect(page).not.toContain('<script');
    expect(page).not.toContain('<img');
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page.match(/<\/title>/g)).toHaveLength(1);
    expect(page).toContain('&lt;/title&gt;&lt;/style&gt;&lt;script&gt;alert(1)');
  });

  it('shows a logo that is a picture within', () => {
    const base = aTenantMonth();
    const logo = 'data:image/png;base64,iVBORw0KGgo=';
    expect(pageOf({ ...base, brand: { ...base.brand, logo } })).toContain(`<img class="logo" src="${logo}" alt="">`);
  });

  it('carries the fonts that its characters need and no others', () => {
    const base = aTenantMonth();
    const latin = pageOf({ ...base, tenant: { ...base.tenant, currency: 'USD' }, fx: null });
    // Two weights each: letters; then those of the rupee sign.
    expect(facesIn(latin)).toBeLessThan(facesIn(pageOf()));
    expect(latin).not.toContain('U+0900-097F');
    expect(pageOf()).toContain('U+0900-097F');
  });

  it('has every figure of a chart in the table of its section', () => {
    const { sections } = reportDocument(aTenantMonth());
    for (const { chart, table } of sections) {
      if (chart === null) continue;
      const figures = new Set(table?.rows.flat());
      for (const bar of chart.bars) expect(figures).toContain(bar.text);
    }
  });
});

/** A client's month: seen as it will be printed, then a PDF and a CSV of it in the folder for exports. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pdfFacts } from '../src-main/testing/pdf-facts.ts';
import { findings } from './fixtures/axe-findings.ts';
import { expect, test as base } from './fixtures/test.ts';
import { ReportsPage } from './pages/reports-page.ts';

const test = base.extend<{ reports: ReportsPage }>({
  reports: async ({ page, board: _board }, provide) => {
    await provide(new ReportsPage(page));
  },
});

test('a client’s report is seen and goes into the folder as PDF and CSV', async ({ reports, page, console }) => {
  await reports.open();
  const row = reports.ready().first();
  const name = (await row.getAttribute('aria-label')) ?? '';
  await row.click();
  const paper = reports.preview.getByRole('article');
  await expect(paper.getByRole('heading', { name: 'AI usage report' })).toBeVisible();
  const cost = await paper.getByRole('definition').first().innerText();

  await page.getByRole('checkbox', { name: 'CSV' }).check();
  await reports.exportButton().click();
  await expect(reports.result).toContainText('2 files written', { timeout: 30_000 });
  await expect(reports.result).toContainText(name);

  const files = readdirSync(console.exports);
  const pdf = files.find((file) => file.endsWith('.pdf')) ?? '';
  const csv = files.find((file) => file.endsWith('.csv')) ?? '';
  const facts = await pdfFacts(readFileSync(path.join(console.exports, pdf)));
  expect(facts.text.replaceAll(/\s/g, '')).toContain(cost.replaceAll(/\s/g, ''));
  expect(facts.tagged).toBe(true);
  expect(readFileSync(path.join(console.exports, csv), 'utf8')).not.toBe('');
  expect(files.filter((file) => file.endsWith('.part'))).toEqual([]);
});

for (const colorScheme of ['dark', 'light'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, viewport: { width: 1024, height: 700 } });
    test('the page of reports has no finding', async ({ reports, page }) => {
      await reports.open();
      await reports.ready().first().click();
      await expect(reports.preview.getByRole('article')).toBeVisible();
      expect(await findings(page)).toEqual([]);
    });
  });
}

test.describe('a viewer', () => {
  test.use({ role: 'viewer' });
  test('reads why there are no reports', async ({ reports, page }) => {
    await reports.open();
    await expect(
      page.getByText('Your role, viewer, sees clients, caps and usage, but makes no reports.'),
    ).toBeVisible();
  });
});

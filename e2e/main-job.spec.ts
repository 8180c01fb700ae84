/**
 * The main job, lived through once: a client is refused, asks, is approved with one key, and its next call passes; last month's report of one
 * client; the platform goes, another client's report comes out with the age of its data, no cap is to be changed; the platform is back, all is
 * fresh, and the audit log has it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { pdfFacts } from '../src-main/testing/pdf-facts.ts';
import { findingsInBothThemes } from './fixtures/axe-findings.ts';
import { cut } from './fixtures/cut-console.ts';
import { askForMore, callGateway, spendUntilRefused } from './fixtures/tenant-calls.ts';
import { expect } from './fixtures/test.ts';
import { AuditPage } from './pages/audit-page.ts';
import { InboxPage } from './pages/inbox-page.ts';
import { ReportsPage } from './pages/reports-page.ts';

/** The PDF of one client's month on the page. @returns its text, without spaces */
async function exportPdf(page: Page, folder: string, client: string): Promise<string> {
  const reports = new ReportsPage(page);
  await reports.client(client).click();
  await expect(reports.preview.getByRole('article')).toBeVisible();
  await reports.exportButton().click();
  await expect(reports.result).toContainText('1 file written', { timeout: 30_000 });
  await expect(reports.result).toContainText(client);
  const pdfs = readdirSync(folder).filter((name) => name.endsWith('.pdf'));
  const texts = await Promise.all(
    pdfs.map(async (name) => (await pdfFacts(readFileSync(path.join(folder, name)))).text.replaceAll(/\s/g, '')),
  );
  return texts.find((text) => text.includes(client.replaceAll(/\s/g, ''))) ?? '';
}

cut.use({ stage: 'main job' });

cut('the main job, from the refusal to the audit log @browser', async ({ platform, lines, console, board, page }) => {
  cut.setTimeout(240_000);
  const clinic = platform.tenants.find(({ slug }) => slug === 'clinic-b')!;
  const other = platform.tenants.find(({ slug }) => slug === 'agency-c')!;
  await expect(board.connection).toContainText(/ · live$/);

  await spendUntilRefused(platform, clinic);
  await expect(board.row(clinic.name)).toContainText('refusing');
  await askForMore(platform, clinic, '5.00');
  const inbox = new InboxPage(page);
  await inbox.open();
  await expect(inbox.card(clinic.name)).toContainText('Twice as many calls as planned');
  expect(await findingsInBothThemes(page)).toEqual([]);
  await page.keyboard.press('a');
  await expect(page.getByRole('status').filter({ hasText: `${clinic.name} may now spend` })).toBeVisible();
  await expect
    .poll(async () => (await callGateway(platform, clinic)).status, { timeout: 5_000, intervals: [50] })
    .toBe(200);
  const audit = new AuditPage(page);
  await audit.open();
  await expect(audit.entries(clinic.name).first()).toContainText('increase approved');

  const reports = new ReportsPage(page);
  await reports.open();
  await expect(reports.client(clinic.name)).toContainText('ready');
  const cost = reports.preview.getByRole('definition').first();
  const printed = await exportPdf(page, console.exports, clinic.name);
  expect(printed).toContain((await cost.innerText()).replaceAll(/\s/g, ''));

  // A copy is fetched of every client before anybody asks for it, politely.
  const age = reports.client(other.name);
  await expect(age).toContainText('copy kept', { timeout: 60_000 });
  for (const line of Object.values(lines)) line.set('refuse');
  await expect(board.connection).toContainText(/gateway and database away since/);
  await expect(age).toContainText(/copy, .* old/);
  expect(await findingsInBothThemes(page)).toEqual([]);
  const offline = await exportPdf(page, console.exports, other.name);
  expect(offline).toContain((await cost.innerText()).replaceAll(/\s/g, ''));
  expect(offline, 'of when its data is').toMatch(/dataasof/i);
  expect(offline, 'nobody else is in it').not.toContain(clinic.name.replaceAll(/\s/g, ''));
  await board.open();
  const raise = page.getByRole('button', { name: `Raise cap of ${clinic.name} by 10 %` });
  await expect(raise).toHaveAttribute('aria-disabled', 'true');
  await expect(raise).toHaveAccessibleDescription(/nothing can be changed/);
  const cap = await board.cap(clinic.name);
  await raise.click({ force: true });

  for (const line of Object.values(lines)) line.set('forward');
  await expect(board.connection).toContainText(/ · live$/, { timeout: 20_000 });
  await expect(board.gauge(clinic.name)).not.toHaveAttribute('aria-valuetext', /as of/);
  await expect(raise).toHaveAttribute('aria-disabled', 'false');
  expect(await board.cap(clinic.name), 'the click came to nothing').toBe(cap);
  await audit.open();
  await expect(audit.entries(other.name).first(), 'told when the platform was back').toContainText(/report/i, {
    timeout: 20_000,
  });
  expect(await findingsInBothThemes(page)).toEqual([]);
});

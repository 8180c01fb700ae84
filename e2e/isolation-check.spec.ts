import { readFileSync } from 'node:fs';
import { findings } from './fixtures/axe-findings.ts';
import { expect, test } from './fixtures/test.ts';
import { IsolationPage } from './pages/isolation-page.ts';

test.describe('an auditor', () => {
  test.use({ role: 'auditor' });

  test('proves that clients are kept apart, and takes a page along that names none of them', async ({
    page,
    board,
    platform,
  }) => {
    const isolation = new IsolationPage(page);
    await board.untilShown();
    await isolation.open();
    await isolation.run();
    await expect(isolation.verdict).toContainText('Clients are kept apart in this database.');
    await expect(isolation.attempts('An auditor, of all clients')).toContainText('As written down');
    expect(await isolation.rules().count()).toBeGreaterThan(15);

    const file = await isolation.exportPage();
    const html = readFileSync(file, 'utf8');
    for (const { name, slug } of platform.tenants) {
      expect(html).not.toContain(name);
      expect(html).not.toContain(slug);
    }
  });

  for (const colorScheme of ['dark', 'light'] as const) {
    test(`axe finds nothing in the ${colorScheme} theme, nor on the page for a client`, async ({
      page,
      board,
      browser,
    }) => {
      await page.emulateMedia({ colorScheme });
      await board.untilShown();
      const isolation = new IsolationPage(page);
      await isolation.open();
      expect(await findings(page)).toEqual([]);
      await isolation.run();
      expect(await findings(page)).toEqual([]);
      const other = await browser.newPage({ colorScheme });
      await other.setContent(readFileSync(await isolation.exportPage(), 'utf8'));
      expect(await findings(other)).toEqual([]);
      await other.close();
    });
  }
});

test('an operator sees who can run it', async ({ page, board }) => {
  await board.untilShown();
  const isolation = new IsolationPage(page);
  await isolation.open();
  await expect(isolation.button).toHaveAttribute('aria-disabled', 'true');
  await expect(page.getByText('Auditors and admins run it. Your role is operator')).toBeVisible();
});

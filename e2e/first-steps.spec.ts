/** The first minute: what is running, what to click first; put away for good, and back from the palette. */
import { findings } from './fixtures/axe-findings.ts';
import { startTestConsole } from './fixtures/test-console.ts';
import { expect, test } from './fixtures/test.ts';
import { BoardPage } from './pages/board-page.ts';

test('a first start explains itself until its words are put away', { tag: '@browser' }, async ({ platform, page }) => {
  const console = await startTestConsole(platform, 'operator', undefined, { firstStart: true });
  try {
    await console.open(page);
    const card = page.getByRole('region', { name: 'Welcome to TenantDesk' });
    await expect(card).toContainText('What is running');
    await expect(card).toContainText('Nothing leaves the machine');
    expect(await findings(page)).toEqual([]);
    await card.getByRole('button', { name: 'Put away' }).click();
    await expect(card).toBeHidden();
    await page.reload();
    await new BoardPage(page).untilShown();
    await expect(card).toBeHidden();
  } finally {
    await console.close();
  }
});

test('the palette brings the first steps back, and they lead on', async ({ board: _board, page }) => {
  const card = page.getByRole('region', { name: 'Welcome to TenantDesk' });
  await expect(card).toBeHidden();
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Find a client, an action, a page').fill('First steps');
  await page.getByRole('button', { name: /^First steps/ }).click();
  await expect(card).toBeVisible();
  await card.getByRole('link', { name: 'Reports' }).click();
  await expect(page.getByRole('region', { name: 'Preview' })).toBeVisible();
});

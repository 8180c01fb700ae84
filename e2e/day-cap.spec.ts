/** A daily cap beside the monthly one: both seen, the one that stops calls named, changed with the same clicks. */
import { findingsInBothThemes } from './fixtures/axe-findings.ts';
import type { PlatformTenant, TestPlatform } from './fixtures/local-platform.ts';
import { callGateway, spendUntilRefused } from './fixtures/tenant-calls.ts';
import { expect, test } from './fixtures/test.ts';
import type { BoardPage } from './pages/board-page.ts';

/** The demonstration's client with two caps. */
const salonOf = (platform: TestPlatform): PlatformTenant => platform.tenants.find(({ slug }) => slug === 'salon-a')!;

const dollars = (text: string | null): number => Number(/\$([\d,.]+)/.exec(text ?? '')?.[1]?.replaceAll(',', ''));

/** Sets the daily cap, in the open panel; the panel asks about a lower one. */
async function setDailyCap(board: BoardPage, name: string, usd: string, asks: boolean): Promise<void> {
  const section = board.capSection(name, 'day');
  await board.enterCap(name, usd, 'day');
  if (asks) await section.getByRole('button', { name: /^(Lower|Set) to \$/ }).click();
  await expect(section).toContainText(`of $${usd} today`);
}

test('the day’s cap stops calls, the month’s does not: said on the row, explained, raised with one click', async ({
  page,
  platform,
  board,
  tenantPanel,
  audit,
}) => {
  const salon = salonOf(platform);
  const { name } = salon;
  await expect(board.row(name)).toContainText(/\$[\d.]+ a day/);
  const monthCap = await board.cap(name);

  await board.openTenant(name);
  const day = board.capSection(name, 'day');
  const month = board.capSection(name, 'month');
  await expect(month).toContainText(/Monthly cap version \d+.*Period.*Resets/s);
  await expect(day).toContainText(/Daily cap version 1.*of \$[\d.]+ today.*Resets\d+ \w+ 00:00 IST/s);
  await expect(day.getByRole('meter')).toHaveAttribute('aria-valuetext', /^today <?\d+ % of \$[\d.]+ committed, \$/);
  await expect(month.getByRole('meter')).toHaveAttribute('aria-valuetext', /^<?\d+ % of \$[\d.]+ committed, \$/);
  const before = (await day.locator('p').first().textContent()) ?? '';
  await setDailyCap(board, name, (dollars(before) + 0.15).toFixed(2), true);

  const refusal = await spendUntilRefused(platform, salon);
  expect(refusal.body).toMatchObject({ error: { code: 'tenant_day_cap', period: 'day' } });
  const row = board.row(name);
  await expect(row).toContainText(/refusing since \d\d:\d\d/);
  await expect(row).toContainText('daily cap until 00:00 IST');
  await expect(board.gauge(name)).toHaveAttribute('aria-label', `Committed and held of the daily cap of ${name}`);
  await expect(row).toContainText(/day<?\d+ %.*today/);
  await test.info().attach('day-cap-refusing', { body: await page.screenshot(), contentType: 'image/png' });

  await tenantPanel.refusals.first().getByRole('button', { name: /why\?/ }).click();
  await expect(tenantPanel.openedRefusal).toContainText('The daily cap had no room for this call');
  await expect(tenantPanel.openedRefusal).toContainText(/Raise the cap, or wait: it resets \d+ \w+ 00:00 IST/);
  await expect(tenantPanel.scopes.filter({ hasText: 'refused here' })).toContainText('daily cap');
  await expect(tenantPanel.scopes.filter({ hasText: 'monthly cap' })).not.toContainText('refused');
  expect(await findingsInBothThemes(page)).toEqual([]);

  const dayCap = await board.cap(name);
  await board.raise(name, 10, 'daily cap');
  await expect(day).toContainText(/Daily cap \$[\d.]+ → \$[\d.]+, \+1\d/);
  await expect.poll(() => callGateway(platform, salon).then(({ status }) => status), { intervals: [50] }).toBe(200);
  await expect(board.row(name)).not.toContainText(/refusing/);
  await expect(month).toContainText(`of ${monthCap}`);
  await expect(board.undo(name, 'daily cap'), 'also on the row, which is about the month again').toHaveCount(2);

  // The palette knows what can be undone.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Find a client, an action, a page').fill('undo');
  await page.getByRole('button', { name: `Undo the change of the daily cap of ${name} back to ${dayCap}` }).click();
  await board.openTenant(name);
  await expect(day).toContainText(`of ${dayCap} today`);
  await expect(day).toContainText(/Undone: daily cap/);

  await setDailyCap(board, name, '50.00', false);
  await expect.poll(() => board.cap(name)).toBe(monthCap);
  expect((await callGateway(platform, salon)).status).toBe(200);
  await audit.open();
  await expect(audit.entries(name).first()).toContainText('daily cap');
});

test.describe('a viewer', () => {
  test.use({ role: 'viewer' });

  test('sees both caps, changes none, and is shown no way to the audit log', async ({ page, platform, board }) => {
    const { name } = salonOf(platform);
    await board.openTenant(name);
    for (const period of ['month', 'day'] as const) {
      const section = board.capSection(name, period);
      await expect(section).toContainText('Your role, viewer, can look at caps but not change them.');
      await expect(section.getByRole('button', { name: 'Set cap' })).toHaveAttribute('aria-disabled', 'true');
    }
    await expect(page.getByRole('link', { name: 'Audit' })).toHaveCount(0);
    await expect(page.getByRole('link', { name: /^All changes of/ })).toHaveCount(0);
    await page.evaluate(() => {
      location.hash = '#/audit';
    });
    await expect(page.getByRole('heading', { name: 'The audit log is not for your role' })).toBeVisible();
    expect(await findingsInBothThemes(page)).toEqual([]);
  });
});

/** A small window, as on a laptop or beside another program: what is needed at once stays on it, and nothing covers anything. */
import { findingsInBothThemes } from './fixtures/axe-findings.ts';
import { askForMore } from './fixtures/tenant-calls.ts';
import { expect, test } from './fixtures/test.ts';
import { InboxPage } from './pages/inbox-page.ts';

// Some clients have alerts there, on any day.
test.use({ stage: 'inbox', viewport: { width: 1024, height: 700 } });

/** The window's size is Playwright's there. */
const BROWSER = { tag: '@browser' };

test('a client stands beside the board, not above it', BROWSER, async ({ page, platform, board }) => {
  const clinic = platform.tenants.find(({ slug }) => slug === 'clinic-b')!;
  await board.untilShown();
  await board.openTenant(clinic.name);
  const panel = await board.panel(clinic.name).boundingBox();
  const row = await board.row(clinic.name).first().boundingBox();
  expect(row!.x + row!.width).toBeLessThanOrEqual(panel!.x);
  await expect(board.tile('Need attention')).toBeInViewport({ ratio: 1 });
  await expect(
    board
      .row(clinic.name)
      .first()
      .getByText(await board.cap(clinic.name)),
  ).toBeInViewport({ ratio: 1 });
  expect(await findingsInBothThemes(page)).toEqual([]);
});

test(
  'the decision about a request is on the window, whatever stands above it',
  BROWSER,
  async ({ page, platform, board }) => {
    const tenant = platform.tenants.at(-1)!;
    await askForMore(platform, tenant, '1.00');
    await board.untilShown();
    const inbox = new InboxPage(page);
    await inbox.open();
    await inbox.item(tenant.name).click();
    const card = inbox.card(tenant.name);
    for (const height of [700, 480]) {
      await page.setViewportSize({ width: 1024, height });
      for (const choice of [/^Approve/, /^Other amount/, /^Decline/]) {
        await expect(card.getByRole('button', { name: choice })).toBeInViewport({ ratio: 1 });
      }
    }
    expect(await findingsInBothThemes(page)).toEqual([]);
    await page.keyboard.press('d');
    await page.keyboard.type('Not this week');
    await page.keyboard.press('Enter');
    await expect(await inbox.decided(tenant.name)).toContainText('Not this week');
    const tabs = page.getByRole('navigation', { name: 'Inbox' }).getByRole('link');
    await expect(tabs.and(page.locator('[aria-current=page]'))).toHaveText('Decided');
  },
);

import type { Browser, Page } from '@playwright/test';
import { findings, findingsInBothThemes } from './fixtures/axe-findings.ts';
import type { PlatformFacts, PlatformTenant } from './fixtures/local-platform.ts';
import { askForMore, callGateway, spendUntilRefused } from './fixtures/tenant-calls.ts';
import { startTestConsole, type TestConsole } from './fixtures/test-console.ts';
import { expect, test } from './fixtures/test.ts';
import { AuditPage } from './pages/audit-page.ts';
import { BoardPage } from './pages/board-page.ts';
import { InboxPage } from './pages/inbox-page.ts';

/** A gateway obeys within 250 ms; its answer takes some of the pretend provider's time. */
const SOON = { timeout: 3_000, intervals: [50] };

const clinicOf = (platform: PlatformFacts): PlatformTenant => platform.tenants.find(({ slug }) => slug === 'clinic-b')!;
/** One of the account manager's. */
const assignedOf = (platform: PlatformFacts): PlatformTenant =>
  platform.tenants.find(({ slug }) => slug === 'salon-a')!;
const otherOf = (platform: PlatformFacts): PlatformTenant => platform.tenants.find(({ slug }) => slug !== 'clinic-b')!;

interface Told {
  readonly status: string;
  readonly decided_amount_usd: string | null;
  readonly decision_reason: string | null;
}

/** What the tenant itself sees of its latest request. */
async function told(platform: PlatformFacts, tenant: PlatformTenant): Promise<Told | undefined> {
  const answer = await fetch(`${platform.gateway}/v1/budget`, {
    headers: { authorization: `Bearer ${tenant.apiKey}` },
  });
  return ((await answer.json()) as { requests: Told[] }).requests[0];
}

/** Notifications of requests on this page are written down instead of shown; an alert may come as well, on some days. */
async function recordRequestNotices(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const shown: string[] = [];
    Object.assign(window, { shownNotices: shown });
    class Recorded extends EventTarget {
      static readonly permission = 'granted';
      constructor(title: string) {
        super();
        shown.push(title);
      }
      close(): void {}
    }
    Object.assign(window, { Notification: Recorded });
  });
  return async () => {
    const shown = await page.evaluate(() => (window as unknown as { shownNotices: string[] }).shownNotices);
    return shown.filter((title) => title.includes(' asks for '));
  };
}

// What is confirmed here counts for who asked as well: whatever they raise later would wait for a day.
test.use({ stage: 'inbox' });

test('refused, asked, notified, approved with one key: the next call passes, the audit has it @browser', async ({
  platform,
  console,
  page,
}) => {
  const notices = await recordRequestNotices(page);
  await console.open(page);
  const board = new BoardPage(page);
  await board.untilShown();
  const clinic = clinicOf(platform);
  await spendUntilRefused(platform, clinic);
  await askForMore(platform, clinic, '5.00');
  const inbox = new InboxPage(page);
  await expect(inbox.place).toContainText('1');
  await expect(page).toHaveTitle(/^\(1\) /);
  await expect.poll(notices).toEqual([`${clinic.name} asks for $5.00 more`]);

  await inbox.open();
  const card = inbox.card(clinic.name);
  await expect(card).toContainText('Twice as many calls as planned');
  await expect(card).toContainText('refusing now');
  await page.keyboard.press('a');
  await expect(page.getByRole('status').filter({ hasText: `${clinic.name} may now spend` })).toBeVisible();
  await expect.poll(async () => (await callGateway(platform, clinic)).status, SOON).toBe(200);
  expect(await told(platform, clinic)).toMatchObject({ status: 'approved', decided_amount_usd: '5.00' });

  const audit = new AuditPage(page);
  await audit.open();
  await expect(audit.entries(clinic.name).first()).toContainText('increase approved');
});

test('another amount and a decline are a few keys; the client reads the reason', async ({ platform, board, page }) => {
  await board.untilShown();
  const tenant = otherOf(platform);
  const inbox = new InboxPage(page);
  await askForMore(platform, tenant, '4.00');
  await inbox.open();
  await expect(inbox.card(tenant.name)).toBeVisible();
  await page.keyboard.press('o');
  await page.keyboard.type('1.50');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await told(platform, tenant))?.decided_amount_usd).toBe('1.50');

  await askForMore(platform, tenant, '9.00');
  await expect(inbox.card(tenant.name)).toContainText('$9.00 more');
  await page.keyboard.press('d');
  await page.keyboard.type('Talk to us first');
  await page.keyboard.press('Enter');
  await expect
    .poll(async () => told(platform, tenant))
    .toMatchObject({ status: 'declined', decision_reason: 'Talk to us first' });
  await expect(page.getByText('Nothing waits for a decision')).toBeVisible();

  const over = await inbox.decided(tenant.name);
  await expect(over.first()).toContainText('asked for $9.00 more');
  await expect(over.first()).toContainText('Declined');
  await expect(over.first()).toContainText('Talk to us first');
  await expect(over.nth(1)).toContainText('Approved with another amount, $1.50 more');
  expect(await findingsInBothThemes(page)).toEqual([]);
});

test.describe('an account manager', () => {
  test.use({ role: 'account_manager' });

  test('asks in the client’s panel; an operator approves it, and both see it among what was decided', async ({
    platform,
    board,
    page,
    browser,
  }) => {
    await board.untilShown();
    const tenant = assignedOf(platform);
    await board.openTenant(tenant.name);
    const panel = board.panel(tenant.name);
    await panel
      .getByRole('button', { name: /^Ask for an increase of/ })
      .first()
      .click();
    const form = panel.getByRole('form', { name: /^Ask for an increase of/ });
    await form.getByRole('button', { name: 'Ask', exact: true }).click();
    await expect(form).toContainText('give a reason');
    await form.getByLabel('How much more, in USD').fill('6.25');
    await form.getByLabel('Why').fill('A fair next week');
    expect(await findingsInBothThemes(page)).toEqual([]);
    await form.getByRole('button', { name: 'Ask', exact: true }).click();
    await expect(panel).toContainText('$6.25 more is asked for');

    const other = await secondWindow(platform, 'operator', browser);
    const theirs = new InboxPage(other.page);
    await theirs.open();
    await expect(theirs.card(tenant.name)).toContainText('A fair next week');
    await other.page.keyboard.press('a');
    await expect(other.page.getByRole('status').filter({ hasText: `${tenant.name} may now spend` })).toBeVisible();
    for (const inbox of [theirs, new InboxPage(page)]) {
      await inbox.open();
      await expect((await inbox.decided(tenant.name)).first()).toContainText('Approved, $6.25 more');
    }
    await other.close();
  });
});

test('a decision taken in two windows counts once, and the second is told who was faster', async ({
  platform,
  board,
  page,
  browser,
}) => {
  await board.untilShown();
  const tenant = otherOf(platform);
  const other = await secondWindow(platform, 'admin', browser);
  await askForMore(platform, tenant, '2.00');
  const [mine, theirs] = [new InboxPage(page), new InboxPage(other.page)];
  await mine.open();
  await theirs.open();
  await expect(theirs.card(tenant.name)).toBeVisible();
  await expect(mine.card(tenant.name)).toBeVisible();
  // Both press at once.
  await Promise.all([page.keyboard.press('a'), other.page.keyboard.press('a')]);
  await expect
    .poll(async () => {
      const texts = await Promise.all([page, other.page].map((one) => one.locator('main').innerText()));
      return texts.filter((text) => text.includes('may now spend')).length;
    })
    .toBe(1);
  expect(await told(platform, tenant)).toMatchObject({ status: 'approved', decided_amount_usd: '2.00' });
  await other.close();
});

test('a raise above the limit waits for a second operator in a second window', async ({
  platform,
  board,
  page,
  browser,
}) => {
  const tenant = otherOf(platform);
  await board.openTenant(tenant.name);
  await board.enterCap(tenant.name, '90000');
  await expect(board.panel(tenant.name)).toContainText('waits for a second person');
  const inbox = new InboxPage(page);
  await inbox.open();
  await expect(inbox.card(tenant.name)).toContainText('You asked for it yourself');
  await page.keyboard.press('a');
  await expect(inbox.card(tenant.name)).toBeVisible();

  const other = await secondWindow(platform, 'admin', browser);
  const theirs = new InboxPage(other.page);
  await theirs.open();
  await expect(theirs.card(tenant.name)).toContainText('wants to raise it by');
  await other.page.keyboard.press('a');
  await expect(other.page.getByRole('status').filter({ hasText: 'may now spend $90,00' })).toBeVisible();
  await expect(page.getByText('Nothing waits for a decision')).toBeVisible();
  await other.close();
});

for (const colorScheme of ['dark', 'light'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme });
    test('axe finds nothing in the inbox, with a card, while declining, and empty', async ({
      platform,
      board,
      page,
    }) => {
      await board.untilShown();
      const tenant = otherOf(platform);
      const inbox = new InboxPage(page);
      await inbox.open();
      expect(await findings(page)).toEqual([]);
      await askForMore(platform, tenant, '3.00');
      await expect(inbox.card(tenant.name)).toBeVisible();
      await page.keyboard.press('d');
      expect(await findings(page)).toEqual([]);
      await page.keyboard.type('Not now');
      await page.keyboard.press('Enter');
      await expect(inbox.card(tenant.name)).toHaveCount(0);
      expect(await findings(page)).toEqual([]);
    });
  });
}

async function secondWindow(
  platform: PlatformFacts,
  role: string,
  browser: Browser,
): Promise<{ page: Page; close(): Promise<void> }> {
  const console: TestConsole = await startTestConsole(platform, role);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(console.newAddress());
  await new BoardPage(page).untilShown();
  return {
    page,
    close: async () => {
      await context.close();
      await console.close();
    },
  };
}

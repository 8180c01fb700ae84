import type { Page } from '@playwright/test';
import type { PlatformFacts, PlatformTenant } from './fixtures/local-platform.ts';
import { callGateway, spendUntilRefused } from './fixtures/tenant-calls.ts';
import { expect, test } from './fixtures/test.ts';
import { startTestConsole } from './fixtures/test-console.ts';
import { BoardPage } from './pages/board-page.ts';

const statusOf = async (platform: PlatformFacts, tenant: PlatformTenant): Promise<number> =>
  (await callGateway(platform, tenant)).status;

const clinicOf = (platform: PlatformFacts): PlatformTenant => platform.tenants.find(({ slug }) => slug === 'clinic-b')!;

/** A gateway obeys within 250 ms; its answer takes some of the pretend provider's time. */
const SOON = { timeout: 2_000, intervals: [50] };

// Its clients have no temporary raise yet.
test.use({ stage: 'undo' });

test('a raise is undone with one key: the old cap holds again', async ({ platform, board, audit, page }) => {
  const clinic = clinicOf(platform);
  await spendUntilRefused(platform, clinic);
  const before = await board.cap(clinic.name);
  await board.raise(clinic.name, 10);
  await expect.poll(() => board.cap(clinic.name)).not.toBe(before);
  await expect.poll(() => statusOf(platform, clinic), SOON).toBe(200);

  await expect(board.undo(clinic.name)).toHaveText(/^Undo \(2\d s\)$/);
  await board.row(clinic.name).focus();
  await page.keyboard.press('u');
  await expect.poll(() => board.cap(clinic.name)).toBe(before);
  await expect(board.undo(clinic.name)).toHaveCount(0);
  await expect.poll(() => statusOf(platform, clinic), SOON).toBe(402);

  await audit.open();
  await expect(audit.entries(clinic.name).first()).toContainText('undone');
});

test('the undo goes when somebody else changed the cap', async ({ platform, board, browser }) => {
  const tenant = platform.tenants.find(({ slug }) => slug !== 'clinic-b')!;
  const console = await startTestConsole(platform, 'admin');
  const context = await browser.newContext();
  const other = await openBoard(await context.newPage(), console.newAddress());
  await board.raise(tenant.name, 10);
  await expect(board.undo(tenant.name)).toBeVisible();
  const mine = await board.cap(tenant.name);
  await expect.poll(() => other.cap(tenant.name)).toBe(mine);
  await expect(other.undo(tenant.name), 'it is not theirs').toHaveCount(0);
  await other.raise(tenant.name, 10);
  await expect(board.undo(tenant.name)).toHaveCount(0);
  await context.close();
  await console.close();
});

test('a temporary raise lets calls pass until it is removed; the cap itself stays', async ({
  platform,
  board,
  audit,
}) => {
  const clinic = clinicOf(platform);
  await spendUntilRefused(platform, clinic);
  const before = await board.cap(clinic.name);
  await board.openTenant(clinic.name);
  const end = dayAfterTomorrow(clinic.timeZone);
  await board.raiseForATime(clinic.name, '5', `${end.date}T18:00`);
  await expect(board.overrides(clinic.name)).toHaveCount(1);
  await expect(board.overrides(clinic.name)).toContainText(`+$5.00 until ${end.words} 18:00`);
  await expect.poll(() => statusOf(platform, clinic), SOON).toBe(200);
  await expect(board.row(clinic.name)).toContainText('incl. +$5.00');
  await expect(board.panel(clinic.name)).toContainText(`${before}, override +$5.00 until ${end.words}`);
  expect(amount(await board.cap(clinic.name))).toBeCloseTo(amount(before) + 5);

  await board
    .overrides(clinic.name)
    .getByRole('button', { name: /^Remove/ })
    .click();
  await expect(board.overrides(clinic.name)).toContainText(/below the .* committed already/);
  await board
    .overrides(clinic.name)
    .getByRole('button', { name: /^Remove it/ })
    .click();
  await expect(board.overrides(clinic.name)).toHaveCount(0);
  await expect.poll(() => board.cap(clinic.name)).toBe(before);
  await expect.poll(() => statusOf(platform, clinic), SOON).toBe(402);

  await audit.open();
  await expect(audit.entries(clinic.name).nth(0)).toContainText('temporary raise of the monthly cap, removed');
  await expect(audit.entries(clinic.name).nth(1)).toContainText('temporary raise of the monthly cap');
});

test('a lower cap asks once, in place', async ({ platform, board }) => {
  const tenant = platform.tenants.find(({ slug }) => slug !== 'clinic-b')!;
  const before = await board.cap(tenant.name);
  await board.openTenant(tenant.name);
  const lower = (amount(before) - 0.01).toFixed(2);
  await board.enterCap(tenant.name, lower);
  const panel = board.panel(tenant.name);
  await expect(panel).toContainText(/Lowers the cap from .* is left then/);
  expect(await board.cap(tenant.name)).toBe(before);
  await panel.getByRole('button', { name: `Lower to $${lower}` }).click();
  await expect.poll(() => board.cap(tenant.name)).toBe(`$${lower}`);
});

test('two operators change a cap at once: the slower sees both values and decides', async ({
  platform,
  board,
  browser,
}) => {
  const tenant = platform.tenants.find(({ slug }) => slug !== 'clinic-b')!;
  const console = await startTestConsole(platform, 'admin');
  const context = await browser.newContext();
  const page = await context.newPage();
  const line = await holdableLine(page);
  const slow = await openBoard(page, console.newAddress());
  const before = await slow.cap(tenant.name);

  line.hold();
  await board.raise(tenant.name, 10);
  await expect.poll(() => board.cap(tenant.name)).not.toBe(before);
  const theirs = await board.cap(tenant.name);
  expect(await slow.cap(tenant.name)).toBe(before);
  await slow.raise(tenant.name, 10);
  line.release();

  await expect(slow.question()).toContainText(`it is ${theirs} now. You saw ${before} and asked for +10 %`);
  expect(await board.cap(tenant.name), 'nothing is overwritten').toBe(theirs);
  await slow
    .question()
    .getByRole('button', { name: `Keep ${theirs}` })
    .click();
  await expect(slow.question()).toHaveCount(0);
  expect(await slow.cap(tenant.name)).toBe(theirs);
  await context.close();
  await console.close();
});

async function openBoard(page: Page, address: string): Promise<BoardPage> {
  await page.goto(address);
  const board = new BoardPage(page);
  await board.untilShown();
  return board;
}

/** The window's line to its console, whose answers can be held back: the window then sees old figures. */
async function holdableLine(page: Page): Promise<{ hold(): void; release(): void }> {
  let held: (() => void)[] | undefined;
  await page.routeWebSocket(/.*/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (held) held.push(() => socket.send(message));
      else socket.send(message);
    });
  });
  return {
    hold: () => (held = []),
    release() {
      const waiting = held ?? [];
      held = undefined;
      for (const send of waiting) send();
    },
  };
}

/** "$1,234.50" → 1234.5 */
function amount(usd: string): number {
  return Number(usd.replaceAll(/[$,]/g, ''));
}

/** As the client's calendar and the console write it: "2026-11-22", "22 Nov". */
function dayAfterTomorrow(timeZone: string): { date: string; words: string } {
  const at = new Date(Date.now() + 2 * 86_400_000);
  return {
    date: new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(at),
    words: new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'short' }).format(at),
  };
}

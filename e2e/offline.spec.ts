/**
 * The platform is gone: the window says since when, every figure has its age, changes are refused with the reason, a console that starts
 * then opens what the last one kept; and when the platform is back all is fresh before a button works.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { findings } from './fixtures/axe-findings.ts';
import { cut } from './fixtures/cut-console.ts';
import { callGateway } from './fixtures/tenant-calls.ts';
import { expect, test } from './fixtures/test.ts';
import { BoardPage } from './pages/board-page.ts';

/** They cut what lies behind the console's main side, which is the same in every shell. */
const BROWSER = { tag: '@browser' };
const connection = (page: Page) => page.getByRole('status', { name: 'Connection' });

async function seeBothThemes(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await findings(page), `${name}, ${colorScheme}`).toEqual([]);
    for (const [width, height] of [
      [1440, 900],
      [1024, 700],
    ] as const) {
      await page.setViewportSize({ width, height });
      await test
        .info()
        .attach(`${name}-${colorScheme}-${width}`, { body: await page.screenshot(), contentType: 'image/png' });
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  }
}

/** Nothing in it is drawn in the colour of what refuses or loses money now. */
async function expectNoRed(of: Locator): Promise<void> {
  const red = await of.evaluate((all) => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = 'var(--td-alarm)';
    const alarm = getComputedStyle(probe).color;
    probe.remove();
    return [...all.querySelectorAll('*')].filter((one) => getComputedStyle(one).color === alarm).length;
  });
  expect(red).toBe(0);
}

cut(
  'the platform goes: ages on every page, no change, and back fresh',
  BROWSER,
  async ({ lines, board, page, platform }) => {
    const tenant = platform.tenants[2]!;
    expect((await callGateway(platform, tenant)).status).toBe(200);
    await expect(connection(page)).toContainText(/ · live$/);
    await expect(board.gauge(tenant.name)).not.toHaveAttribute('aria-valuetext', /^0 %/);
    // Once looked at, so that it is kept.
    await page.getByRole('link', { name: 'Margins' }).click();
    await expect(page.getByRole('row', { name: new RegExp(tenant.name) }).first()).toBeVisible();
    await page.getByRole('link', { name: 'Board' }).click();
    await board.untilShown();
    const capBefore = await board.cap(tenant.name);

    for (const line of Object.values(lines)) line.set('refuse');
    await expect(connection(page)).toContainText(/gateway and database away since \d\d:\d\d/);
    await expect(page.getByText(/figures \d+(\.\d)? s old/)).toBeVisible();
    await expect(board.gauge(tenant.name)).toHaveAttribute('aria-valuetext', /committed, .* held, as of \d\d:\d\d/);
    await expect(page.getByRole('row', { name: tenant.name }).getByText(/^as of \d\d:\d\d/)).toBeVisible();
    await expect(board.tile('Committed this period')).toContainText(/\$.*as of \d\d:\d\d/);
    await expectNoRed(page.getByRole('grid', { name: 'Clients' }));
    // Also where it loses money: of then, not of now.
    await expect(page.getByTitle(/^forecast of the calendar month, .*, as of \d\d:\d\d/).first()).toBeVisible();
    await expect(page.getByTitle(/^forecast of the calendar month, [^,]*$/)).toHaveCount(0);
    const raise = page.getByRole('button', { name: `Raise cap of ${tenant.name} by 10 %` });
    await expect(raise).toHaveAttribute('aria-disabled', 'true');
    await expect(raise).toHaveAccessibleDescription(/Database away since \d\d:\d\d: nothing can be changed/);
    await raise.click({ force: true });
    await seeBothThemes(page, 'board-away');

    await board.openTenant(tenant.name);
    await expect(page.getByRole('complementary', { name: `Client ${tenant.name}` }).getByText(/figures/)).toContainText(
      /old/,
    );
    await seeBothThemes(page, 'client-away');
    await page.keyboard.press('Escape');

    await page.getByRole('link', { name: 'Margins' }).click();
    await expect(page.getByRole('row', { name: new RegExp(tenant.name) }).first()).toBeVisible();
    await expect(page.getByText(/as of .* old$/)).toBeVisible();
    await expectNoRed(page.getByRole('grid', { name: 'Margins by client' }));
    await seeBothThemes(page, 'margins-away');
    await page.getByRole('link', { name: 'Inbox' }).click();
    await expect(page.getByText(/as of .* old$/)).toBeVisible();
    await seeBothThemes(page, 'inbox-away');
    await page.getByRole('link', { name: 'Board' }).click();

    // Somebody else spends meanwhile.
    expect((await callGateway(platform, tenant)).status).toBe(200);
    for (const line of Object.values(lines)) line.set('forward');
    await expect(connection(page)).toContainText(/ · live$/, { timeout: 20_000 });
    await expect(page.getByText(/updated .* ago/)).toBeVisible();
    await expect(board.gauge(tenant.name)).not.toHaveAttribute('aria-valuetext', /as of/);
    await expect(raise).toHaveAttribute('aria-disabled', 'false');
    expect(await board.cap(tenant.name), 'the click came to nothing, and nothing waited').toBe(capBefore);
  },
);

cut(
  'a console that starts without the platform opens what was kept, encrypted',
  BROWSER,
  async ({ lines, start, kept, page, platform }) => {
    const tenant = platform.tenants[1]!;
    const first = await start();
    await first.open(page);
    const board = new BoardPage(page);
    await board.untilShown();
    await expect(connection(page)).toContainText(/ · live$/);
    await page.getByRole('link', { name: 'Margins' }).click();
    await expect(page.getByRole('row', { name: new RegExp(tenant.name) }).first()).toBeVisible();
    await page.goto('about:blank');
    await first.close();

    for (const name of readdirSync(kept)) {
      const bytes = readFileSync(path.join(kept, name));
      const found = platform.tenants.filter((client) => bytes.includes(client.name));
      expect(found, `clients named in ${name}`).toEqual([]);
    }
    expect(readdirSync(kept)).toContainEqual(expect.stringMatching(/^cache-.*\.db$/));

    for (const line of Object.values(lines)) line.set('refuse');
    const second = await start();
    try {
      await second.open(page);
      await board.untilShown();
      await expect(connection(page)).toContainText(/gateway and database away since/);
      await expect(board.gauge(tenant.name)).toHaveAttribute('aria-valuetext', /, as of/);
      await page.getByRole('link', { name: 'Margins' }).click();
      await expect(page.getByRole('row', { name: new RegExp(tenant.name) }).first()).toBeVisible();
      for (const line of Object.values(lines)) line.set('forward');
      await expect(connection(page)).toContainText(/ · live$/, { timeout: 20_000 });
    } finally {
      await second.close();
    }
  },
);

cut(
  'a console that starts without the platform, and nothing was kept: locked, with what to do',
  BROWSER,
  async ({ lines, start, page }) => {
    for (const line of Object.values(lines)) line.set('refuse');
    const console = await start();
    try {
      await console.open(page);
      await expect(page.getByRole('alert').filter({ hasText: 'Its first sign-in needs the platform' })).toBeVisible();
      await seeBothThemes(page, 'locked');
      for (const line of Object.values(lines)) line.set('forward');
      await new BoardPage(page).untilShown();
      await expect(connection(page)).toContainText(/ · live$/, { timeout: 20_000 });
    } finally {
      await console.close();
    }
  },
);

/** The program around the window: its settings in both shells; links, tray, notifications and a dead page in Electron. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { _electron } from '@playwright/test';
import { buildElectron } from '../src-main/launch/build-page.ts';
import { findingsInBothThemes } from './fixtures/axe-findings.ts';
import { expect, test } from './fixtures/test.ts';
import { SettingsPage } from './pages/settings-page.ts';
import { VaultPage } from './pages/vault-page.ts';
import type { shown } from './electron-stand-in/desktop.ts';

const PASSPHRASE = 'correct horse battery staple';
const electronOnly = { tag: '@electron' };

/** What the stand-in would show; there is no such thing in Electron itself. */
declare const standInShown: typeof shown;

for (const viewport of [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
]) {
  test(`settings say what this shell can do, and keep what was set, at ${viewport.width} × ${viewport.height}`, async ({
    page,
    board,
    shell,
  }, testInfo) => {
    await page.setViewportSize(viewport);
    await board.untilShown();
    await page.keyboard.press('Control+,');
    const settings = new SettingsPage(page);
    await expect(settings.setting('Desktop notifications')).toBeChecked();
    const tray = settings.setting('Closing the window leaves TenantDesk in the tray');
    await expect(tray).not.toBeChecked();
    await expect(tray).toHaveAttribute('aria-disabled', String(shell === 'browser'));
    if (shell === 'browser') await expect(settings.sentence('has no place in the tray')).toBeVisible();
    await expect(settings.setting('Start with the computer')).toHaveAttribute('aria-disabled', 'true');
    await settings.setting('Desktop notifications').press('Space');
    await expect(settings.setting('Desktop notifications')).not.toBeChecked();
    await page.reload();
    await expect(settings.setting('Desktop notifications')).not.toBeChecked();
    expect(await findingsInBothThemes(page)).toEqual([]);
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await testInfo.attach(`settings ${colorScheme}`, { body: await page.screenshot(), contentType: 'image/png' });
    }
  });
}

test(
  'a link opens its client in the window that is there; other links open nothing',
  electronOnly,
  async ({ console, page, board }) => {
    await board.untilShown();
    expect(await console.startAgain?.('--', 'tenantdesk://tenant/clinic-b')).toBe(0);
    await expect(page.getByRole('complementary', { name: 'Clinic B' })).toBeVisible();
    await page.keyboard.press('Escape');
    const at = page.url();
    for (const link of ['tenantdesk://tenant/../../x', 'tenantdesk://evil/clinic-b', 'TENANTDESK://tenant/clinic-b']) {
      expect(await console.startAgain?.('--', link, '--join', '/absent.json')).toBe(0);
    }
    expect(await console.startAgain?.('--', 'tenantdesk://tenant/nobody-here')).toBe(0);
    await expect(page.getByText('A link asked for the client “nobody-here”')).toBeVisible();
    expect(page.url()).toBe(at);
    await page.getByRole('button', { name: 'Put away' }).click();
    await expect(page.getByText('A link asked for')).toHaveCount(0);
  },
);

test(
  'a link waits behind the lock, which the screen’s own lock turns too',
  electronOnly,
  async ({ console, page, board }) => {
    await board.untilShown();
    const vault = new VaultPage(page);
    await vault.choose(/Connect your platform/);
    await vault.setUp(PASSPHRASE);
    await expect(vault.dialog('Connect your platform')).toBeVisible();
    await page.keyboard.press('Escape');
    await console.app?.evaluate(({ powerMonitor }) => powerMonitor.emit('lock-screen'));
    await expect(vault.lockScreen).toBeVisible();
    expect(await console.app?.evaluate(() => standInShown.tray?.menu[0]?.label)).toBe('Locked');
    expect(await console.startAgain?.('--', 'tenantdesk://tenant/clinic-b')).toBe(0);
    await expect(page.getByText('Clinic B')).toHaveCount(0);
    await vault.unlock(PASSPHRASE);
    await expect(page.getByRole('complementary', { name: 'Clinic B' })).toBeVisible();
  },
);

test(
  'the tray shows the fleet and leads into the window; closing leaves it there, once set',
  electronOnly,
  async ({ console, page, board }) => {
    await board.untilShown();
    const { app } = console;
    const tray = () =>
      app?.evaluate(() => ({
        picture: standInShown.tray?.picture.split('/').at(-1),
        labels: standInShown.tray?.menu.map(({ label }) => label ?? '-'),
      }));
    await expect.poll(tray).toMatchObject({ picture: expect.stringMatching(/^tray-(calm|waiting|refusing)\.png$/) });
    expect((await tray())?.labels).toEqual(
      expect.arrayContaining(['Open TenantDesk', 'Inbox', 'Settings', 'Lock', 'Quit']),
    );
    const settings = new SettingsPage(page);
    await app?.evaluate(() => standInShown.clickTray('Settings'));
    const leaves = settings.setting('Closing the window leaves TenantDesk in the tray');
    await leaves.click();
    await expect(leaves).toBeChecked();
    const visible = () =>
      app?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.isVisible()));
    await app?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    expect(await visible()).toEqual([false]);
    await app?.evaluate(() => standInShown.clickTray('Inbox'));
    await expect(page.getByRole('link', { name: /Inbox/ })).toHaveAttribute('aria-current', 'page');
    expect(await visible()).toEqual([true]);
  },
);

test('a page that dies is loaded anew, with a word', electronOnly, async ({ console, board }) => {
  await board.untilShown();
  const { app } = console;
  const again = app?.waitForEvent('window');
  await app?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer());
  const page = (await again)!;
  await expect(page.getByText('The window had ended by itself (crashed) and was loaded anew.')).toBeVisible();
  await page.getByRole('button', { name: 'Put away' }).click();
  await expect(page.getByRole('meter').first()).toBeVisible();
  expect(console.log()).toContain('The page ended by itself: crashed.');
});

test(
  'an installed console begins with nothing, knows its links, and starts at login when that is set',
  electronOnly,
  async () => {
    const home = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-installed-'));
    const projectFolder = path.resolve(import.meta.dirname, '..');
    const built = await buildElectron({ projectFolder, say: () => undefined });
    const env = Object.fromEntries(
      Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const app = await _electron.launch({
      executablePath: path.join(projectFolder, 'e2e/electron-stand-in/electron'),
      args: [path.join(built, 'main/index.js'), `--user-data-dir=${path.join(home, 'user-data')}`],
      chromiumSandbox: true,
      env: {
        ...env,
        NODE_OPTIONS: '',
        HOME: home,
        XDG_CONFIG_HOME: '',
        STAND_IN_PACKAGED: '1',
        TENANTDESK_PROJECT: projectFolder,
      },
    });
    const page = await app.firstWindow();
    await expect(page.getByRole('heading', { name: 'No platform is connected' })).toBeVisible();
    expect(await findingsInBothThemes(page)).toEqual([]);
    expect(await app.evaluate(() => standInShown.protocols)).toEqual(['tenantdesk']);
    await page.getByRole('button', { name: 'Platforms' }).click();
    await expect(page.getByRole('menuitem', { name: /Connect your platform/ })).toBeVisible();
    await page.keyboard.press('Escape');
    const settings = new SettingsPage(page);
    await settings.open();
    const starts = settings.setting('Start with the computer');
    const entry = path.join(home, '.config/autostart/tenantdesk.desktop');
    await starts.click();
    await expect(starts).toBeChecked();
    expect(readFileSync(entry, 'utf8')).toContain('--hidden');
    await starts.click();
    await expect(starts).not.toBeChecked();
    expect(existsSync(entry)).toBe(false);
    await app.close();
    rmSync(home, { recursive: true, force: true });
  },
);

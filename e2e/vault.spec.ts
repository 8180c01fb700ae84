/** The operator connects a platform of their own, locks the console, and comes back. */
import { findingsInBothThemes } from './fixtures/axe-findings.ts';
import { askForMore } from './fixtures/tenant-calls.ts';
import { expect, test } from './fixtures/test.ts';
import { VaultPage } from './pages/vault-page.ts';

const PASSPHRASE = 'correct horse battery staple';

// It leaves a request that others don't want.
test.use({ stage: 'vault' });
test.describe.configure({ timeout: 240_000 });

test('a platform is connected, the console locked and unlocked, and the local platform opened again', async ({
  platform,
  page,
  board,
}, testInfo) => {
  const vault = new VaultPage(page);
  const shot = async (name: string): Promise<void> =>
    testInfo.attach(name, { body: await page.screenshot(), contentType: 'image/png' });
  const operator = platform.operators.find(({ role }) => role === 'td_operator')!;
  const connection = {
    name: 'Our production',
    postgres: operator.postgres,
    gateway: platform.gateway,
    token: operator.gatewayToken,
  };

  await vault.choose(/Connect your platform/);
  await expect(vault.dialog('A vault for your connections')).toBeVisible();
  expect(await findingsInBothThemes(page)).toEqual([]);
  await shot('set-up');
  await vault.setUp(PASSPHRASE);

  await vault.enter({ ...connection, token: 'tdo_wrong' });
  await vault.press('Connect');
  await expect(vault.parts.filter({ hasText: 'Token' })).toContainText('does not accept this token');
  expect(await findingsInBothThemes(page)).toEqual([]);
  await shot('wrong token');
  await vault.enter(connection);
  await vault.press('Connect');
  await expect(board.connection).toContainText('Our production');
  await board.untilShown();

  await page.keyboard.press('Control+l');
  await expect(vault.lockScreen).toBeVisible();
  await expect(page.getByText('Clinic B')).toHaveCount(0);
  expect(await findingsInBothThemes(page)).toEqual([]);
  await shot('locked');
  // What comes meanwhile is told to nobody, until somebody is back.
  await askForMore(platform, platform.tenants[0]!, '1.00');
  await vault.unlock('another passphrase');
  await expect(page.getByRole('alert')).toContainText('not the vault’s passphrase');
  await vault.unlock(PASSPHRASE);
  await expect(board.connection).toContainText('Our production');
  await board.untilShown();

  await expect(vault.missed).toContainText(/1 request that waits/);
  expect(await findingsInBothThemes(page)).toEqual([]);
  await shot('missed');
  await vault.missed.getByRole('link', { name: /request/ }).click();
  await expect(page.getByText('Twice as many calls as planned')).toBeVisible();
  await page.reload();
  await vault.missed.getByRole('button', { name: 'Put away' }).click();
  await expect(vault.missed).toHaveCount(0);
  await page.getByRole('link', { name: 'Board' }).click();
  await board.untilShown();

  const next = 'another horse, another battery';
  await vault.choose(/Vault and lock/);
  const keys = vault.dialog('The vault and the lock');
  await keys.getByLabel(/Lock when nobody/).selectOption('1 hour');
  await vault.changePassphrase(next, next);
  await expect(keys.getByRole('alert')).toContainText('not the vault’s passphrase');
  await vault.changePassphrase(PASSPHRASE, next);
  await expect(keys.getByText('The keys were changed.')).toBeVisible();
  await expect(keys.getByLabel(/Lock when nobody/)).toHaveValue('60');
  expect(await findingsInBothThemes(page)).toEqual([]);
  await shot('keys');
  await keys.getByRole('button', { name: 'Close' }).click();
  await page.keyboard.press('Control+l');
  await vault.unlock(PASSPHRASE);
  await expect(page.getByRole('alert')).toContainText('not the vault’s passphrase');
  await vault.unlock(next);
  await board.untilShown();

  await vault.openMenu();
  expect(await findingsInBothThemes(page)).toEqual([]);
  await shot('menu');
  await page.getByRole('menuitem', { name: /Local platform/ }).click();
  await expect(board.connection).toContainText('Local platform');
  await board.untilShown();

  await vault.choose(/Our production/);
  await expect(board.connection).toContainText('Our production');
  await vault.choose(/Your connections/);
  await vault.dialog('Your connections').getByRole('button', { name: 'Forget Our production' }).click();
  await vault.dialog('Forget Our production').getByRole('button', { name: 'Forget it' }).click();
  await expect(board.connection).toContainText('Local platform');
});

test('fits a small window, and every dialog can be left by keyboard', async ({ page, board }) => {
  await page.setViewportSize({ width: 1024, height: 700 });
  const vault = new VaultPage(page);
  await page.getByRole('button', { name: 'Platforms' }).press('Enter');
  await page.getByRole('menuitem', { name: /Connect your platform/ }).press('Enter');
  await expect(vault.dialog('A vault for your connections')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(vault.dialog('A vault for your connections')).toHaveCount(0);
  await page.keyboard.press('Control+l');
  await expect(vault.dialog('A vault for your connections')).toBeVisible();
  await page.keyboard.press('Escape');
  await board.untilShown();
});

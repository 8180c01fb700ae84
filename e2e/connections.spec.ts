/** Operators keep several platforms apart: they change, hand on and forget connections, and see which part fails while it is tried. */
import { createServer, type Server } from 'node:net';
import { readFileSync } from 'node:fs';
import { makeAuthority } from '../src-main/testing/test-certificates.ts';
import { startTlsFront } from '../src-main/testing/tls-front.ts';
import { findingsInBothThemes } from './fixtures/axe-findings.ts';
import { expect, test } from './fixtures/test.ts';
import { VaultPage, type ConnectionEntry } from './pages/vault-page.ts';

const PASSPHRASE = 'correct horse battery staple';

test.describe.configure({ timeout: 240_000 });

interface Stage {
  platform: {
    operators: readonly { role: string; postgres: string; gatewayToken: string }[];
    gateway: string;
  };
}
function entryFor({ platform }: Stage, name: string): ConnectionEntry {
  const operator = platform.operators.find(({ role }) => role === 'td_operator')!;
  return { name, postgres: operator.postgres, gateway: platform.gateway, token: operator.gatewayToken };
}

test('two platforms are told apart all over the window, one is changed, handed on as a file, and forgotten', async ({
  platform,
  page,
  board,
}, testInfo) => {
  const refused: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/.test(message.text())) refused.push(message.text());
  });
  const vault = new VaultPage(page);
  const shot = async (name: string): Promise<void> => {
    for (const [width, height] of [
      [1440, 900],
      [1024, 700],
    ] as const) {
      await page.setViewportSize({ width, height });
      await testInfo.attach(`${name} ${width}`, { body: await page.screenshot(), contentType: 'image/png' });
    }
  };
  await vault.choose(/Connect your platform/);
  await vault.setUp(PASSPHRASE);
  await vault.enter(entryFor({ platform }, 'Clinics EU'));
  await vault.press('Connect');
  await expect(board.connection).toContainText('Clinics EU');
  await expect(vault.kind).toHaveText('production');
  await board.untilShown();

  await vault.choose(/Connect your platform/);
  await vault.enter({ ...entryFor({ platform }, 'Trial run'), kind: 'staging', colour: 'darkorange' });
  await shot('connect');
  expect(await findingsInBothThemes(page)).toEqual([]);
  await vault.press('Connect');
  await expect(board.connection).toContainText('Trial run');
  await expect(vault.kind).toHaveText('staging');
  await expect(board.connection).toHaveCSS('border-left-color', 'rgb(255, 140, 0)');
  await board.untilShown();
  await shot('staging');

  await vault.choose(/Your connections/);
  await expect(vault.connection('Trial run')).toContainText('staging, open now');
  await shot('connections');
  expect(await findingsInBothThemes(page)).toEqual([]);
  await vault.connection('Trial run').getByRole('button', { name: 'Save Trial run as file' }).click();
  const saved = vault.dialog('Your connections').getByRole('code');
  await expect(saved).toHaveText(/tenantdesk-connection-trial-run\.json$/);
  const file = await saved.innerText();
  expect(readFileSync(file, 'utf8')).not.toContain(entryFor({ platform }, '').token);

  // The looks alone: nothing has to be entered or tried again.
  await vault.connection('Trial run').getByRole('button', { name: 'Change Trial run' }).click();
  const change = vault.dialog('Change Trial run');
  await expect(change.getByLabel('Token')).toHaveAttribute('placeholder', /kept in the vault, …\S{4}$/);
  await expect(change.getByLabel('Password', { exact: true })).toHaveValue('');
  await change.getByLabel('Name', { exact: true }).fill('Rehearsal');
  await change.getByLabel('Colour').selectOption('Violet');
  await vault.press('Save');
  await expect(board.connection).toContainText('Rehearsal');
  await expect(board.connection).toHaveCSS('border-left-color', 'rgb(148, 0, 211)');
  await board.untilShown();

  // Another address with the kept password: it has to be entered again.
  await vault.choose(/Your connections/);
  await vault.connection('Rehearsal').getByRole('button', { name: 'Change Rehearsal' }).click();
  await vault.dialog('Change Rehearsal').getByLabel('Host').fill('localhost');
  await vault.press('Save');
  await expect(page.getByRole('alert')).toContainText('Enter the password again');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();

  // What was handed on comes back without its secrets.
  await vault.dialog('Your connections').getByLabel('Connection from a file').setInputFiles(file);
  await expect(vault.dialog('Connect your platform').getByLabel('Name', { exact: true })).toHaveValue('Trial run');
  await vault.press('Connect');
  await expect(vault.dialog('Connect your platform')).toContainText('Enter the login’s password.');
  await vault.enter({ ...entryFor({ platform }, 'Trial run'), kind: 'staging' });
  await vault.press('Connect');
  await expect(board.connection).toContainText('Trial run');
  await board.untilShown();

  await vault.choose(/Your connections/);
  await vault.connection('Clinics EU').getByRole('button', { name: 'Forget Clinics EU' }).press('Enter');
  await vault.dialog('Forget Clinics EU').getByRole('button', { name: 'Forget it' }).press('Enter');
  await expect(vault.connection('Clinics EU')).toHaveCount(0);
  await expect(vault.connection('Trial run')).toBeVisible();
  await expect(board.connection).toContainText('Trial run');
  expect(refused, 'what the window’s own code does passes its policy').toEqual([]);
});

test('a trial shows each part as it goes, can be stopped, and weaker ways have to be ticked', async ({
  platform,
  page,
  board,
}, testInfo) => {
  /** Takes connections and says nothing. */
  const mute: Server = createServer(() => undefined);
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const address = mute.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const vault = new VaultPage(page);
  await board.untilShown();
  await page.setViewportSize({ width: 1024, height: 700 });
  await vault.choose(/Connect your platform/);
  await vault.setUp(PASSPHRASE);
  const entry = entryFor({ platform }, 'Ours');
  await vault.enter({ ...entry, gateway: `http://127.0.0.1:${port}` });
  await vault.press('Test');
  const gateway = vault.parts.filter({ hasText: 'Gateway' });
  await expect(gateway).toContainText('Trying…');
  await expect(vault.parts.filter({ hasText: 'Host' })).toContainText('answers at port');
  await testInfo.attach('trying', { body: await page.screenshot(), contentType: 'image/png' });
  await vault.press('Stop');
  await expect(vault.dialog('Connect your platform')).toContainText('Stopped; nothing was kept.');
  await vault.press('Test');
  await expect(gateway).toContainText('No gateway can be reached');
  await page.emulateMedia({ colorScheme: 'dark' });
  await testInfo.attach('failed', { body: await page.screenshot(), contentType: 'image/png' });

  const database = vault.group('Database');
  await database.getByLabel('Encryption').selectOption('encrypt');
  await expect(database.getByRole('alert')).toContainText('Whoever answers is believed');
  await vault.press('Test');
  await expect(database).toContainText('Tick that you know it');
  await database.getByLabel(/I know, and connect/).check();
  await database.getByText('Certificates of your own').click();
  const authority = makeAuthority('Our own CA');
  await database.getByLabel('Certificate authority: from a file').setInputFiles({
    name: 'ca.pem',
    mimeType: 'application/x-pem-file',
    buffer: Buffer.from(authority.certificate),
  });
  await expect(database.getByLabel('Certificate authority', { exact: true })).toHaveValue(authority.certificate);
  await testInfo.attach('certificates', { body: await page.screenshot(), contentType: 'image/png' });
  expect(await findingsInBothThemes(page)).toEqual([]);
  await vault.press('Test');
  await expect(vault.parts.filter({ hasText: 'Encryption' })).toContainText('offers no encryption');

  await database.getByLabel('Client key', { exact: true }).fill(authority.issue({ subject: 'asha' }).key);
  await vault.press('Test');
  await expect(page.getByRole('alert').filter({ hasText: 'client key' })).toContainText('has no certificate with it');
  mute.close();
});

test('a gateway behind TLS of one’s own: not accepted, then by its authority, and a weaker way stays marked above every page', async ({
  platform,
  page,
  board,
}, testInfo) => {
  const authority = makeAuthority('Our own CA');
  const { certificate, key } = authority.issue({ subject: 'gateway', hosts: ['localhost'] });
  const front = await startTlsFront(platform.gateway, { cert: certificate, key });
  const vault = new VaultPage(page);
  const gateway = vault.group('Gateway');
  await board.untilShown();
  await vault.choose(/Connect your platform/);
  await vault.setUp(PASSPHRASE);
  await vault.enter({ ...entryFor({ platform }, 'Behind TLS'), gateway: `https://localhost:${front.port}` });
  await vault.press('Connect');
  await expect(vault.parts.filter({ hasText: 'Gateway' })).toContainText(
    '"Our own CA" that this computer does not know',
  );

  await gateway.getByText('Certificates of your own').press('Enter');
  await gateway.getByLabel('Certificate authority', { exact: true }).fill(authority.certificate);
  await vault.press('Connect');
  await expect(board.connection).toContainText('Behind TLS · live');
  await expect(vault.notes).toHaveCount(0);

  await vault.choose(/Your connections/);
  await vault.connection('Behind TLS').getByRole('button', { name: 'Change Behind TLS' }).press('Enter');
  await gateway.getByLabel('Encryption').selectOption('encrypt');
  await gateway.getByLabel(/I know, and connect/).press('Space');
  await vault.dialog('Change Behind TLS').getByLabel('Token').fill(entryFor({ platform }, '').token);
  await page.keyboard.press('Enter');
  await expect(vault.notes).toContainText('Not checked on this connection: the gateway’s certificate.');
  await board.untilShown();
  expect(await findingsInBothThemes(page)).toEqual([]);
  await testInfo.attach('weak', { body: await page.screenshot(), contentType: 'image/png' });
  await vault.notes.getByRole('button', { name: 'Put away' }).press('Enter');
  await expect(vault.notes).toHaveCount(0);
  await vault.choose(/Local platform/);
  await expect(board.connection).toContainText('Local platform');
  await front.close();
});

/** Secrets that an operator types, and the one that is shown once, are gone from the window when their form is. */
import type { CDPSession, Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures/test.ts';
import { BoardPage } from './pages/board-page.ts';
import { ClientPage } from './pages/client-page.ts';
import { VaultPage } from './pages/vault-page.ts';
import { createSearch, makeCanary, type Canary } from './torture/canaries/canary.ts';

test.describe.configure({ timeout: 240_000 });
test.use({ role: 'admin' });

/** How often the form of a connection is filled in: two secrets each time. `TENANTDESK_CANARY_ROUNDS` for more. */
const ROUNDS = Number(process.env['TENANTDESK_CANARY_ROUNDS'] ?? 2);

/** Key by key into what has the focus: the page hears of it what it hears of an operator, and the test leaves no text of its own in it. */
async function type(page: Page, field: Locator, text: string): Promise<void> {
  await field.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}

/** All that is reachable in the page's memory, after a collection. */
async function heapOf(session: CDPSession): Promise<string> {
  const chunks: string[] = [];
  const hear = ({ chunk }: { chunk: string }): void => void chunks.push(chunk);
  session.on('HeapProfiler.addHeapSnapshotChunk', hear);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  session.off('HeapProfiler.addHeapSnapshotChunk', hear);
  // As they are, not as a file of JSON has them.
  const { strings } = JSON.parse(chunks.join('')) as { strings: string[] };
  return strings.join('\n');
}

test(
  'no typed secret and no closed one stays in the window',
  { tag: '@browser' },
  async ({ page, console, context }) => {
    const heard: string[] = [];
    const said: string[] = [];
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => heard.push(String(payload))));
    page.on('console', (message) => said.push(message.text()));
    await console.open(page);
    await expect(page.getByRole('meter').first()).toBeVisible();
    const session = await context.newCDPSession(page);
    await session.send('HeapProfiler.enable');
    const made: Canary[] = [];
    const plant = (kind: string, plain = false): string => {
      const canary = makeCanary(kind, plain);
      made.push(canary);
      return canary.text;
    };
    const lying = async (): Promise<string[]> => {
      const search = createSearch(made);
      const stored = await page.evaluate(() =>
        JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie]),
      );
      const places = {
        heap: await heapOf(session),
        page: await page.content(),
        storage: stored,
        console: said.join('\n'),
      };
      return [
        ...new Set(
          Object.entries(places)
            .flatMap(([place, text]) => search(place, text))
            .map(({ canary, encoding, place }) => `${canary.kind} in ${place} as ${encoding}`),
        ),
      ];
    };

    // React keeps what it drew last until it draws again: the countdown of a lock does twice a second, keys are read anew every five.
    const nothingLies = (): Promise<void> => expect.poll(lying, { timeout: 30_000 }).toEqual([]);

    const board = new BoardPage(page);
    const vault = new VaultPage(page);
    await vault.choose(/Connect your platform/);
    const setUp = vault.dialog('A vault for your connections');
    const passphrase = plant('passphrase');
    const keychain = setUp.getByRole('checkbox');
    await expect(setUp.getByRole('button', { name: 'Make the vault' })).toBeEnabled();
    if (await keychain.isVisible()) await keychain.uncheck();
    await type(page, setUp.getByLabel('Passphrase', { exact: true }), passphrase);
    await type(page, setUp.getByLabel('The same passphrase again'), passphrase);
    // What is looked for can be found: it is there while it is typed.
    expect(await lying()).toContain('passphrase in heap as plain');
    await setUp.getByRole('button', { name: 'Make the vault' }).click();

    const connect = vault.dialog('Connect your platform');
    await expect(connect).toBeVisible();
    for (let round = 0; round < ROUNDS; round += 1) {
      await type(page, connect.getByLabel('Name', { exact: true }), 'Ours');
      await type(page, connect.getByLabel('Host', { exact: true }), '127.0.0.1');
      await type(page, connect.getByLabel('Port', { exact: true }), '9');
      await type(page, connect.getByLabel('Database name', { exact: true }), 'tenantdesk');
      await vault.group('Database').getByLabel('Encryption').selectOption('none');
      await type(page, connect.getByLabel('Login', { exact: true }), 'asha');
      await type(page, connect.getByLabel('Password', { exact: true }), plant('database password'));
      await type(page, connect.getByLabel('Address', { exact: true }), 'http://127.0.0.1:9');
      await type(page, connect.getByLabel('Token', { exact: true }), plant('gateway token', true));
      await vault.press(round % 2 === 0 ? 'Test' : 'Connect');
      await expect(vault.parts.filter({ hasText: 'Gateway' })).toContainText('No gateway can be reached');
    }
    await connect.getByRole('button', { name: 'Cancel' }).click();
    await expect(connect).toHaveCount(0);
    await nothingLies();

    // The one that is shown, until its panel is closed.
    const client = new ClientPage(page);
    await board.row('Clinic B').click();
    await client.tab('Keys').click();
    await client.issue('website bot');
    await expect(client.secret).toBeVisible();
    const shown = heard.map((text) => /"secret":"(td_[\w-]+)"/.exec(text)?.[1]).find((secret) => secret !== undefined);
    made.push({ kind: 'key that was shown', text: shown ?? '' });
    expect(shown).toBeDefined();
    expect(await lying()).toContain('key that was shown in heap as plain');
    await page.getByRole('button', { name: 'Close without copying' }).click();
    await expect(client.secret).toHaveCount(0);
    await nothingLies();
    // One answer told it, and no answer told anything that was typed.
    expect(heard.filter((text) => text.includes(shown ?? ''))).toHaveLength(1);
    const typed = made.filter(({ kind }) => kind !== 'key that was shown');
    expect(createSearch(typed)('answers', heard.join('\n'))).toEqual([]);

    await page.keyboard.press('Control+l');
    await expect(vault.lockScreen).toBeVisible();
    await type(page, page.getByLabel('Passphrase'), plant('wrong passphrase'));
    await page.getByRole('button', { name: 'Unlock', exact: true }).click();
    await expect(page.getByRole('alert')).toContainText('not the vault’s passphrase');
    await nothingLies();
    await type(page, page.getByLabel('Passphrase'), passphrase);
    await page.getByRole('button', { name: 'Unlock', exact: true }).click();
    await expect(page.getByRole('meter').first()).toBeVisible();
    await nothingLies();
  },
);

/** A console from the first connection to the lock and back, against a real database and a gateway's own answers. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeCap, makeTenant } from '../../src-platform/testing/factories.ts';
import type { ConsoleAccess, PartResult, PlatformPart, ProfileEntered } from '../contract/profiles.ts';
import { createFakeKeychain } from '../testing/fake-keychain.ts';
import { nextState } from '../testing/next-state.ts';
import { connectionTo, openRemotePlatform, type RemotePlatform } from '../testing/remote-platform.ts';
import { SCRIPTED_GATEWAY_ID } from '../testing/scripted-gateway.ts';
import type { ConsoleClient } from '../testing/test-console.ts';
import { trialOf } from '../testing/trial-of.ts';

const CLIENT_NAME = 'Canary Clinic of the Ledger';
const PASSPHRASE = 'correct horse battery staple';

let platform: RemotePlatform;

beforeAll(async () => {
  platform = await openRemotePlatform();
  const { db } = platform;
  await makeCap(db, (await makeTenant(db, { name: CLIENT_NAME })).id, { limitNanoUsd: 25_000_000_000n });
});
afterEach(() => platform.closeConsoles());
afterAll(() => platform.close());

const target = (over?: Parameters<typeof connectionTo>[1]): ProfileEntered => connectionTo(platform, over);

const access = async (client: ConsoleClient, wanted: (state: ConsoleAccess) => boolean = () => true) =>
  nextState(await client.profiles.watch(), wanted);

const failed = (parts: readonly PartResult[]): PartResult | undefined =>
  parts.find(({ outcome }) => outcome === 'failed');

describe('a connection', () => {
  it('is tested in every part, kept in the vault, opened, and survives a new start behind the lock', async () => {
    const { client, folder, console: first } = await platform.console();
    await expect(client.profiles.connect(target())).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await client.vault.setUp({ passphrase: PASSPHRASE, keychain: false });
    const { parts, id } = await trialOf(client.profiles.connect(target()));
    expect(parts.filter(({ outcome, sentence }) => outcome === 'fine' && sentence.endsWith('.'))).toHaveLength(10);
    const state = await access(client, ({ current }) => current?.id === id);
    expect(state).toMatchObject({
      locked: false,
      workspace: 2,
      current: {
        name: 'Production',
        kind: 'production',
        colour: 'royalblue',
        tokenLast4: platform.operator.gatewayToken.slice(-4),
      },
    });
    const session = await nextState(await client.session.watch(), (told) => told.operator !== null);
    expect(session).toMatchObject({ profile: { name: 'Production', kind: 'remote' }, operator: { name: 'Asha Rao' } });
    await expect(client.profiles.connect(target())).rejects.toMatchObject({ code: 'BAD_REQUEST' });

    const second = await platform.console({ folder });
    expect(await access(second.client)).toMatchObject({ locked: true, workspace: null, profiles: null });
    await expect(second.client.board.watch()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await expect(second.client.profiles.open({ id: 'local' })).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await expect(second.client.vault.unlock({ way: 'passphrase', passphrase: 'wrong' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining('not the vault’s passphrase'),
    });
    await second.client.vault.unlock({ way: 'passphrase', passphrase: PASSPHRASE });
    expect(await access(second.client)).toMatchObject({ locked: false, current: { id } });
    await second.client.profiles.open({ id: 'local' });
    expect(await access(second.client)).toMatchObject({ current: { id: 'local' } });
    await second.client.profiles.forget({ id: id! });
    expect((await access(second.client)).profiles).toHaveLength(1);
    await first.close();
  });

  it('begins unlocked where the keychain has its key, and behind the lock where it has lost it', async () => {
    const keychain = createFakeKeychain();
    const { client, folder } = await platform.console({ keychain });
    await client.vault.setUp({ passphrase: null, keychain: true });
    const { id } = await trialOf(client.profiles.connect(target()));
    const second = await platform.console({ folder, keychain });
    expect(await access(second.client, ({ locked }) => !locked)).toMatchObject({ current: { id } });
    const third = await platform.console({ folder, keychain: createFakeKeychain() });
    expect(await access(third.client)).toMatchObject({ locked: true, vault: { state: 'locked', ways: ['keychain'] } });
    await expect(third.client.vault.unlock({ way: 'keychain' })).rejects.toMatchObject({
      message: expect.stringContaining('does not have the key'),
    });
    expect((await third.client.vault.startOver()).movedTo).toContain('set-aside');
    expect(await access(third.client)).toMatchObject({
      locked: false,
      current: { id: 'local' },
      vault: { state: 'none' },
    });
  });
});

describe('the lock', () => {
  it('ends what the window reads, and lets nothing through until somebody unlocks', async () => {
    const { client } = await platform.console();
    await expect(client.vault.lock()).rejects.toMatchObject({ code: 'CONFLICT' });
    await client.vault.setUp({ passphrase: PASSPHRASE, keychain: false });
    const board = await client.board.watch();
    await board.next();
    const ended = (async () => {
      for await (const _frame of board);
      return 'ended';
    })();
    await client.vault.lock();
    expect(await ended).toBe('ended');
    await expect(client.session.watch()).rejects.toMatchObject({ code: 'UNAUTHORIZED', message: /locked/ });
    await client.vault.unlock({ way: 'passphrase', passphrase: PASSPHRASE });
    await nextState(await client.session.watch(), (told) => told.operator !== null);
  });

  it('makes wrong passphrases slower and slower, also over a new start', async () => {
    const { client, folder } = await platform.console();
    await client.vault.setUp({ passphrase: PASSPHRASE, keychain: false });
    await client.vault.lock();
    const wrong = () => client.vault.unlock({ way: 'passphrase', passphrase: 'wrong' });
    for (let tries = 0; tries < 3; tries += 1) await expect(wrong()).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(client.vault.unlock({ way: 'passphrase', passphrase: PASSPHRASE })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/in \d s/),
    });
    const second = await platform.console({ folder });
    expect((await access(second.client)).vault.waitUntil).toBeInstanceOf(Date);
    await expect(second.client.vault.unlock({ way: 'passphrase', passphrase: PASSPHRASE })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });
});

describe('a test says which part fails, and why', () => {
  /** Takes connections and says nothing. */
  let mute: Server;
  beforeAll(async () => {
    mute = createServer(() => undefined);
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void mute.close());

  it.each<[string, () => ProfileEntered, PlatformPart, RegExp]>([
    [
      'an unreachable host',
      () => target({ database: { port: 9 } }),
      'host',
      /port 9, cannot be reached: nothing listens/,
    ],
    ['a server without TLS', () => target({ database: { tls: 'verify' } }), 'tls', /offers no encryption/],
    [
      'a wrong password',
      () => target({ database: { password: 'wrong' } }),
      'login',
      /password of ".+" is not accepted/,
    ],
    ['an unknown database', () => target({ database: { name: 'nowhere' } }), 'login', /no database "nowhere"/],
    ['a superuser', () => target({ url: platform.db.superuserUrl }), 'powers', /superuser/],
    ['a wrong token', () => target({ gateway: { token: 'tdo_wrong' } }), 'token', /does not accept this token/],
    ['no gateway', () => target({ gateway: { url: 'http://127.0.0.1:9' } }), 'gateway', /No gateway can be reached/],
  ])('%s', async (_what, make, part, sentence) => {
    const { client, log } = await platform.console();
    const { parts } = await trialOf(client.profiles.test(make()));
    expect(failed(parts)).toMatchObject({ part, sentence: expect.stringMatching(sentence) });
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('a gateway of another platform', async () => {
    await platform.db.owner.query(`update platform.gateways set id = gen_random_uuid() where id = $1`, [
      SCRIPTED_GATEWAY_ID,
    ]);
    const { client } = await platform.console();
    const { parts } = await trialOf(client.profiles.test(target()));
    await platform.db.owner.query(`update platform.gateways set id = $1 where name = 'scripted'`, [
      SCRIPTED_GATEWAY_ID,
    ]);
    expect(failed(parts)).toMatchObject({
      part: 'same_platform',
      sentence: expect.stringContaining('another platform'),
    });
  });

  it.each([
    ['a password to another computer without TLS', () => target({ database: { host: 'db.example.com' } })],
    ['a token over http to another computer', () => target({ gateway: { url: 'http://gateway.example.com' } })],
  ])('%s is refused before anything is sent', async (_what, make) => {
    const { client } = await platform.console();
    await expect(client.profiles.test(make())).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: /readable for others/,
    });
  });

  it('keeps nothing when a part fails', async () => {
    const { client } = await platform.console();
    await client.vault.setUp({ passphrase: null, keychain: true });
    const answer = await trialOf(client.profiles.connect(target({ gateway: { token: 'tdo_wrong' } })));
    expect(answer.id).toBeNull();
    expect((await access(client)).profiles).toHaveLength(1);
  });
});

describe('what leaves the vault', () => {
  it('is nothing: no answer, no log line and no byte of the data folder has a secret or a client in it', async () => {
    const password = target().database.password ?? '';
    const passphrase = `pp-${randomBytes(12).toString('hex')}`;
    const { client, folder, log } = await platform.console();
    const answers: unknown[] = [];
    const told = async (work: Promise<unknown>): Promise<void> =>
      void answers.push(await work.catch((error: unknown) => [String(error), JSON.stringify(error)]));
    await told(client.vault.setUp({ passphrase, keychain: true }));
    await told(trialOf(client.profiles.test(target())));
    await told(trialOf(client.profiles.connect(target({ database: { password: `${password}!` } }))));
    await told(trialOf(client.profiles.connect(target())));
    await told(access(client, ({ current }) => current?.name === 'Production'));
    const id = (await access(client)).current?.id ?? '';
    await told(client.profiles.details({ id }));
    await told(client.profiles.exportFile({ id }));
    await told(nextState(await client.session.watch(), (state) => state.operator !== null));
    await nextState(await client.board.watch(), (frame) => frame.rows.some(({ name }) => name === CLIENT_NAME));
    await told(client.vault.lock());
    await told(client.vault.unlock({ way: 'passphrase', passphrase: `${passphrase}!` }));
    await told(access(client));

    const secrets = [password, passphrase, platform.operator.gatewayToken];
    const said = JSON.stringify([answers, log.lines], (_key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value instanceof Error ? `${value.message} ${value.stack}` : value,
    );
    for (const secret of secrets) expect(said).not.toContain(secret);
    const files = filesIn(path.join(folder, 'kept'));
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      const bytes = readFileSync(file);
      for (const canary of [...secrets, CLIENT_NAME]) {
        for (const encoding of ['utf8', 'utf16le'] as const) {
          expect(bytes.includes(Buffer.from(canary, encoding)), `${canary} in ${file}`).toBe(false);
        }
        for (const form of ['base64', 'hex'] as const) {
          expect(bytes.toString('latin1')).not.toContain(Buffer.from(canary).toString(form).slice(0, 16));
        }
      }
      expect(statSync(file).mode & 0o077, file).toBe(0);
    }
  });
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

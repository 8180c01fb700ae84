/** The keychain for real: gnome-keyring in a D-Bus session of its own, keytar in a process of its own. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it, type TestContext } from 'vitest';
import {
  findDebianProgram,
  type DebianProgram,
  type FoundProgram,
} from '../../../src-platform/local/debian-program.ts';
import { startKeyringSession, type KeyringSession } from '../../testing/keyring-session.ts';
import { nextState } from '../../testing/next-state.ts';
import { openDesk } from '../../testing/vault/desk-scene.ts';
import { systemClock } from '../clock.ts';
import { createKeychain, KeychainTrouble, type Keychain, type KeychainFault } from './keychain.ts';
import { createKeychainProcess } from './keychain-process.ts';

const KEYRING: DebianProgram = {
  title: 'gnome-keyring',
  programs: ['gnome-keyring-daemon'],
  packages: ['gnome-keyring', 'libsecret-1-0', 'libgck-1-0', 'libgcr-base-3-1', 'libp11-kit0'],
  path: 'usr/bin/gnome-keyring-daemon',
};
const PASSWORD = 'of the desktop';
const PASSPHRASE = 'correct horse battery';
const ACCOUNT = 'a0000000-0000-4000-8000-000000000001';
const key = randomBytes(32);

let daemon: FoundProgram;
// Where it is downloaded, that takes a while.
beforeAll(async () => {
  daemon = await findDebianProgram(KEYRING, { env: process.env });
}, 300_000);

let home: string;
const sessions: KeyringSession[] = [];
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-keyring-'));
});
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.end();
  rmSync(home, { recursive: true, force: true });
});

/** A session on the test's folder; skips the test, with a reason, where there can be none. */
async function session(context: TestContext, folder = home): Promise<KeyringSession> {
  for (const program of ['dbus-run-session', 'dbus-send']) {
    if (spawnSync(program, ['--version'], { stdio: 'ignore' }).error) {
      context.skip(`no ${program} on PATH (on Debian: apt install dbus)`);
    }
  }
  if (!daemon.found) return context.skip(daemon.reason);
  const made = await startKeyringSession(daemon, folder);
  sessions.push(made);
  if ((await faultOf(keychainOf(made.env).get(ACCOUNT))) === 'no_library') {
    context.skip('no libsecret that keytar can load (on Debian: apt install libsecret-1-0)');
  }
  return made;
}
function keychainOf(env: NodeJS.ProcessEnv): Keychain {
  const library = createKeychainProcess({ node: process.execPath, env });
  return createKeychain({ load: async () => library, clock: systemClock });
}
async function faultOf(work: Promise<unknown>): Promise<KeychainFault | undefined> {
  const error = await work.then(
    () => undefined,
    (refused: unknown) => refused,
  );
  if (error === undefined) return undefined;
  expect(error).toBeInstanceOf(KeychainTrouble);
  return (error as KeychainTrouble).fault;
}

it('keeps a key over the end of a session, gives it back, forgets it', async (context) => {
  const first = await session(context);
  await first.unlock(PASSWORD);
  await keychainOf(first.env).keep(ACCOUNT, key);
  await first.end();
  const second = await session(context);
  await second.unlock(PASSWORD);
  const keychain = keychainOf(second.env);
  expect((await keychain.get(ACCOUNT))?.equals(key)).toBe(true);
  await keychain.forget(ACCOUNT);
  expect(await keychain.get(ACCOUNT)).toBeNull();
});

it('is known as locked, though it says that it has nothing; once unlocked it gives the key', async (context) => {
  const first = await session(context);
  await first.unlock(PASSWORD);
  await keychainOf(first.env).keep(ACCOUNT, key);
  await first.end();
  const second = await session(context);
  await second.start();
  const keychain = keychainOf(second.env);
  expect(await faultOf(keychain.get(ACCOUNT))).toBe('locked');
  expect(await faultOf(keychain.keep(ACCOUNT, key))).toBe('locked');
  await second.unlock(PASSWORD);
  expect((await keychain.get(ACCOUNT))?.equals(key)).toBe(true);
});

it('is not trusted without a keyring, a service, a bus', async (context) => {
  const made = await session(context);
  expect(await faultOf(keychainOf(made.env).keep(ACCOUNT, key))).toBe('no_service');
  for (const address of ['', 'unix:path=/nowhere']) {
    expect(await faultOf(keychainOf({ ...made.env, DBUS_SESSION_BUS_ADDRESS: address }).get(ACCOUNT))).toBe(
      'no_service',
    );
  }
  await made.start();
  expect(await faultOf(keychainOf(made.env).keep(ACCOUNT, key))).toBe('not_ready');
});

it('that hangs is given up after four seconds, and asked again when it is back', async (context) => {
  const made = await session(context);
  await made.unlock(PASSWORD);
  const keychain = keychainOf(made.env);
  await keychain.keep(ACCOUNT, key);
  const pid = await made.pid();
  process.kill(pid, 'SIGSTOP');
  try {
    expect(await faultOf(keychain.get(ACCOUNT))).toBe('silent');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  expect((await keychain.get(ACCOUNT))?.equals(key)).toBe(true);
});

/** What the lock of a start says, and after how many ms; the passphrase must open all the while. */
async function startBehindLock(env: NodeJS.ProcessEnv): Promise<{ trouble: string | null; ms: number }> {
  const startedAt = performance.now();
  const scene = openDesk({
    folder: path.join(home, 'console'),
    clock: systemClock,
    keychain: keychainOf(env),
  });
  const { desk } = scene;
  try {
    await desk.begin();
    expect(desk.access.get().vault).toMatchObject({ state: 'locked', ways: ['passphrase', 'keychain'] });
    const told = await nextState(desk.access.watch(), ({ vault, locked }) => vault.keychainTrouble !== null || !locked);
    const ms = performance.now() - startedAt;
    if (told.locked) await scene.unlock(PASSPHRASE);
    expect(desk.access.get().vault.state).toBe('open');
    // It opened the local platform; the next start is to begin with the lock again.
    scene.vault.use(ACCOUNT);
    return { trouble: told.vault.keychainTrouble, ms };
  } finally {
    desk.close();
  }
}

it('opens a console by itself; locked, hanging or gone it leaves a prompt with its sentence within six seconds', async (context) => {
  const first = await session(context);
  await first.unlock(PASSWORD);
  const made = openDesk({ folder: path.join(home, 'console'), clock: systemClock, keychain: keychainOf(first.env) });
  await made.signIn({ passphrase: PASSPHRASE, keychain: true });
  made.vault.use(ACCOUNT);
  made.desk.close();
  expect((await startBehindLock(first.env)).trouble).toBeNull();
  await first.end();

  const second = await session(context);
  const gone = await startBehindLock(second.env);
  await second.start();
  const locked = await startBehindLock(second.env);
  const pid = await second.pid();
  process.kill(pid, 'SIGSTOP');
  const hanging = await startBehindLock(second.env).finally(() => process.kill(pid, 'SIGCONT'));
  expect([gone.trouble, locked.trouble, hanging.trouble]).toEqual([
    expect.stringContaining('No keychain is running'),
    expect.stringContaining('is locked'),
    expect.stringContaining('did not answer'),
  ]);
  for (const { ms } of [gone, locked, hanging]) expect(ms).toBeLessThan(6_000);
});

it('that forgets with its session has no key at the next one; another one has none either', async (context) => {
  const first = await session(context);
  await first.unlock(PASSWORD);
  await first.makeVolatile();
  await keychainOf(first.env).keep(ACCOUNT, key);
  await first.end();
  const second = await session(context);
  await second.unlock(PASSWORD);
  expect(await keychainOf(second.env).get(ACCOUNT)).toBeNull();
  await keychainOf(second.env).keep(ACCOUNT, key);
  const other = await session(context, path.join(home, 'other'));
  await other.unlock(PASSWORD);
  expect(await keychainOf(other.env).get(ACCOUNT)).toBeNull();
});

/** The lock, with a real vault in a folder and a clock that the test moves; the workspace is a name. */
import { mkdtempSync, rmSync } from 'node:fs';
import { randomBytes, randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LockReason } from '../contract/vault.ts';
import { createKeptFile } from '../infra/kept-file.ts';
import { createVaultDisk } from '../infra/vault/vault-disk.ts';
import { createVaultFile } from '../infra/vault/vault-file.ts';
import { PASSPHRASE_COST } from '../infra/vault/passphrase-key.ts';
import { createVault } from '../infra/vault/vault.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createFakeKeychain } from '../testing/fake-keychain.ts';
import { createFakeLogger } from '../testing/fake-logger.ts';
import { quickPassphraseKey } from '../testing/vault/quick-passphrase-key.ts';
import { createVaultAccess, type VaultAccess } from '../vault/vault-access.ts';
import { createConsoleDesk, type ConsoleDesk } from './console-desk.ts';
import type { Workspace } from './create-workspace.ts';
import { createWorkspacePlace, type WorkspacePlace } from './workspace-place.ts';

const PASSPHRASE = 'correct horse battery';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let folder: string;
let clock: FakeClock;
let access: VaultAccess;
let place: WorkspacePlace;
let desk: ConsoleDesk;
/** Whatever was drawn for keys and nonces: the data key is the first of 32 bytes. */
let drawn: Buffer[];
let closed: number;

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-desk-'));
  clock = createFakeClock();
  drawn = [];
  closed = 0;
  const draw = (bytes: number): Buffer => {
    const made = randomBytes(bytes);
    drawn.push(made);
    return made;
  };
  const log = createFakeLogger();
  const vault = createVault({
    file: createVaultFile(createVaultDisk(path.join(folder, 'vault'))),
    randomBytes: draw,
    cost: PASSPHRASE_COST,
    passphraseKey: quickPassphraseKey,
  });
  access = createVaultAccess({
    vault,
    keychain: createFakeKeychain(),
    attempts: createKeptFile(path.join(folder, 'attempts.json')),
    clock,
    log,
    newId: randomUUID,
    randomBytes: draw,
    keychainSentence: () => null,
    isDamage: () => false,
  });
  place = createWorkspacePlace();
  desk = createConsoleDesk({
    local: {
      profile: { name: 'Local', kind: 'local', colour: 'teal' },
      operator: { login: 'asha', postgresUrl: 'postgres://x', gatewayUrl: 'http://x', gatewayToken: 'x' },
      cacheKey: Buffer.alloc(32),
    },
    vault,
    vaultAccess: access,
    place,
    createWorkspace: () => ({ close: async () => void (closed += 1) }) as unknown as Workspace,
    clock,
    log,
  });
  desk.open('local');
});
afterEach(() => {
  desk.close();
  expect(clock.timers).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

async function signIn(): Promise<void> {
  await access.setUp({ passphrase: PASSPHRASE, keychain: false });
  desk.unlocked();
}
const reason = (): LockReason | undefined => desk.access.get().lock?.reason;

it.each(['command', 'sleep', 'screen'] as const)(
  'locks for %s: the key is zeros, the connections are closed',
  async (why) => {
    await signIn();
    const dataKey = drawn.find((bytes) => bytes.length === 32)!;
    expect(dataKey.some((byte) => byte !== 0)).toBe(true);
    expect(await desk.lock(why)).toBe(true);
    expect(dataKey.every((byte) => byte === 0)).toBe(true);
    expect(closed).toBe(1);
    expect(() => place.find()).toThrow('locked');
    expect(desk.access.get()).toMatchObject({
      locked: true,
      lock: { since: clock.now(), reason: why },
      workspace: null,
      profiles: null,
      vault: { state: 'locked' },
    });
    // The first reason is the one that counts.
    await clock.advance(MINUTE);
    await desk.lock('command');
    expect(reason()).toBe(why);
    await access.unlock({ way: 'passphrase', passphrase: PASSPHRASE });
    desk.unlocked();
    expect(desk.access.get()).toMatchObject({ locked: false, lock: null, workspace: 2 });
  },
);

it('locks when nobody was at the window for ten minutes, and not before', async () => {
  await signIn();
  for (let minute = 0; minute < 60; minute += 1) {
    await clock.advance(MINUTE);
    if (minute % 9 === 0) desk.stay();
  }
  expect(reason()).toBeUndefined();
  desk.stay();
  await clock.advance(10 * MINUTE - 5_000);
  expect(reason()).toBeUndefined();
  await clock.advance(5_000);
  expect(reason()).toBe('idle');
});

it('takes as long as the operator chose, also after a new start', async () => {
  await signIn();
  access.setIdle(60);
  await clock.advance(59 * MINUTE);
  expect(reason()).toBeUndefined();
  await clock.advance(MINUTE);
  expect(reason()).toBe('idle');
  expect(() => access.setIdle(5)).toThrow('Unlock the vault first');
  await access.unlock({ way: 'passphrase', passphrase: PASSPHRASE });
  desk.unlocked();
  expect(desk.access.get().vault.idleMinutes).toBe(60);
});

it('locks eight hours after it was opened, whoever is at the window; a change of platform does not begin them anew', async () => {
  await signIn();
  for (let minute = 0; minute < 8 * 60 - 1; minute += 1) {
    await clock.advance(MINUTE);
    desk.stay();
    if (minute === 200) desk.open('local');
  }
  expect(reason()).toBeUndefined();
  await clock.advance(MINUTE);
  expect(reason()).toBe('long');
  await access.unlock({ way: 'passphrase', passphrase: PASSPHRASE });
  desk.unlocked();
  await clock.advance(MINUTE);
  expect(reason()).toBeUndefined();
});

it('locks when the computer slept, though no timer told the time', async () => {
  await signIn();
  clock.sleep(20_000);
  await clock.advance(5_000);
  expect(reason()).toBeUndefined();
  clock.sleep(3 * HOUR);
  await clock.advance(5_000);
  expect(reason()).toBe('sleep');
});

it('is not longer open because the clock was set back', async () => {
  await signIn();
  clock.sleep(-5 * HOUR);
  await clock.advance(10 * MINUTE);
  expect(reason()).toBe('idle');
});

it('locks nothing by itself where no vault is open', async () => {
  expect(await desk.lock('sleep')).toBe(false);
  expect(await desk.lock('command')).toBe(false);
  await clock.advance(9 * HOUR);
  expect(desk.access.get().locked).toBe(false);
});

it('opens nothing for a passphrase that was on its way when the computer went to sleep', async () => {
  await signIn();
  await desk.lock('command');
  const unlocking = access.unlock({ way: 'passphrase', passphrase: PASSPHRASE });
  expect(await desk.lock('sleep')).toBe(false);
  await expect(unlocking).rejects.toThrow('locked meanwhile');
  desk.unlocked();
  expect(desk.access.get()).toMatchObject({ locked: true, vault: { state: 'locked' } });
});

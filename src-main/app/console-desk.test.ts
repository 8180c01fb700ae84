/** The lock, with a real vault in a folder and a clock that the test moves; the workspace is a name. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LockReason } from '../contract/vault.ts';
import { PROFILE_ITEM } from '../profiles/stored-profile.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createFakeKeychain } from '../testing/fake-keychain.ts';
import { openDesk, type DeskScene } from '../testing/vault/desk-scene.ts';

const PASSPHRASE = 'correct horse battery';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let folder: string;
let clock: FakeClock;
let scene: DeskScene;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-desk-'));
  clock = createFakeClock();
  scene = openDesk({ folder, clock, keychain: createFakeKeychain() });
  scene.desk.open('local');
});
afterEach(() => {
  scene.desk.close();
  expect(clock.timers).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

const signIn = (): Promise<void> => scene.signIn({ passphrase: PASSPHRASE, keychain: false });
const reason = (): LockReason | undefined => scene.desk.access.get().lock?.reason;

it.each(['command', 'sleep', 'screen'] as const)(
  'locks for %s: the key is zeros, the connections are closed',
  async (why) => {
    await signIn();
    const dataKey = scene.drawn.find((bytes) => bytes.length === 32)!;
    expect(dataKey.some((byte) => byte !== 0)).toBe(true);
    expect(await scene.desk.lock(why)).toBe(true);
    expect(dataKey.every((byte) => byte === 0)).toBe(true);
    expect(scene.closed).toBe(1);
    expect(() => scene.place.find()).toThrow('locked');
    expect(scene.desk.access.get()).toMatchObject({
      locked: true,
      lock: { since: clock.now(), reason: why },
      workspace: null,
      profiles: null,
      vault: { state: 'locked' },
    });
    // The first reason is the one that counts.
    await clock.advance(MINUTE);
    await scene.desk.lock('command');
    expect(reason()).toBe(why);
    await scene.unlock(PASSPHRASE);
    expect(scene.desk.access.get()).toMatchObject({ locked: false, lock: null, workspace: 2 });
  },
);

it('overwrites the key of what was kept of a platform once that is closed; a disk that is full keeps nobody out', async () => {
  await signIn();
  const id = randomUUID();
  const stored = PROFILE_ITEM.schema.parse({
    cacheKey: Buffer.alloc(32, 7).toString('base64'),
    target: {
      name: 'Ours',
      kind: 'production',
      colour: 'royalblue',
      database: { host: '127.0.0.1', port: 9, name: 'tenantdesk', login: 'asha', password: 'secret', tls: 'none' },
      gateway: { url: 'http://127.0.0.1:9', token: 'tdo_secret' },
    },
  });
  scene.vault.put(PROFILE_ITEM, id, stored);
  scene.desk.open(id);
  const { cacheKey } = scene.opened.at(-1)!;
  expect(cacheKey.every((byte) => byte === 7)).toBe(true);
  await scene.desk.lock('command');
  expect(cacheKey.every((byte) => byte === 0)).toBe(true);
  Object.assign(scene.vault, {
    use() {
      throw new Error('The vault could not be saved: the disk is full.');
    },
  });
  await scene.unlock(PASSPHRASE);
  expect(scene.desk.access.get()).toMatchObject({ locked: false, current: { id } });
});

it('locks when nobody was at the window for ten minutes, and not before', async () => {
  await signIn();
  for (let minute = 0; minute < 60; minute += 1) {
    await clock.advance(MINUTE);
    if (minute % 9 === 0) scene.desk.stay();
  }
  expect(reason()).toBeUndefined();
  scene.desk.stay();
  await clock.advance(10 * MINUTE - 5_000);
  expect(reason()).toBeUndefined();
  await clock.advance(5_000);
  expect(reason()).toBe('idle');
});

it('takes as long as the operator chose, also after a new start', async () => {
  await signIn();
  scene.access.setIdle(60);
  await clock.advance(59 * MINUTE);
  expect(reason()).toBeUndefined();
  await clock.advance(MINUTE);
  expect(reason()).toBe('idle');
  expect(() => scene.access.setIdle(5)).toThrow('Unlock the vault first');
  await scene.unlock(PASSPHRASE);
  expect(scene.desk.access.get().vault.idleMinutes).toBe(60);
});

it('locks eight hours after it was opened, whoever is at the window; a change of platform does not begin them anew', async () => {
  await signIn();
  for (let minute = 0; minute < 8 * 60 - 1; minute += 1) {
    await clock.advance(MINUTE);
    scene.desk.stay();
    if (minute === 200) scene.desk.open('local');
  }
  expect(reason()).toBeUndefined();
  await clock.advance(MINUTE);
  expect(reason()).toBe('long');
  await scene.unlock(PASSPHRASE);
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
  expect(await scene.desk.lock('sleep')).toBe(false);
  expect(await scene.desk.lock('command')).toBe(false);
  await clock.advance(9 * HOUR);
  expect(scene.desk.access.get().locked).toBe(false);
});

it('opens nothing for a passphrase that was on its way when the computer went to sleep', async () => {
  await signIn();
  await scene.desk.lock('command');
  const unlocking = scene.access.unlock({ way: 'passphrase', passphrase: PASSPHRASE });
  expect(await scene.desk.lock('sleep')).toBe(false);
  await expect(unlocking).rejects.toThrow('locked meanwhile');
  scene.desk.unlocked();
  expect(scene.desk.access.get()).toMatchObject({ locked: true, vault: { state: 'locked' } });
});

it('begins with nothing where there is no local platform, says how to connect one, and goes back to nothing', async () => {
  const installed = openDesk({
    folder: path.join(folder, 'installed'),
    clock,
    keychain: createFakeKeychain(),
    installed: true,
  });
  const nothing = { current: null, workspace: null, locked: false };
  await installed.desk.begin();
  expect(installed.desk.access.get()).toMatchObject({ ...nothing, profiles: [] });
  expect(() => installed.place.find()).toThrow('Connect yours');
  await installed.signIn({ passphrase: PASSPHRASE, keychain: false });
  await installed.desk.lock('command');
  expect(installed.desk.access.get()).toMatchObject({ locked: true, workspace: null });
  await installed.unlock(PASSPHRASE);
  expect(installed.desk.access.get()).toMatchObject(nothing);
  await installed.desk.startOver();
  expect(installed.desk.access.get()).toMatchObject({ ...nothing, profiles: [] });
  installed.desk.close();
});

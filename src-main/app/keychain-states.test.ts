/**
 * Every state that a keychain can be in when the console starts: each leads to a prompt that can be used, a sentence of what is wrong,
 * and a way in; and nothing readable on the disk. gnome-keyring itself: infra/keychain/gnome-keyring.integration.test.ts.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { randomBytes, randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createKeychain, type KeychainLibrary } from '../infra/keychain/keychain.ts';
import type { ItemKind } from '../infra/vault/vault.ts';
import { createFakeClock, settle, type FakeClock } from '../testing/fake-clock.ts';
import { openDesk, type DeskScene } from '../testing/vault/desk-scene.ts';

const NOTE: ItemKind<string> = { name: 'note', schema: z.string() };
const PASSPHRASE = 'correct horse battery';
const SECRET = 'pa$$word-of-the-database';
const LONGEST_MS = 6_000;

let folder: string;
let clock: FakeClock;
/** What is in the keychain. */
let kept: Map<string, string>;
const desks: DeskScene[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-states-'));
  clock = createFakeClock();
  kept = new Map();
});
afterEach(() => {
  for (const { desk } of desks.splice(0)) desk.close();
  rmSync(folder, { recursive: true, force: true });
});

const working = (over: Partial<KeychainLibrary> = {}): KeychainLibrary => ({
  getPassword: async (_service, account) => kept.get(account) ?? null,
  setPassword: async (_service, account, password) => void kept.set(account, password),
  deletePassword: async (_service, account) => kept.delete(account),
  ...over,
});
const failing = (message: string): (() => Promise<KeychainLibrary>) => {
  const fail = () => Promise.reject(new Error(message));
  return async () => ({ getPassword: fail, setPassword: fail, deletePassword: fail });
};
const hanging = (): Promise<never> => new Promise(() => undefined);

function start(load: () => Promise<KeychainLibrary> = async () => working()): DeskScene {
  const scene = openDesk({ folder, clock, keychain: createKeychain({ load, clock }) });
  desks.push(scene);
  return scene;
}

/** A vault with a secret, whose last connection was a remote one: the next start begins with the lock. */
async function made(passphrase: string | null): Promise<void> {
  const scene = start();
  scene.desk.open('local');
  await scene.signIn({ passphrase, keychain: true });
  const id = randomUUID();
  scene.vault.put(NOTE, id, SECRET);
  scene.vault.use(id);
  scene.desk.close();
}

/** The state, what the keychain then does, and what the lock says. */
const STATES: readonly (readonly [string, () => () => Promise<KeychainLibrary>, RegExp])[] = [
  [
    'no library',
    () => () => Promise.reject(new Error('libsecret-1.so.0: cannot open shared object file')),
    /libsecret is missing/,
  ],
  ['no bus', () => failing('The given address is empty'), /No keychain is running/],
  [
    'no service',
    () => failing('The name org.freedesktop.secrets was not provided by any .service files'),
    /No keychain is running/,
  ],
  [
    'locked',
    () => async () =>
      working({
        getPassword: async () => null,
        setPassword: () => Promise.reject(new Error('Cannot create an item in a locked collection')),
      }),
    /is locked/,
  ],
  ['denied', () => failing('The operation was cancelled by the user'), /did not let TenantDesk in/],
  [
    'hanging',
    () => async () => ({ getPassword: hanging, setPassword: hanging, deletePassword: hanging }),
    /did not answer/,
  ],
  [
    'wrong key',
    () => async () => working({ getPassword: async () => randomBytes(32).toString('base64') }),
    /is not its key/,
  ],
  [
    'changed back end',
    () => {
      const other = new Map<string, string>();
      return async () =>
        working({
          getPassword: async (_service, account) => other.get(account) ?? null,
          setPassword: async (_service, account, password) => void other.set(account, password),
        });
    },
    /does not have the key of this vault: it is another one/,
  ],
  [
    'volatile',
    () => {
      kept.clear();
      return async () => working();
    },
    /forgets when its session ends/,
  ],
];

describe.each(STATES)('a keychain in the state "%s"', (_state, load, sentence) => {
  it('leaves a prompt at once, says what is wrong within six seconds, and the passphrase opens', async () => {
    await made(PASSPHRASE);
    const scene = start(load());
    await scene.desk.begin();
    // Before the keychain has said anything.
    expect(scene.desk.access.get()).toMatchObject({
      locked: true,
      vault: { state: 'locked', ways: ['passphrase', 'keychain'] },
    });
    const begunAt = clock.now().getTime();
    while (scene.desk.access.get().vault.keychainTrouble === null) {
      expect(clock.now().getTime() - begunAt).toBeLessThan(LONGEST_MS);
      await clock.advance(500);
    }
    const { vault } = scene.desk.access.get();
    expect(vault.keychainTrouble).toMatch(sentence);
    expect(vault.keychainTrouble).toMatch(/The passphrase opens it too\.$/);
    expect(vault.keychainAsked).toBe(false);
    await scene.unlock(PASSPHRASE);
    expect(scene.desk.access.get()).toMatchObject({ locked: false, vault: { state: 'open', keychainTrouble: null } });
    expect(scene.vault.list(NOTE)).toMatchObject([{ value: SECRET }]);
    nothingReadable(scene);
  });

  it('keeps nobody from typing the passphrase while it is asked', async () => {
    await made(PASSPHRASE);
    const scene = start(load());
    await scene.desk.begin();
    await scene.unlock(PASSPHRASE);
    expect(scene.desk.access.get().locked).toBe(false);
    await clock.advance(LONGEST_MS);
    expect(scene.desk.access.get()).toMatchObject({ locked: false, vault: { state: 'open', keychainTrouble: null } });
  });

  it('leaves a way on without a passphrase too: again, or start over with all kept aside', async () => {
    await made(null);
    const scene = start(load());
    await scene.desk.begin();
    await clock.advance(LONGEST_MS);
    expect(scene.desk.access.get().vault.keychainTrouble).toMatch(/no passphrase. Try the keychain again/);
    const aside = await scene.desk.startOver();
    expect(readdirSync(aside!)).toContain('vault');
    expect(scene.desk.access.get()).toMatchObject({
      locked: false,
      current: { id: 'local' },
      vault: { state: 'none' },
    });
    nothingReadable(scene);
  });
});

// What forgets, or is another one next time, can't be told apart from one that works on the day it is chosen.
const UNTRUSTED = STATES.filter(([state]) => !['changed back end', 'volatile'].includes(state));

it.each(UNTRUSTED)(
  '"%s": it is not trusted with a key, and without a passphrase there is no vault',
  async (_state, load) => {
    const scene = start(load());
    scene.desk.open('local');
    const answer = scene.access.keychain();
    await clock.advance(LONGEST_MS);
    expect(await answer).toMatchObject({ usable: false, reason: expect.stringMatching(/^[A-Z].*\.\)?\.?$/) });
    const refused = scene.signIn({ passphrase: null, keychain: true }).catch((error: unknown) => error);
    await clock.advance(2 * LONGEST_MS);
    expect(await refused).toMatchObject({ code: 'UNAVAILABLE' });
    await expect(scene.signIn({ passphrase: null, keychain: false })).rejects.toThrow('only key');
    expect(readdirSync(folder)).toEqual([]);
    await scene.signIn({ passphrase: PASSPHRASE, keychain: false });
    expect(scene.desk.access.get().vault).toMatchObject({ state: 'open', ways: ['passphrase'] });
    nothingReadable(scene);
  },
);

/** No byte of a secret, of the passphrase or of a key, in any form. */
function nothingReadable({ drawn }: DeskScene): void {
  const secrets = [SECRET, PASSPHRASE].map((text) => Buffer.from(text));
  const keys = [
    ...[...kept.values()].map((text) => Buffer.from(text, 'base64')),
    ...drawn.filter(({ length }) => length === 32),
  ];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(0);
  for (const { parentPath, name } of files) {
    const bytes = readFileSync(path.join(parentPath, name));
    for (const secret of [...secrets, ...keys.filter((key) => key.some((byte) => byte !== 0))]) {
      expect(bytes.includes(secret)).toBe(false);
      for (const form of ['base64', 'hex'] as const) {
        expect(bytes.toString('latin1')).not.toContain(secret.toString(form).slice(0, 16));
      }
    }
  }
}

it('opens by itself where the keychain is as it was', async () => {
  await made(null);
  const scene = start();
  await scene.desk.begin();
  await settle();
  expect(scene.desk.access.get()).toMatchObject({ locked: false, vault: { state: 'open' } });
});

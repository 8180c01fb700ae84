/** Who gets in, with which keys, and how slowly after wrong ones; a real vault in a folder, a keychain in memory, a clock that the test moves. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { KeychainTrouble, type Keychain } from '../infra/keychain/keychain.ts';
import { createKeptFile } from '../infra/kept-file.ts';
import { PASSPHRASE_COST } from '../infra/vault/passphrase-key.ts';
import { createVaultDisk } from '../infra/vault/vault-disk.ts';
import { createVaultFile } from '../infra/vault/vault-file.ts';
import { createVault, type ItemKind, type Vault } from '../infra/vault/vault.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createFakeKeychain } from '../testing/fake-keychain.ts';
import { createFakeLogger } from '../testing/fake-logger.ts';
import { quickPassphraseKey } from '../testing/vault/quick-passphrase-key.ts';
import { createVaultAccess, type VaultAccess } from './vault-access.ts';

const NOTE: ItemKind<string> = { name: 'note', schema: z.string() };
const FIRST = 'correct horse battery';
const SECOND = 'staple of another horse';
const KEEP = { kind: 'keep' } as const;
const REMOVE = { kind: 'remove' } as const;
const set = (value: string) => ({ kind: 'set', value }) as const;

let home: string;
let clock: FakeClock;
/** What is in the keychain. */
let kept: Map<string, Buffer>;
let keychain: Keychain;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-access-'));
  clock = createFakeClock();
  kept = new Map();
  keychain = createFakeKeychain(kept);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** As a new start of the console finds it. */
function start(): { access: VaultAccess; vault: Vault } {
  const vault = createVault({
    file: createVaultFile(createVaultDisk(path.join(home, 'vault'))),
    randomBytes,
    cost: PASSPHRASE_COST,
    passphraseKey: quickPassphraseKey,
  });
  const access = createVaultAccess({
    vault,
    keychain,
    attempts: createKeptFile(path.join(home, 'attempts.json')),
    clock,
    log: createFakeLogger(),
    newId: randomUUID,
    randomBytes,
    keychainSentence: (error) => (error instanceof KeychainTrouble ? error.message : null),
    isDamage: () => false,
  });
  return { access, vault };
}
const opens = (passphrase: string): Promise<boolean> =>
  start()
    .access.unlock({ way: 'passphrase', passphrase })
    .then(
      () => true,
      () => false,
    );
const opensByKeychain = (): Promise<boolean> =>
  start()
    .access.unlock({ way: 'keychain' })
    .then(
      () => true,
      () => false,
    );

async function withNote(keys: { passphrase: string | null; keychain: boolean }): Promise<ReturnType<typeof start>> {
  const made = start();
  await made.access.setUp(keys);
  made.vault.put(NOTE, randomUUID(), 'a secret');
  return made;
}
const notes = (vault: Vault): string[] => vault.list(NOTE).map(({ value }) => value);

describe('keys are changed', () => {
  it('another passphrase: all is under a new data key, and the one before opens nothing, nor the save before', async () => {
    const { access, vault } = await withNote({ passphrase: FIRST, keychain: false });
    const before = readFileSync(path.join(home, 'vault/vault'), 'utf8');
    await access.setKeys({ current: FIRST, passphrase: set(SECOND), keychain: false });
    expect(notes(vault)).toEqual(['a secret']);
    expect(await opens(SECOND)).toBe(true);
    expect(await opens(FIRST)).toBe(false);
    rmSync(path.join(home, 'vault/vault'));
    expect(await opens(FIRST)).toBe(false);
    expect(await opens(SECOND)).toBe(true);
    const boxes = [...before.matchAll(/"(?:box|nonce|salt)":"([^"]+)"/g)].map(([, box]) => box!);
    const after = readFileSync(path.join(home, 'vault/vault.previous'), 'utf8');
    expect(boxes.filter((box) => after.includes(box))).toEqual([]);
  });

  it('the keychain is added and taken away, and has no key left that nothing needs', async () => {
    const { access, vault } = await withNote({ passphrase: FIRST, keychain: false });
    await access.setKeys({ current: FIRST, passphrase: KEEP, keychain: true });
    expect(kept.size).toBe(1);
    expect(await opensByKeychain()).toBe(true);
    expect(await opens(FIRST)).toBe(true);
    const [account] = kept.keys();
    await access.setKeys({ current: FIRST, passphrase: KEEP, keychain: true });
    expect([kept.size, kept.has(account!)]).toEqual([1, false]);
    expect(await opensByKeychain()).toBe(true);
    await access.setKeys({ current: FIRST, passphrase: KEEP, keychain: false });
    expect([kept.size, access.state().ways]).toEqual([0, ['passphrase']]);
    expect(await opens(FIRST)).toBe(true);
    expect(notes(vault)).toEqual(['a secret']);
  });

  it('a passphrase is added to the keychain and removed again; never both', async () => {
    const { access, vault } = await withNote({ passphrase: null, keychain: true });
    await access.setKeys({ current: null, passphrase: set(FIRST), keychain: true });
    expect(await opens(FIRST)).toBe(true);
    await access.setKeys({ current: FIRST, passphrase: REMOVE, keychain: true });
    expect(access.state().ways).toEqual(['keychain']);
    for (const passphrase of [KEEP, REMOVE]) {
      await expect(access.setKeys({ current: null, passphrase, keychain: false })).rejects.toMatchObject({
        code: 'BAD_REQUEST',
        message: expect.stringContaining('only key'),
      });
    }
    expect(await opensByKeychain()).toBe(true);
    expect(notes(vault)).toEqual(['a secret']);
  });

  it('only by who has the passphrase, and as slowly as at the lock', async () => {
    const { access } = await withNote({ passphrase: FIRST, keychain: true });
    const change = (current: string | null) => access.setKeys({ current, passphrase: REMOVE, keychain: true });
    await expect(change(null)).rejects.toThrow('Enter the passphrase');
    for (let tries = 0; tries < 3; tries += 1) {
      await expect(change('wrong')).rejects.toThrow('not the vault’s passphrase');
    }
    await expect(change(FIRST)).rejects.toThrow(/in 5 s/);
    expect(access.state().ways).toEqual(['passphrase', 'keychain']);
    await clock.advance(5_000);
    await change(FIRST);
    expect(access.state().ways).toEqual(['keychain']);
  });

  it('not at all when the keychain fails, and with no key left in it when the vault can’t be saved', async () => {
    const { access, vault } = await withNote({ passphrase: FIRST, keychain: false });
    Object.assign(keychain, { keep: () => Promise.reject(new KeychainTrouble('locked')) });
    await expect(access.setKeys({ current: FIRST, passphrase: set(SECOND), keychain: true })).rejects.toThrow('locked');
    Object.assign(keychain, createFakeKeychain(kept));
    vault.rekey = () => Promise.reject(new Error('no room'));
    await expect(access.setKeys({ current: FIRST, passphrase: set(SECOND), keychain: true })).rejects.toThrow(
      'no room',
    );
    expect(kept.size).toBe(0);
    expect(await opens(FIRST)).toBe(true);
  });

  it('not when the console is locked meanwhile', async () => {
    const { access } = await withNote({ passphrase: FIRST, keychain: false });
    const changing = access.setKeys({ current: FIRST, passphrase: set(SECOND), keychain: true });
    access.lock();
    await expect(changing).rejects.toThrow('locked meanwhile');
    expect([kept.size, await opens(FIRST), await opens(SECOND)]).toEqual([0, true, false]);
    await expect(access.setKeys({ current: FIRST, passphrase: KEEP, keychain: false })).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    });
  });
});

describe('wrong passphrases', () => {
  it('three are free; then 5 s, doubled each time up to 15 minutes, also over new starts; the right one ends it', async () => {
    const { access } = await withNote({ passphrase: FIRST, keychain: false });
    access.lock();
    const wrong = () => start().access.unlock({ way: 'passphrase', passphrase: 'wrong' });
    for (let tries = 0; tries < 3; tries += 1) await expect(wrong()).rejects.toThrow('not the vault’s passphrase');
    for (const seconds of [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]) {
      const until = start().access.state().waitUntil!;
      expect((until.getTime() - clock.now().getTime()) / 1_000).toBe(seconds);
      await clock.advance(seconds * 1_000 - 1);
      expect(await opens(FIRST)).toBe(false);
      await clock.advance(1);
      await expect(wrong()).rejects.toThrow('not the vault’s passphrase');
    }
    await clock.advance(900_000);
    expect(await opens(FIRST)).toBe(true);
    expect(start().access.state().waitUntil).toBeNull();
  });

  it('count before they are tried, and are not forgotten with their file', async () => {
    const { access } = await withNote({ passphrase: FIRST, keychain: false });
    access.lock();
    // Ended in its middle: nobody awaits it.
    void access.unlock({ way: 'passphrase', passphrase: 'wrong' }).catch(() => undefined);
    expect(JSON.parse(readFileSync(path.join(home, 'attempts.json'), 'utf8'))).toMatchObject({ count: 1 });
  });
});

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { VaultDamaged } from './vault-format.ts';
import { createVaultDisk } from './vault-disk.ts';
import { passphraseKey } from './passphrase-key.ts';
import { createVaultFile } from './vault-file.ts';
import { createVault, type ItemKind, type Vault } from './vault.ts';

const NOTE: ItemKind<{ secret: string }> = { name: 'note', schema: z.object({ secret: z.string() }) };
const SECRET = 'pa$$word-of-the-database';
/** Thousands, and of more kinds, in `npm run torture -- --only vault`. */
const DAMAGES = 200;

let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-vault-'));
  folder = path.join(home, 'vault');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** The least that the format takes: what guessing costs is not tried here. */
const COST = { memoryKib: 19_456, passes: 1, lanes: 1 };
const open = (): Vault =>
  createVault({ file: createVaultFile(createVaultDisk(folder)), randomBytes, cost: COST, passphraseKey });
const file = (name = 'vault'): string => path.join(folder, name);

/** A vault with a note, unlockable by the key that is answered. */
async function filled(): Promise<{ key: Buffer; id: string; vault: Vault }> {
  const vault = open();
  const key = randomBytes(32);
  await vault.create(randomUUID(), { keychain: { account: randomUUID(), key }, passphrase: null });
  const id = randomUUID();
  vault.put(NOTE, id, { secret: SECRET });
  return { key, id, vault };
}

describe('a vault', () => {
  it('is unlocked by its passphrase or by the key of the keychain, and by nothing else', async () => {
    const first = open();
    const key = randomBytes(32);
    await first.create(randomUUID(), { keychain: { account: randomUUID(), key }, passphrase: 'correct horse battery' });
    const id = randomUUID();
    first.put(NOTE, id, { secret: SECRET });

    const second = open();
    expect(second.outside()).toMatchObject({ state: 'locked', ways: ['passphrase', 'keychain'] });
    expect(await second.unlockByPassphrase('correct horse batteri')).toBe(false);
    expect(second.unlockByKey(randomBytes(32))).toBe(false);
    expect(() => second.list(NOTE)).toThrow('locked');
    expect(await second.unlockByPassphrase('correct horse battery')).toBe(true);
    expect(second.list(NOTE)).toEqual([{ id, value: { secret: SECRET } }]);

    const third = open();
    expect(third.unlockByKey(key)).toBe(true);
    third.lock();
    expect(third.outside().state).toBe('locked');
    expect(() => third.put(NOTE, id, { secret: 'x' })).toThrow('locked');
  });

  it('takes a passphrase in either Unicode form', async () => {
    const vault = open();
    await vault.create(randomUUID(), { keychain: null, passphrase: 'caf\u00E9 au lait' });
    vault.lock();
    expect(await vault.unlockByPassphrase('cafe\u0301 au lait')).toBe(true);
  });

  it('needs at least one key', async () => {
    await expect(open().create(randomUUID(), { keychain: null, passphrase: null })).rejects.toThrow('needs');
    expect(open().outside().state).toBe('none');
  });

  it('shows nothing of what is in it: not in its bytes, not to other users', async () => {
    const { id } = await filled();
    for (const name of readdirSync(folder)) {
      const text = readFileSync(file(name), 'utf8');
      for (const form of [
        SECRET,
        Buffer.from(SECRET).toString('base64').slice(0, 24),
        Buffer.from(SECRET).toString('hex'),
      ]) {
        expect(text).not.toContain(form);
      }
      expect(statSync(file(name)).mode & 0o077).toBe(0);
    }
    expect(readFileSync(file(), 'utf8')).toContain(id);
    expect(statSync(folder).mode & 0o077).toBe(0);
  });

  it('never uses a nonce twice, and keeps what was changed last', async () => {
    const { vault, key, id } = await filled();
    const nonces = new Set<string>();
    for (let round = 0; round < 50; round += 1) {
      vault.put(NOTE, id, { secret: `${SECRET} ${round}` });
      for (const [, nonce] of readFileSync(file(), 'utf8').matchAll(/"nonce":"([^"]+)"/g)) nonces.add(nonce!);
    }
    // One of the key’s wrap, which stays; of each save one of the item and one of the seal.
    expect(nonces.size).toBe(101);
    const again = open();
    again.unlockByKey(key);
    expect(again.list(NOTE)).toEqual([{ id, value: { secret: `${SECRET} 49` } }]);
    again.use(id);
    again.remove(id);
    expect(open().outside().lastUsed).toBeNull();
  });
});

describe('damage', () => {
  it(`is found, whatever byte is flipped or where the file is cut: ${DAMAGES} times`, async () => {
    const { key } = await filled();
    rmSync(file('vault.previous'));
    const whole = readFileSync(file());
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), (at, mask) => {
        const damaged = mask === 0 ? whole.subarray(0, at) : Buffer.from(whole);
        if (mask !== 0) damaged[at] = damaged[at]! ^ mask;
        writeFileSync(file(), damaged);
        const vault = open();
        expect(vault.outside().state).toBe('damaged');
        expect(() => vault.unlockByKey(key)).toThrow();
        expect(() => vault.list(NOTE)).toThrow();
      }),
      { numRuns: DAMAGES },
    );
  });

  it('leads to the save before it, which the next save does not lose', async () => {
    const { key, id, vault } = await filled();
    vault.put(NOTE, id, { secret: 'newest' });
    writeFileSync(file(), readFileSync(file()).subarray(0, 100));
    const again = open();
    expect(again.outside()).toMatchObject({ state: 'locked', older: true });
    expect(again.unlockByKey(key)).toBe(true);
    expect(again.list(NOTE)).toEqual([{ id, value: { secret: SECRET } }]);
    again.put(NOTE, id, { secret: 'mended' });
    expect(readFileSync(file('vault.previous'), 'utf8')).toMatch(/^tenantdesk-vault 1 /);
    const mended = open();
    expect(mended.outside().older).toBe(false);
    mended.unlockByKey(key);
    expect(mended.list(NOTE)).toEqual([{ id, value: { secret: 'mended' } }]);
  });

  it.each<[string, (text: string) => string]>([
    ['an item under another id', (text) => text.replace(/("items":\[\{"id":")[^"]+/, `$1${randomUUID()}`)],
    ['an item of another kind', (text) => text.replace('"kind":"note"', '"kind":"nota"')],
    ['an older version of an item', (text) => text.replace('"version":1', '"version":2')],
    ['an item left out', (text) => text.replace(/"items":\[.*?\}\}\]/, '"items":[]')],
    ['another last used', (text) => text.replace('"lastUsed":null', `"lastUsed":"${randomUUID()}"`)],
    ['another generation', (text) => text.replace(/"generation":\d+/, '"generation":9')],
  ])('by somebody who knows the format and not the key: %s', async (_what, change) => {
    const { key } = await filled();
    const body = readFileSync(file(), 'utf8').split('\n')[1]!;
    const changed = change(body);
    expect(changed).not.toBe(body);
    writeFileSync(file(), `tenantdesk-vault 1 ${createHash('sha256').update(changed).digest('hex')}\n${changed}\n`);
    const vault = open();
    expect(() => vault.unlockByKey(key)).toThrow(VaultDamaged);
    expect(vault.outside().state).toBe('damaged');
  });

  it('is not done by a second console: what it saved first stays, and the other is told', async () => {
    const { key, id, vault } = await filled();
    const other = open();
    other.unlockByKey(key);
    other.put(NOTE, id, { secret: 'of the other' });
    expect(() => vault.put(NOTE, id, { secret: 'late' })).toThrow(/Another TenantDesk has changed the vault/);
    vault.lock();
    vault.unlockByKey(key);
    expect(vault.list(NOTE)).toEqual([{ id, value: { secret: 'of the other' } }]);
    vault.put(NOTE, id, { secret: 'after it' });
  });

  it('of both files is moved aside, and nothing is deleted', async () => {
    await filled();
    writeFileSync(file(), 'x');
    writeFileSync(file('vault.previous'), '');
    const vault = open();
    expect(vault.outside().state).toBe('damaged');
    const aside = vault.startOver(new Date('2026-11-21T06:00:00Z'));
    expect(readdirSync(aside!).sort()).toEqual(['vault', 'vault.previous']);
    expect(vault.outside().state).toBe('none');
    await vault.create(randomUUID(), { keychain: { account: randomUUID(), key: randomBytes(32) }, passphrase: null });
    expect(vault.outside().state).toBe('open');
  });
});

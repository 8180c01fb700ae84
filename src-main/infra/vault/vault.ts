/**
 * Secrets of this user, encrypted under one random data key that is itself wrapped: by a random key in the operating system's
 * keychain, by a passphrase, or by each. There is no way to keep anything unencrypted.
 *
 *   none ── create ──▶ open ── lock ──▶ locked ── unlock ──▶ open        damaged: neither the file nor the one before can be read
 *
 * Locked, the key is overwritten with zeros.
 */
import type { z } from 'zod';
import { BoxRefused, closeBox, KEY_BYTES, openBox, type RandomBytes } from './vault-crypto.ts';
import { SALT_BYTES, type DeriveKey, type PassphraseKdf } from './passphrase-key.ts';
import {
  canonicalText,
  VaultDamaged,
  type VaultContent,
  type VaultItem,
  type VaultRecord,
  type Wrap,
} from './vault-format.ts';
import type { VaultFile } from './vault-file.ts';
import { vaultTrouble } from './vault-trouble.ts';

/** A kind of thing the vault keeps; what does not parse is as good as damaged. */
export interface ItemKind<T> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
}

export interface VaultOutside {
  readonly state: 'none' | 'locked' | 'open' | 'damaged';
  /** What can unlock it. */
  readonly ways: readonly Wrap['kind'][];
  /** The newest file could not be read: it is of the save before. */
  readonly older: boolean;
  readonly lastUsed: string | null;
}

export interface Vault {
  outside(): VaultOutside;
  /** The name of its key in the keychain; null: the keychain has none. */
  readonly keychainAccount: string | null;
  create(id: string, keys: VaultKeys): Promise<void>;
  /** False: this is not its passphrase. Both throw VaultDamaged when the key fits and the rest does not. */
  unlockByPassphrase(passphrase: string): Promise<boolean>;
  /** False: this is not the key that wrapped it. */
  unlockByKey(keychainKey: Buffer): boolean;
  /** Whether this is its passphrase, open or not; opens nothing. */
  isPassphrase(passphrase: string): Promise<boolean>;
  /**
   * Under a new data key, which these keys wrap and the ones before do not: all of it is encrypted anew, in one save, and the
   * generation before goes. Throws when it is not open (any more) once the keys are made; then nothing has changed.
   */
  rekey(keys: VaultKeys): Promise<void>;
  lock(): void;
  /** Throws when it is not open. */
  list<T>(kind: ItemKind<T>): { readonly id: string; readonly value: T }[];
  put<T>(kind: ItemKind<T>, id: string, value: T): void;
  remove(id: string): void;
  use(id: string | null): void;
  /** Moves the files away; then there is none. @returns where to */
  startOver(now: Date): string | null;
}

/** What can unlock a vault: at least one of them. */
export interface VaultKeys {
  /** The caller keeps the key in the keychain, and overwrites its own copy. */
  readonly keychain: { readonly account: string; readonly key: Buffer } | null;
  readonly passphrase: string | null;
}

interface Opened {
  readonly key: Buffer;
}

export interface VaultParts {
  readonly file: VaultFile;
  readonly randomBytes: RandomBytes;
  /** What guessing a passphrase costs in a new vault. */
  readonly cost: Omit<PassphraseKdf, 'salt'>;
  readonly passphraseKey: DeriveKey;
}

export function createVault({ file, randomBytes, cost, passphraseKey }: VaultParts): Vault {
  let found = file.read();
  let opened: Opened | null = null;

  function record(): VaultRecord {
    if (found.kind !== 'whole') throw new Error('There is no vault.');
    return found.record;
  }
  function key(): Buffer {
    if (!opened) throw new Error('The vault is locked.');
    return opened.key;
  }
  function save(change: Partial<Pick<VaultContent, 'items' | 'lastUsed'>>): void {
    const { seal: _before, ...before } = record();
    write({ ...before, ...change, generation: before.generation + 1 }, key());
  }
  function write(content: VaultContent, dataKey: Buffer): void {
    const seal = closeBox(dataKey, Buffer.alloc(0), sealContext(content), randomBytes);
    const next = { ...content, seal };
    try {
      file.write(next);
    } catch (error) {
      // The last thing that a disk does may fail with the file in its place already.
      const now = file.read();
      if (now.kind === 'whole' && now.record.seal.box === seal.box) adopt(next, dataKey);
      throw vaultTrouble(error);
    }
    adopt(next, dataKey);
  }
  function adopt(next: VaultRecord, dataKey: Buffer): void {
    found = { kind: 'whole', record: next, older: false };
    if (opened?.key !== dataKey) opened?.key.fill(0);
    opened = { key: dataKey };
  }
  /** With the data key, when it is the one: every box is of this vault, and the rest of the file is as it was sealed. */
  function take(dataKey: Buffer): true {
    const { seal, ...content } = record();
    try {
      openBox(dataKey, seal, sealContext(content));
    } catch (error) {
      dataKey.fill(0);
      if (!(error instanceof BoxRefused)) throw error;
      found = { kind: 'damaged' };
      throw new VaultDamaged('It was changed by somebody without its key.');
    }
    opened = { key: dataKey };
    try {
      // A change of keys may have been ended between its two saves.
      file.retireKeys();
    } catch {
      // A disk that can only be read keeps nobody out; the next opening tries again.
    }
    return true;
  }
  /** Overwrites `wrapping`. Null: it is another key. */
  function unwrap(wrapping: Buffer, wrap: Wrap): Buffer | null {
    try {
      return openBox(wrapping, wrap.key, wrapContext(record().vaultId, wrap));
    } catch (error) {
      if (error instanceof BoxRefused) return null;
      throw error;
    } finally {
      wrapping.fill(0);
    }
  }
  async function byPassphrase(passphrase: string): Promise<Buffer | null> {
    const wrap = record().wraps.find((one) => one.kind === 'passphrase');
    return wrap === undefined ? null : unwrap(await passphraseKey(passphrase, wrap.kdf), wrap);
  }
  function wrapped(id: string, dataKey: Buffer, wrapping: Buffer, wrap: WrapHead): Wrap {
    const box = closeBox(wrapping, dataKey, wrapContext(id, wrap), randomBytes);
    wrapping.fill(0);
    return { ...wrap, key: box };
  }

  function closedItem(dataKey: Buffer, id: string, head: Omit<VaultItem, 'content'>, content: Buffer): VaultItem {
    return { ...head, content: closeBox(dataKey, content, itemContext(id, head), randomBytes) };
  }
  /** All that takes time, before a data key is at hand. */
  async function prepareWraps(id: string, { keychain, passphrase }: VaultKeys): Promise<(dataKey: Buffer) => Wrap[]> {
    if (!keychain && passphrase === null) throw new Error('A vault needs a key of the keychain or a passphrase.');
    const kdf = { ...cost, salt: randomBytes(SALT_BYTES).toString('base64') };
    const typed = passphrase === null ? null : await passphraseKey(passphrase, kdf);
    return (dataKey) => [
      ...(typed ? [wrapped(id, dataKey, typed, { kind: 'passphrase', kdf })] : []),
      ...(keychain
        ? [wrapped(id, dataKey, Buffer.from(keychain.key), { kind: 'keychain', account: keychain.account })]
        : []),
    ];
  }

  return {
    get keychainAccount() {
      if (found.kind !== 'whole') return null;
      const wrap = keychainWrap(found.record);
      return wrap ? (wrap.account ?? found.record.vaultId) : null;
    },
    outside() {
      if (found.kind !== 'whole') return { state: found.kind, ways: [], older: false, lastUsed: null };
      const { wraps, lastUsed } = found.record;
      const ways = wraps.map(({ kind }) => kind);
      return { state: opened ? 'open' : 'locked', ways, older: found.older, lastUsed };
    },
    async create(id, keys) {
      if (found.kind !== 'none') throw new Error('There is a vault already.');
      const wrapsOf = await prepareWraps(id, keys);
      const dataKey = randomBytes(KEY_BYTES);
      write({ vaultId: id, generation: 1, wraps: wrapsOf(dataKey), items: [], lastUsed: null }, dataKey);
    },
    async unlockByPassphrase(passphrase) {
      const dataKey = await byPassphrase(passphrase);
      return dataKey !== null && take(dataKey);
    },
    unlockByKey(keychainKey) {
      const wrap = keychainWrap(record());
      const dataKey = wrap ? unwrap(Buffer.from(keychainKey), wrap) : null;
      return dataKey !== null && take(dataKey);
    },
    async isPassphrase(passphrase) {
      const dataKey = await byPassphrase(passphrase);
      dataKey?.fill(0);
      return dataKey !== null;
    },
    async rekey(keys) {
      const wrapsOf = await prepareWraps(record().vaultId, keys);
      // What was saved while the passphrase was worked on is part of it.
      const { vaultId, generation, items, lastUsed } = record();
      const before = key();
      const dataKey = randomBytes(KEY_BYTES);
      const anew = items.map((item): VaultItem => {
        const content = openBox(before, item.content, itemContext(vaultId, item));
        try {
          return closedItem(dataKey, vaultId, { id: item.id, kind: item.kind, version: item.version + 1 }, content);
        } finally {
          content.fill(0);
        }
      });
      try {
        write({ vaultId, generation: generation + 1, wraps: wrapsOf(dataKey), items: anew, lastUsed }, dataKey);
      } catch (error) {
        if (opened?.key !== dataKey) dataKey.fill(0);
        throw error;
      }
      try {
        file.retireKeys();
      } catch (error) {
        throw vaultTrouble(error);
      }
    },
    lock() {
      opened?.key.fill(0);
      opened = null;
      // Another console may have saved it since.
      const now = file.read();
      if (now.kind === 'whole') found = now;
    },
    list: (kind) => {
      const { vaultId, items } = record();
      return items
        .filter((item) => item.kind === kind.name)
        .map((item) => {
          const content = openBox(key(), item.content, itemContext(vaultId, item));
          const value = kind.schema.parse(JSON.parse(content.toString('utf8')));
          content.fill(0);
          return { id: item.id, value };
        });
    },
    put(kind, id, value) {
      const { vaultId, items } = record();
      const before = items.find((item) => item.id === id);
      const head = { id, kind: kind.name, version: (before?.version ?? 0) + 1 };
      const content = Buffer.from(JSON.stringify(value));
      const item = closedItem(key(), vaultId, head, content);
      content.fill(0);
      save({ items: [...items.filter((other) => other !== before), item] });
    },
    remove(id) {
      const { items, lastUsed } = record();
      save({ items: items.filter((item) => item.id !== id), lastUsed: lastUsed === id ? null : lastUsed });
    },
    use(id) {
      if (record().lastUsed !== id) save({ lastUsed: id });
    },
    startOver(now) {
      opened?.key.fill(0);
      opened = null;
      const aside = found.kind === 'none' ? null : file.setAside(now);
      found = { kind: 'none' };
      return aside;
    },
  };
}

type WrapHead = Omit<Extract<Wrap, { kind: 'keychain' }>, 'key'> | Omit<Extract<Wrap, { kind: 'passphrase' }>, 'key'>;

function wrapContext(vaultId: string, wrap: WrapHead): string[] {
  return ['wrap', vaultId, wrap.kind, wrap.kind === 'passphrase' ? JSON.stringify(wrap.kdf) : (wrap.account ?? '')];
}

function keychainWrap({ wraps }: VaultRecord): Extract<Wrap, { kind: 'keychain' }> | undefined {
  return wraps.find((wrap) => wrap.kind === 'keychain');
}

function itemContext(vaultId: string, { id, kind, version }: Omit<VaultItem, 'content'>): string[] {
  return ['item', vaultId, id, kind, String(version)];
}

function sealContext(content: VaultContent): string[] {
  return ['seal', canonicalText(content)];
}

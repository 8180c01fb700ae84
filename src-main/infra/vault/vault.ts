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
import { passphraseKey, SALT_BYTES, type PassphraseKdf } from './passphrase-key.ts';
import {
  canonicalText,
  VaultDamaged,
  type VaultContent,
  type VaultItem,
  type VaultRecord,
  type Wrap,
} from './vault-format.ts';
import type { VaultFile } from './vault-file.ts';

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
  /** Of the vault that is there; for the keychain to find its key by. */
  readonly id: string | null;
  create(keys: {
    readonly id: string;
    readonly keychainKey: Buffer | null;
    readonly passphrase: string | null;
  }): Promise<void>;
  /** False: this is not its passphrase. Both throw VaultDamaged when the key fits and the rest does not. */
  unlockByPassphrase(passphrase: string): Promise<boolean>;
  /** False: this is not the key that wrapped it. */
  unlockByKey(keychainKey: Buffer): boolean;
  lock(): void;
  /** Throws when it is not open. */
  list<T>(kind: ItemKind<T>): { readonly id: string; readonly value: T }[];
  put<T>(kind: ItemKind<T>, id: string, value: T): void;
  remove(id: string): void;
  use(id: string | null): void;
  /** Moves the files away; then there is none. @returns where to */
  startOver(now: Date): string | null;
}

interface Opened {
  readonly key: Buffer;
}

export interface VaultParts {
  readonly file: VaultFile;
  readonly randomBytes: RandomBytes;
  /** What guessing a passphrase costs in a new vault. */
  readonly cost: Omit<PassphraseKdf, 'salt'>;
}

export function createVault({ file, randomBytes, cost }: VaultParts): Vault {
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
    file.write(next);
    found = { kind: 'whole', record: next, older: false };
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
    return true;
  }
  function unwrap(wrapping: Buffer, wrap: Wrap): boolean {
    let dataKey: Buffer;
    try {
      dataKey = openBox(wrapping, wrap.key, wrapContext(record().vaultId, wrap));
    } catch (error) {
      if (error instanceof BoxRefused) return false;
      throw error;
    } finally {
      wrapping.fill(0);
    }
    return take(dataKey);
  }
  function wrapped(id: string, dataKey: Buffer, wrapping: Buffer, wrap: WrapHead): Wrap {
    const box = closeBox(wrapping, dataKey, wrapContext(id, wrap), randomBytes);
    wrapping.fill(0);
    return { ...wrap, key: box };
  }

  return {
    get id() {
      return found.kind === 'whole' ? found.record.vaultId : null;
    },
    outside() {
      if (found.kind !== 'whole') return { state: found.kind, ways: [], older: false, lastUsed: null };
      const { wraps, lastUsed } = found.record;
      const ways = wraps.map(({ kind }) => kind);
      return { state: opened ? 'open' : 'locked', ways, older: found.older, lastUsed };
    },
    async create({ id, keychainKey, passphrase }) {
      if (found.kind !== 'none') throw new Error('There is a vault already.');
      const dataKey = randomBytes(KEY_BYTES);
      const wraps: Wrap[] = [];
      if (passphrase !== null) {
        const kdf = { ...cost, salt: randomBytes(SALT_BYTES).toString('base64') };
        wraps.push(wrapped(id, dataKey, await passphraseKey(passphrase, kdf), { kind: 'passphrase', kdf }));
      }
      if (keychainKey) wraps.push(wrapped(id, dataKey, Buffer.from(keychainKey), { kind: 'keychain' }));
      if (wraps.length === 0) throw new Error('A vault needs a key of the keychain or a passphrase.');
      write({ vaultId: id, generation: 1, wraps, items: [], lastUsed: null }, dataKey);
      opened = { key: dataKey };
    },
    async unlockByPassphrase(passphrase) {
      const wrap = record().wraps.find((one) => one.kind === 'passphrase');
      return wrap !== undefined && unwrap(await passphraseKey(passphrase, wrap.kdf), wrap);
    },
    unlockByKey(keychainKey) {
      const wrap = record().wraps.find(({ kind }) => kind === 'keychain');
      return wrap !== undefined && unwrap(Buffer.from(keychainKey), wrap);
    },
    lock() {
      opened?.key.fill(0);
      opened = null;
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
      const item = { ...head, content: closeBox(key(), content, itemContext(vaultId, head), randomBytes) };
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

type WrapHead = { readonly kind: 'keychain' } | Omit<Extract<Wrap, { kind: 'passphrase' }>, 'key'>;

function wrapContext(vaultId: string, wrap: WrapHead): string[] {
  return ['wrap', vaultId, wrap.kind, wrap.kind === 'passphrase' ? JSON.stringify(wrap.kdf) : ''];
}

function itemContext(vaultId: string, { id, kind, version }: Omit<VaultItem, 'content'>): string[] {
  return ['item', vaultId, id, kind, String(version)];
}

function sealContext(content: VaultContent): string[] {
  return ['seal', canonicalText(content)];
}

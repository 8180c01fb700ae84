import {
  closeSync,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { readVaultText, VaultDamaged, writeVaultText, type VaultRecord } from './vault-format.ts';

/** What was found. `older`: the file itself was damaged or gone, so this is the generation before. */
export type FoundVault =
  | { readonly kind: 'none' | 'damaged' }
  | { readonly kind: 'whole'; readonly record: VaultRecord; readonly older: boolean };

/** The vault's file and the generation before it, for this user alone. All throw what the file system says. */
export interface VaultFile {
  read(): FoundVault;
  /** On the disk when it returns. At every moment before, the old file or the new one is there, whole. */
  write(record: VaultRecord): void;
  /** Moves everything out of the way, deleting nothing. @returns the folder it is in now. */
  setAside(now: Date): string;
}

/** `folder` is the vault's own. */
export function createVaultFile(folder: string): VaultFile {
  const current = path.join(folder, 'vault');
  const previous = path.join(folder, 'vault.previous');
  const partial = path.join(folder, `vault.partial-${process.pid}`);

  function readOne(name: string): VaultRecord | 'none' | 'damaged' {
    const text = textOf(name);
    if (text === undefined) return 'none';
    try {
      return readVaultText(text);
    } catch (error) {
      if (error instanceof VaultDamaged) return 'damaged';
      throw error;
    }
  }

  function replace(name: string): void {
    renameSync(partial, name);
    syncFolder(folder);
  }

  return {
    read() {
      const newest = readOne(current);
      if (typeof newest === 'object') return { kind: 'whole', record: newest, older: false };
      const before = readOne(previous);
      if (typeof before === 'object') return { kind: 'whole', record: before, older: true };
      return { kind: newest === 'none' && before === 'none' ? 'none' : 'damaged' };
    },
    write(record) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      try {
        // A damaged file never takes the place of the whole one before it.
        if (typeof readOne(current) === 'object') {
          copyFileSync(current, partial);
          syncFile(partial);
          replace(previous);
        }
        const text = writeVaultText(record);
        writeWhole(partial, text);
        if (textOf(partial) !== text) throw new Error('The disk gave back other bytes than were written.');
        replace(current);
      } finally {
        rmSync(partial, { force: true });
      }
    },
    setAside(now) {
      const aside = `${folder}.set-aside-${now.toISOString().replaceAll(/[:.]/g, '-')}`;
      renameSync(folder, aside);
      return aside;
    },
  };
}

function textOf(name: string): string | undefined {
  try {
    return readFileSync(name, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function writeWhole(name: string, text: string): void {
  const handle = openSync(name, 'w', 0o600);
  try {
    const content = Buffer.from(text);
    for (let done = 0; done < content.length;) done += writeSync(handle, content, done);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function syncFile(name: string): void {
  const handle = openSync(name, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** A rename is on the disk with its folder; Windows syncs no folders and needs none. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

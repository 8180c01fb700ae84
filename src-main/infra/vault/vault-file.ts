import { PARTIAL, type VaultDisk } from './vault-disk.ts';
import { readVaultText, VaultDamaged, writeVaultText, type VaultRecord } from './vault-format.ts';

/** What was found. `older`: the file itself was damaged or gone, so this is the generation before. */
export type FoundVault =
  | { readonly kind: 'none' | 'damaged' }
  | { readonly kind: 'whole'; readonly record: VaultRecord; readonly older: boolean };

/** The vault's file and the generation before it, for this user alone. All throw what the file system says. */
export interface VaultFile {
  read(): FoundVault;
  /**
   * On the disk when it returns. At every moment before, the old file or the new one is there, whole. Throws VaultElsewhere when
   * the file there is not older than the record.
   */
  write(record: VaultRecord): void;
  /** The generation before becomes as the file is, unless the same keys open both: keys that were changed open nothing any more. */
  retireKeys(): void;
  /** Moves everything out of the way, deleting nothing. @returns the folder it is in now. */
  setAside(now: Date): string;
}

/** Somebody else has saved the vault since it was read. */
export class VaultElsewhere extends Error {
  override readonly name = 'VaultElsewhere';
}

const CURRENT = 'vault';
const PREVIOUS = 'vault.previous';

export function createVaultFile(disk: VaultDisk): VaultFile {
  function readOne(name: string): VaultRecord | 'none' | 'damaged' {
    const text = disk.read(name);
    if (text === undefined) return 'none';
    try {
      return readVaultText(text);
    } catch (error) {
      if (error instanceof VaultDamaged) return 'damaged';
      throw error;
    }
  }

  function put(name: string, text: string): void {
    try {
      disk.write(PARTIAL, text);
      disk.sync(PARTIAL);
      if (disk.read(PARTIAL) !== text) throw new Error('The disk gave back other bytes than were written.');
      disk.rename(PARTIAL, name);
      disk.syncFolder();
    } finally {
      disk.remove(PARTIAL);
    }
  }

  return {
    read() {
      const newest = readOne(CURRENT);
      if (typeof newest === 'object') return { kind: 'whole', record: newest, older: false };
      const before = readOne(PREVIOUS);
      if (typeof before === 'object') return { kind: 'whole', record: before, older: true };
      return { kind: newest === 'none' && before === 'none' ? 'none' : 'damaged' };
    },
    write(record) {
      disk.makeFolder();
      disk.removeLeftovers();
      const before = readOne(CURRENT);
      // A damaged file never takes the place of the whole one before it.
      if (typeof before === 'object') {
        if (before.generation >= record.generation) throw new VaultElsewhere('The file there is a newer one.');
        put(PREVIOUS, writeVaultText(before));
      }
      put(CURRENT, writeVaultText(record));
    },
    retireKeys() {
      const [now, before] = [readOne(CURRENT), readOne(PREVIOUS)];
      if (typeof now !== 'object' || before === 'none') return;
      if (typeof before !== 'object' || keysOf(before) !== keysOf(now)) put(PREVIOUS, writeVaultText(now));
    },
    setAside: (now) => disk.moveFolder(`set-aside-${now.toISOString().replaceAll(/[:.]/g, '-')}`),
  };
}

function keysOf({ vaultId, wraps }: VaultRecord): string {
  return JSON.stringify([vaultId, wraps]);
}

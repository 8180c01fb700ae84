import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

/** The few things a vault asks of a disk, each by itself, so that a test can end the world between any two. All throw what the file system says. */
export interface VaultDisk {
  /** The vault's own folder, for this user alone. */
  makeFolder(): void;
  /** Undefined: there is no such file. */
  read(name: string): string | undefined;
  /** All of it; on the disk only after `sync`. */
  write(name: string, text: string): void;
  sync(name: string): void;
  /** On the disk only after `syncFolder`. */
  rename(from: string, to: string): void;
  syncFolder(): void;
  remove(name: string): void;
  /** What saves left that were ended in their middle, by processes that are no more. */
  removeLeftovers(): void;
  /** Renames the folder itself. @returns its new path */
  moveFolder(ending: string): string;
}

/** A file that is being written: of this process alone. */
export const PARTIAL = `vault.partial-${process.pid}`;

/** `folder`: absolute. */
export function createVaultDisk(folder: string): VaultDisk {
  const at = (name: string): string => path.join(folder, name);
  return {
    makeFolder() {
      if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) syncFolder(path.dirname(folder));
    },
    read(name) {
      try {
        return readFileSync(at(name), 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    write(name, text) {
      const handle = openSync(at(name), 'w', 0o600);
      try {
        const content = Buffer.from(text);
        for (let done = 0; done < content.length;) done += writeSync(handle, content, done);
      } finally {
        closeSync(handle);
      }
    },
    sync: (name) => syncOpened(at(name), 'r+'),
    rename: (from, to) => renameSync(at(from), at(to)),
    syncFolder: () => syncFolder(folder),
    remove: (name) => rmSync(at(name), { force: true }),
    removeLeftovers() {
      for (const name of readdirSync(folder)) {
        const pid = /^vault\.partial-(\d+)$/.exec(name)?.[1];
        if (pid !== undefined && !runs(Number(pid))) rmSync(at(name), { force: true });
      }
    },
    moveFolder(ending) {
      const moved = `${folder}.${ending}`;
      renameSync(folder, moved);
      syncFolder(path.dirname(folder));
      return moved;
    },
  };
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process has that number now.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** A rename is on the disk with its folder; Windows syncs no folders and needs none. */
function syncFolder(folder: string): void {
  if (process.platform !== 'win32') syncOpened(folder, 'r');
}

function syncOpened(name: string, flags: 'r' | 'r+'): void {
  const handle = openSync(name, flags);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

/** A small file of this user's own, read at the start and written whole. All throw what the file system says. */
export interface KeptFile {
  readonly path: string;
  /** Undefined: it is not there. */
  read(): string | undefined;
  /** On the disk when it returns; the old file or the new one is there at every moment, never a part. */
  write(text: string): void;
  /** Moves a damaged file out of the way. @returns its new path */
  setAside(): string;
}

/** Its folder is made when it is first written; both are readable by this user alone. */
export function createKeptFile(name: string): KeptFile {
  return {
    path: name,
    read() {
      try {
        return readFileSync(name, 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    write(text) {
      mkdirSync(path.dirname(name), { recursive: true, mode: 0o700 });
      const partial = `${name}.partial-${process.pid}`;
      try {
        const handle = openSync(partial, 'w', 0o600);
        try {
          writeSync(handle, text);
          fsyncSync(handle);
        } finally {
          closeSync(handle);
        }
        renameSync(partial, name);
      } finally {
        rmSync(partial, { force: true });
      }
    },
    setAside() {
      const aside = `${name}.damaged`;
      renameSync(name, aside);
      return aside;
    },
  };
}

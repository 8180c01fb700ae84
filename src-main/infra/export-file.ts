import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { OperatorError } from './operator-error.ts';

/** A file that grows beside its name and gets it when it is whole. What fails is UNAVAILABLE, with the path and the reason. */
export interface ExportFile {
  /** Where it is to be; once it is finished, where it is. */
  readonly path: string;
  /** Bytes written so far. */
  readonly bytes: number;
  write(data: string | Uint8Array): Promise<void>;
  /** All of it is on the disk, still beside its name. @returns the SHA-256 of the whole file, hex. */
  seal(): Promise<string>;
  /** Seals it and gives it its name; one that is taken gets a number behind it: no file is ever replaced. @returns as `seal` */
  finish(): Promise<string>;
  /** Leaves nothing of it, finished or not. */
  discard(): Promise<void>;
}

/** Where exports go; in the window's answers its path is told, and none is ever taken from the window. */
export interface ExportFolder {
  create(name: string): Promise<ExportFile>;
}

/** More files of one name than anybody looks through. */
const MOST_OF_A_NAME = 999;
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Make room, or choose another folder',
  EDQUOT: 'your share of the disk is used up. Make room, or choose another folder',
  EACCES: 'you may not write there. Choose another folder',
  EPERM: 'you may not write there. Choose another folder',
  EROFS: 'it can only be read. Choose another folder',
  EEXIST: 'that folder is a file. Choose another folder',
  ENOTDIR: 'a part of that path is a file. Choose another folder',
  ENAMETOOLONG: 'that path is too long. Choose another folder',
};

/** The folder is made when something is written to it. Files are readable by this user alone. */
export function createExportFolder(folder: string): ExportFolder {
  let made = 0;
  return {
    async create(name) {
      const wished = path.join(folder, name);
      made += 1;
      // What a killed console left behind must not be in the way.
      const partial = `${wished}.part-${process.pid}-${made}`;
      const handle = await explained(wished, async () => {
        await mkdir(folder, { recursive: true });
        return open(partial, 'w', 0o600);
      });
      return growing(wished, partial, handle);
    },
  };
}

function growing(wished: string, partial: string, handle: FileHandle): ExportFile {
  const hash = createHash('sha256');
  let bytes = 0;
  let sealed: string | undefined;
  let finished: string | undefined;
  async function seal(): Promise<string> {
    if (sealed !== undefined) return sealed;
    await explained(wished, async () => {
      await handle.sync();
      await handle.close();
    });
    sealed = hash.digest('hex');
    return sealed;
  }
  return {
    get path() {
      return finished ?? wished;
    },
    get bytes() {
      return bytes;
    },
    async write(part) {
      const data = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
      await explained(wished, () => handle.appendFile(data));
      hash.update(data);
      bytes += data.length;
    },
    seal,
    async finish() {
      const digest = await seal();
      finished = await explained(wished, () => named(partial, wished));
      return digest;
    },
    async discard() {
      await handle.close().catch(() => undefined);
      await rm(finished ?? partial, { force: true });
    },
  };
}

/** Takes the first free name, which nobody else can take then, and puts the file there. */
async function named(partial: string, wished: string): Promise<string> {
  const { dir, name, ext } = path.parse(wished);
  for (let number = 1; number <= MOST_OF_A_NAME; number += 1) {
    const free = number === 1 ? wished : path.join(dir, `${name} (${number})${ext}`);
    try {
      await (await open(free, 'wx', 0o600)).close();
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') continue;
      throw error;
    }
    try {
      await rename(partial, free);
    } catch (error) {
      await rm(free, { force: true });
      throw error;
    }
    return free;
  }
  throw new Error('there are too many files of that name. Choose another folder');
}

async function explained<T>(file: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
    throw new OperatorError('UNAVAILABLE', `The export can't be written to ${file}: ${reason}.`, { cause: error });
  }
}

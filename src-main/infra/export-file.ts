import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { OperatorError } from './operator-error.ts';

/** A file that grows beside its name and gets it when it is whole. What fails is UNAVAILABLE, with the path and the reason. */
export interface ExportFile {
  readonly path: string;
  /** Bytes written so far. */
  readonly bytes: number;
  write(data: string | Uint8Array): Promise<void>;
  /** @returns the SHA-256 of the whole file, hex. */
  finish(): Promise<string>;
  /** Leaves nothing of it. */
  discard(): Promise<void>;
}

/** Where exports go; in the window's answers its path is told, and none is ever taken from the window. */
export interface ExportFolder {
  create(name: string): Promise<ExportFile>;
}

/** The folder is made when something is written to it. Files are readable by this user alone. */
export function createExportFolder(folder: string): ExportFolder {
  return {
    async create(name) {
      const file = path.join(folder, name);
      const partial = `${file}.part`;
      const explained = async <T>(step: () => Promise<T>): Promise<T> => {
        try {
          return await step();
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          throw new OperatorError('UNAVAILABLE', `The export can't be written to ${file}: ${reason}.`, {
            cause: error,
          });
        }
      };
      const handle = await explained(async () => {
        await mkdir(folder, { recursive: true });
        return open(partial, 'wx', 0o600);
      });
      const digest = createHash('sha256');
      let bytes = 0;
      return {
        path: file,
        get bytes() {
          return bytes;
        },
        async write(part) {
          const data = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
          await explained(() => handle.appendFile(data));
          digest.update(data);
          bytes += data.length;
        },
        async finish() {
          await explained(async () => {
            await handle.sync();
            await handle.close();
            await rename(partial, file);
          });
          return digest.digest('hex');
        },
        async discard() {
          await handle.close().catch(() => undefined);
          await rm(partial, { force: true });
        },
      };
    },
  };
}

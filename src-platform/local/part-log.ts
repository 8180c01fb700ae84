import { createWriteStream, existsSync, mkdirSync, renameSync, type WriteStream } from 'node:fs';
import path from 'node:path';

/** The log file of one part. */
export interface PartLog {
  readonly write: (this: void, line: string) => void;
  close(): Promise<void>;
}

const MOST_BYTES = 16 * 1024 * 1024;

/** Opens `<folder>/<name>.log` afresh; the last one stays as `<name>.1.log`. A log that grows too large is turned over too. */
export function openPartLog(folder: string, name: string): PartLog {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, `${name}.log`);
  const older = path.join(folder, `${name}.1.log`);
  let stream = turnOver(file, older);
  let written = 0;
  return {
    write: (line) => {
      written += line.length + 1;
      if (written > MOST_BYTES) {
        stream.end();
        stream = turnOver(file, older);
        written = line.length + 1;
      }
      stream.write(`${line}\n`);
    },
    close: async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      stream.end(() => resolve());
      stream.once('error', () => resolve());
      await promise;
    },
  };
}

function turnOver(file: string, older: string): WriteStream {
  if (existsSync(file)) renameSync(file, older);
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  // A full disk must not end the platform for the sake of its log.
  stream.on('error', () => undefined);
  return stream;
}

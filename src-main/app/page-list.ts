/**
 * What the built page consists of, written beside it by the build: a shell answers for these files and no others, and only while they
 * are what was built.
 */
import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const PAGE_LIST = 'page-files.json';

/** Names with plain segments between slashes: none leads out of the folder. */
const fileName = z.string().regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/);
const pageList = z.record(fileName, z.string().regex(/^[0-9a-f]{64}$/));

/** Name → SHA-256 of the content, in hex. */
export type PageList = z.infer<typeof pageList>;

const digest = (body: Buffer): string => hash('sha256', body, 'hex');

/** For the build: notes these files as they lie in the folder now. */
export function writePageList(folder: string, names: readonly string[]): void {
  const list: PageList = Object.fromEntries(
    [...names].sort().map((name) => [name, digest(readFileSync(path.join(folder, name)))]),
  );
  writeFileSync(path.join(folder, PAGE_LIST), `${JSON.stringify(pageList.parse(list), undefined, 2)}\n`);
}

/** The listed files with their contents. Throws a sentence when the list or a file of it is missing or was changed since the build. */
export function readListedFiles(folder: string): Map<string, Buffer> {
  const list = pageList.parse(JSON.parse(read(folder, PAGE_LIST).toString('utf8')));
  return new Map(
    Object.entries(list).map(([name, built]) => {
      const body = read(folder, name);
      if (digest(body) !== built) throw new DamagedPage(`${name} is not as it was built`);
      return [name, body];
    }),
  );
}

function read(folder: string, name: string): Buffer {
  try {
    return readFileSync(path.join(folder, name));
  } catch (error) {
    throw new DamagedPage(`${name} cannot be read`, { cause: error });
  }
}

class DamagedPage extends Error {
  override readonly name = 'DamagedPage';
  constructor(what: string, options?: ErrorOptions) {
    super(`The window's own files are damaged: ${what}. Install TenantDesk again.`, options);
  }
}

import path from 'node:path';
import { readListedFiles } from './page-list.ts';

export interface StaticFile {
  readonly body: Buffer;
  readonly type: string;
  /** True for names that carry a hash of their content. */
  readonly immutable: boolean;
}

/** Path of a URL → file. What is not in it does not exist: no request ever becomes a path on the disk. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.wasm': 'application/wasm',
};

/**
 * Reads what the build listed (`page-list.ts`) into memory, so that a running console does not change when the folder does. Kinds of
 * file that a page has no use for (source maps) stay out. Throws a sentence for a folder that is not as it was built.
 */
export function loadStaticFiles(folder: string): StaticFiles {
  const files = new Map<string, StaticFile>();
  for (const [name, body] of readListedFiles(folder)) {
    const type = TYPES[path.extname(name)];
    if (type !== undefined) files.set(`/${name}`, { body, type, immutable: /-[\w-]{8,}\.\w+$/.test(name) });
  }
  return files;
}

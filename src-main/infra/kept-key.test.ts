import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createKeptFile } from './kept-file.ts';
import { keptKey } from './kept-key.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-key-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is made once, for this user alone', () => {
  const file = createKeptFile(path.join(folder, 'kept/local-cache.key'));
  const key = keptKey(file, randomBytes);
  expect(key).toHaveLength(32);
  expect(keptKey(file, randomBytes).equals(key)).toBe(true);
  expect(statSync(file.path).mode & 0o777).toBe(0o600);
});

it('is made anew when the file holds none, which is kept aside', () => {
  const name = path.join(folder, 'local-cache.key');
  writeFileSync(name, 'dGhpcyBpcyBzaG9ydA==');
  const key = keptKey(createKeptFile(name), randomBytes);
  expect(key).toHaveLength(32);
  expect(readFileSync(`${name}.damaged`, 'utf8')).toBe('dGhpcyBpcyBzaG9ydA==');
});

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { createFakeLogger } from '../../testing/fake-logger.ts';
import type { CacheKind } from '../cache.ts';
import { loadEncryptedCache } from './encrypted-cache.ts';

const NOTES: CacheKind<{ text: string; amount: bigint; at: Date }> = {
  name: 'notes',
  schema: z.object({ text: z.string(), amount: z.bigint(), at: z.date() }),
};
const AS_OF = new Date('2026-03-01T10:00:00.123Z');
const KEY = Buffer.alloc(32, 7);
const CANARY = 'Zebra Dental of Nagpur';

let folder: string;
let file: string;
beforeEach(() => {
  // In memory where that can be: 500 files wait for a real disk 2,000 times.
  const place = existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  folder = mkdtempSync(path.join(place, 'tenantdesk-cache-'));
  file = path.join(folder, 'kept', 'cache.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const openCache = await loadEncryptedCache();
const open = async (key = KEY, at = file) => openCache({ file: at, key, log: createFakeLogger() });
const note = (index: number) => ({
  text: `${CANARY} ${index} ${'₹'.repeat(index % 50)}`,
  amount: 10n ** 18n + BigInt(index),
  at: new Date(AS_OF.getTime() + index),
});

/** A file of many pages, with pages that were freed again. */
async function fill(at = file): Promise<void> {
  const cache = await open(KEY, at);
  for (let index = 0; index < 50; index += 1) cache.write(NOTES, `note ${index}`, { value: note(index), asOf: AS_OF });
  for (let index = 100; index < 50; index += 1) cache.remove(NOTES, `note ${index}`);
  cache.close();
}

it('gives back what was written, with its instant, in the next console too', async () => {
  const cache = await open();
  cache.write(NOTES, 'one', { value: note(1), asOf: new Date(0) });
  cache.write(NOTES, 'one', { value: note(2), asOf: AS_OF });
  cache.write(NOTES, 'two', { value: note(3), asOf: AS_OF });
  cache.close();
  const again = await open();
  expect(again.read(NOTES, 'one')).toEqual({ value: note(2), asOf: AS_OF });
  expect(again.list(NOTES)).toEqual([
    { id: 'one', asOf: AS_OF },
    { id: 'two', asOf: AS_OF },
  ]);
  again.remove(NOTES, 'one');
  expect(again.read(NOTES, 'one')).toBeNull();
  expect(again.trouble).toBeNull();
  again.close();
});

it('leaves one file of this user alone, without a word of its content or its key', async () => {
  const cache = await open();
  cache.write(NOTES, 'one', { value: note(1), asOf: AS_OF });
  expect(readdirSync(path.dirname(file))).toEqual(['cache.db']);
  cache.close();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
  const bytes = readFileSync(file);
  for (const word of [CANARY, 'notes', 'SQLite format', KEY]) expect(bytes.includes(word)).toBe(false);
});

it('500 damaged files are set aside and made anew, never with a wrong value', async () => {
  const whole = path.join(folder, 'whole.db');
  await fill(whole);
  const size = statSync(whole).size;
  const damage = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('flip' as const),
        at: fc.nat(size - 1),
        mask: fc.integer({ min: 1, max: 255 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('cut' as const), at: fc.integer({ min: 1, max: size - 1 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('foreign key' as const), at: fc.nat(255) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('noise' as const), at: fc.integer({ min: 1, max: size }) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('journal' as const), at: fc.integer({ min: 1, max: 9000 }) }),
    },
  );
  let setAside = 0;
  await fc.assert(
    fc.asyncProperty(damage, async (harm) => {
      rmSync(path.dirname(file), { recursive: true, force: true });
      mkdirSync(path.dirname(file));
      copyFileSync(whole, file);
      const bytes = readFileSync(whole);
      if (harm.kind === 'flip') {
        bytes[harm.at] = bytes[harm.at]! ^ harm.mask;
        writeFileSync(file, bytes);
      }
      if (harm.kind === 'cut') truncateSync(file, harm.at);
      if (harm.kind === 'noise') writeFileSync(file, Buffer.alloc(harm.at, 'not a cache '));
      if (harm.kind === 'journal') writeFileSync(`${file}-journal`, bytes.subarray(0, harm.at));
      const cache = await open(harm.kind === 'foreign key' ? Buffer.alloc(32, harm.at === 7 ? 8 : harm.at) : KEY);
      const kept = Array.from({ length: 40 }, (_, index) => cache.read(NOTES, `note ${index}`));
      if (cache.trouble === null) {
        // What harms nobody: a byte of a page that is free.
        expect(kept).toEqual(kept.map((_, index) => ({ value: note(index), asOf: AS_OF })));
        expect(existsSync(`${file}.damaged`)).toBe(false);
      } else {
        setAside += 1;
        expect(kept.every((found) => found === null)).toBe(true);
        expect(cache.trouble).toContain('was damaged and set aside');
        expect(existsSync(`${file}.damaged`)).toBe(true);
      }
      cache.write(NOTES, 'new', { value: note(500), asOf: AS_OF });
      cache.close();
      const again = await open(harm.kind === 'foreign key' ? Buffer.alloc(32, harm.at === 7 ? 8 : harm.at) : KEY);
      expect(again.read(NOTES, 'new')).toEqual({ value: note(500), asOf: AS_OF });
      expect(again.trouble).toBeNull();
      again.close();
    }),
    { numRuns: 500 },
  );
  expect(setAside).toBeGreaterThan(350);
}, 60_000);

it('damage that comes while it is open is set aside when it is met', async () => {
  await fill();
  const cache = await open();
  // Another console's write makes this one read the file again.
  const other = await open();
  other.write(NOTES, 'note 1', { value: note(2), asOf: AS_OF });
  other.close();
  writeFileSync(file, readFileSync(file).fill(0xab, 4096));
  expect(cache.read(NOTES, 'note 3')).toBeNull();
  expect(cache.trouble).toContain('was damaged and set aside');
  cache.write(NOTES, 'new', { value: note(1), asOf: AS_OF });
  cache.close();
  const again = await open();
  expect(again.list(NOTES).map(({ id }) => id)).toEqual(['new']);
  again.close();
});

it('where nothing can be written it keeps in memory, and says so', async () => {
  writeFileSync(path.join(folder, 'kept'), 'a file where the folder should be');
  const cache = await open();
  cache.write(NOTES, 'one', { value: note(1), asOf: AS_OF });
  expect(cache.read(NOTES, 'one')?.value).toEqual(note(1));
  expect(cache.trouble).toContain("can't be kept in");
  cache.close();
});

it('what the disk no longer takes is kept in memory until it does', async () => {
  const cache = await open();
  cache.write(NOTES, 'one', { value: note(1), asOf: AS_OF });
  const { default: Database } = await import('better-sqlite3-multiple-ciphers');
  const other = new Database(file);
  other.pragma(`cipher = 'sqlcipher'`);
  other.pragma('legacy = 4');
  other.key(Buffer.from(`x'${KEY.toString('hex')}'`));
  other.exec('begin exclusive');
  cache.write(NOTES, 'one', { value: note(2), asOf: AS_OF });
  expect(cache.trouble).toContain('database is locked');
  expect(cache.read(NOTES, 'one')?.value).toEqual(note(2));
  other.exec('rollback');
  other.close();
  cache.write(NOTES, 'one', { value: note(3), asOf: AS_OF });
  expect(cache.trouble).toBeNull();
  cache.close();
  const again = await open();
  expect(again.read(NOTES, 'one')?.value).toEqual(note(3));
  again.close();
});

it('refuses a key of another length', async () => {
  await expect(open(Buffer.alloc(16))).rejects.toThrow('32 bytes');
});

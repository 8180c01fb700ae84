import { expect, it } from 'vitest';
import { z } from 'zod';
import { createFakeCache } from '../../testing/fake-cache.ts';
import type { CacheKind } from '../cache.ts';

const AS_OF = new Date('2026-03-01T10:00:00Z');
const COUNTS: CacheKind<{ count: number }> = { name: 'counts', schema: z.object({ count: z.number() }) };
const ONCE: CacheKind<string> = { name: 'counts', schema: z.string() };

it('a value of another shape is dropped, with a word', () => {
  const cache = createFakeCache();
  cache.write(ONCE, 'old', { value: 'once it was text', asOf: AS_OF });
  cache.write(COUNTS, 'new', { value: { count: 1 }, asOf: AS_OF });
  expect(cache.read(COUNTS, 'old')).toBeNull();
  expect(cache.trouble).toContain('could not be read and was dropped');
  expect(cache.list(COUNTS)).toEqual([{ id: 'new', asOf: AS_OF }]);
});

it('keeps kinds apart, and a copy of what it was given', () => {
  const cache = createFakeCache();
  const value = { count: 1 };
  cache.write(COUNTS, 'one', { value, asOf: AS_OF });
  value.count = 2;
  expect(cache.read(COUNTS, 'one')?.value.count).toBe(1);
  expect(cache.read({ ...COUNTS, name: 'others' }, 'one')).toBeNull();
});

import { expect, test } from 'vitest';
import { pendingMigrations, readMigrations } from './migrate.ts';

const files = ['0001-a', '0002-b', '0003-c'].map((name) => ({ name, sql: '', checksum: `sum of ${name}` }));

test('what is missing comes in order', () => {
  expect(pendingMigrations(files, files.slice(0, 1)).map(({ name }) => name)).toEqual(['0002-b', '0003-c']);
  expect(pendingMigrations(files, files)).toEqual([]);
});

test('a file that slipped in before an applied one is refused', () => {
  expect(() => pendingMigrations(files, [files[0]!, files[2]!])).toThrow(/0002-b comes before one that is applied/);
});

test('no two files have one number', () => {
  const numbers = readMigrations().map(({ name }) => name.slice(0, 4));
  expect(numbers.every((number) => /^\d{4}$/.test(number))).toBe(true);
  expect(new Set(numbers).size).toBe(numbers.length);
});

import { expect, test } from 'vitest';
import { pageKeys } from './page-keys.ts';

test.each([
  ['/board/00000001-0000-4000-8000-000000000000', '+'],
  ['/inbox', 'A'],
  ['/margins', 'Enter'],
  ['/reports', '/'],
])('%s says what %s does', (pathname, key) => {
  expect(pageKeys(pathname).map(([keys]) => keys)).toContain(key);
});

test.each(['/settings', '/audit/verify', '/', '', '/constructor'])('%s has no keys of its own', (pathname) => {
  expect(pageKeys(pathname)).toEqual([]);
});

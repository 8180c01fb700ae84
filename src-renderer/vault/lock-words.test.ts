import { expect, it } from 'vitest';
import { lockWords } from './lock-words.ts';

const since = new Date('2026-11-20T09:05:00Z');
const now = new Date('2026-11-20T10:00:00Z');

it('says since when it is locked, and why', () => {
  expect(lockWords({ since, reason: 'idle' }, now, 'UTC')).toBe('Locked at 09:05 because nobody was at the window.');
  expect(lockWords({ since, reason: 'command' }, now, 'UTC')).toBe('Locked at 09:05 by command.');
  expect(lockWords({ since, reason: 'start' }, now, 'UTC')).toBeNull();
});

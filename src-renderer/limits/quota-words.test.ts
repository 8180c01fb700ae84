import { expect, test } from 'vitest';
import type { Quota } from '../../src-main/contract/limits.ts';
import { parseCount, resetWords, standingWords } from './quota-words.ts';

const quota: Quota = {
  quota: 'requests_per_day',
  limit: 1_250_000n,
  planLimit: 50_000n,
  follows: 'own',
  version: 1,
  used: 12n,
  resetsAt: null,
};

test.each([
  [{}, '12 of 1,250,000'],
  [{ follows: 'plan' }, '12 of 1,250,000, as the plan'],
  [{ limit: null }, '12 used, no limit'],
  [{ used: null }, 'at most 1,250,000'],
] as const)('a quota in words: %j', (change, words) => {
  expect(standingWords({ ...quota, ...change })).toBe(words);
});

test.each([
  ['600', 600n],
  [' 1,250,000 ', 1_250_000n],
  ['20 000', 20_000n],
  ['0', 0n],
])('%s is %s', (text, count) => {
  expect(parseCount(text, 'requests_per_day')).toEqual({ ok: true, count });
});

test.each(['', '-5', '1.5', 'many', '2000000000000'])('%s is no quota', (text) => {
  expect(parseCount(text, 'requests_per_day').ok).toBe(false);
});

test('an answer has one to ten million tokens', () => {
  expect(parseCount('0', 'max_tokens_per_message').ok).toBe(false);
  expect(parseCount('10000001', 'max_tokens_per_message').ok).toBe(false);
});

test('a quota of the minute does not say when it resets', () => {
  const resetsAt = new Date('2026-11-21T18:30:00Z');
  expect(resetWords({ quota: 'tokens_per_day', resetsAt }, 'Asia/Kolkata')).toBe(' · resets 22 Nov 00:00 IST');
  expect(resetWords({ quota: 'tokens_per_minute', resetsAt }, 'Asia/Kolkata')).toBe('');
  expect(resetWords({ quota: 'concurrent_sessions', resetsAt: null }, 'Asia/Kolkata')).toBe('');
});

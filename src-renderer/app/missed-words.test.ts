import { expect, it } from 'vitest';
import { missedWords } from './missed-words.ts';

const missed = (alerts: number | null, requests: number | null, decisions: number | null) =>
  missedWords({ lockedAt: new Date(0), unlockedAt: new Date(1), alerts, requests, decisions });

it('tells what came, each with its place in the inbox, and nothing of what did not', () => {
  expect(missed(1, 2, 3)).toEqual([
    { words: '1 alert', show: 'waiting' },
    { words: '2 requests that wait', show: 'waiting' },
    { words: '3 decisions', show: 'decided' },
  ]);
  expect(missed(0, 1, 0)).toEqual([{ words: '1 request that waits', show: 'waiting' }]);
  expect(missed(0, null, null)).toEqual([]);
});

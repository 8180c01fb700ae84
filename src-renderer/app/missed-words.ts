import type { Missed } from '../../src-main/contract/session.ts';

/** Each kind of which something came, with its place in the inbox; empty: nothing was missed. */
export function missedWords({ alerts, requests, decisions }: Missed): { words: string; show: 'waiting' | 'decided' }[] {
  const kinds = [
    { count: alerts, one: 'alert', many: 'alerts', show: 'waiting' },
    { count: requests, one: 'request that waits', many: 'requests that wait', show: 'waiting' },
    { count: decisions, one: 'decision', many: 'decisions', show: 'decided' },
  ] as const;
  return kinds
    .filter(({ count }) => count !== null && count > 0)
    .map(({ count, one, many, show }) => ({ words: `${count} ${count === 1 ? one : many}`, show }));
}

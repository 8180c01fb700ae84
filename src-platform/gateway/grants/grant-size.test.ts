import { expect, test } from 'vitest';
import { createGrantSize } from './grant-size.ts';

const BOUND = 1_000_000n;
const COST = 250_000n;

/** So many calls of that cost, one every `everyMs`; answers the instant of the last. */
function call(size: ReturnType<typeof createGrantSize>, calls: number, everyMs: number, cost = COST): number {
  for (let n = 1; n <= calls; n += 1) {
    size.taken(BOUND);
    size.settled(cost, n * everyMs);
  }
  return calls * everyMs;
}

test('before a cost is known, a few calls of their bound', () => {
  const size = createGrantSize();
  size.taken(BOUND);
  expect(size.ahead(0)).toBe(4n * BOUND);
});

test('a client that calls every few seconds has dozens of calls ahead, by what they cost', () => {
  const size = createGrantSize();
  const now = call(size, 20, 4_000);
  const ahead = Number(size.ahead(now));
  expect(ahead / Number(COST)).toBeGreaterThan(30);
  expect(ahead / Number(COST)).toBeLessThan(40);
});

test('a busy client has seconds of its rate ahead', () => {
  const size = createGrantSize();
  const now = call(size, 20_000, 2);
  expect(Number(size.ahead(now)) / Number(COST)).toBeGreaterThan(3 * 400);
});

test('calls that cost nothing keep a bound ahead, and dear ones are followed within a few calls', () => {
  const size = createGrantSize();
  let now = call(size, 20, 60_000, 0n);
  expect(size.ahead(now)).toBe(BOUND);
  for (let n = 0; n < 16; n += 1) size.settled(4n * COST, (now += 60_000));
  expect(Number(size.ahead(now)) / Number(4n * COST)).toBeGreaterThan(25);
});

import { expect, test } from 'vitest';
import type { Wanted } from './live-report.ts';
import { createRefusing, type CapRoom, type RefusingWord } from './refusing.ts';

const wanted: Wanted = { capId: 'month', bound: 100, limit: 1_000, periodStart: 0, periodEnd: 1_000_000 };
const room = (remaining: number, over: Partial<CapRoom> = {}) => ({
  roomOf: (): CapRoom => ({ periodStart: 0, limit: 1_000n, remaining: BigInt(remaining), ...over }),
});
const nobody: RefusingWord[] = [];

test('is refused from the first refusal on, whatever smaller calls pass', () => {
  const refusing = createRefusing();
  expect(refusing.since(nobody, room(40).roomOf, 5)).toBe(0);
  refusing.refused(wanted, 10);
  refusing.passed(nobody, 30n, [{ capId: 'month' }], 20);
  refusing.refused({ ...wanted, bound: 90 }, 30);
  expect(refusing.since(nobody, room(40).roomOf, 5_000)).toBe(10);
});

test('ends when a call as large as the last refused one passes that cap', () => {
  const refusing = createRefusing();
  refusing.refused(wanted, 10);
  refusing.passed(nobody, 100n, [{ capId: 'another' }], 20);
  expect(refusing.since(nobody, room(0).roomOf, 20)).toBe(10);
  refusing.passed(nobody, 100n, [{ capId: 'day' }, { capId: 'month' }], 21);
  expect(refusing.since(nobody, room(0).roomOf, 22)).toBe(0);
});

test('ends at once after a raise that is enough, and not after one that is not', () => {
  const refusing = createRefusing();
  refusing.refused(wanted, 10);
  expect(refusing.since(nobody, room(99, { limit: 1_099n }).roomOf, 11)).toBe(10);
  expect(refusing.since(nobody, room(100, { limit: 1_100n }).roomOf, 12)).toBe(0);
});

test('ends when something came back, by figures that had a second to arrive; and stays ended while small calls take it again', () => {
  const refusing = createRefusing();
  refusing.refused(wanted, 10);
  expect(refusing.since(nobody, room(100).roomOf, 900)).toBe(10);
  expect(refusing.since(nobody, room(99).roomOf, 1_500)).toBe(10);
  expect(refusing.since(nobody, room(100).roomOf, 1_600)).toBe(0);
  expect(refusing.since(nobody, room(20).roomOf, 1_700)).toBe(0);
  refusing.refused(wanted, 1_800);
  expect(refusing.since(nobody, room(20).roomOf, 1_801)).toBe(1_800);
});

test('ends with the period: by the clock, or when the cap is seen in a later one', () => {
  const byClock = createRefusing();
  byClock.refused(wanted, 10);
  expect(byClock.since(nobody, room(0).roomOf, 999_999)).toBe(10);
  expect(byClock.since(nobody, () => undefined, 1_000_000)).toBe(0);
  const bySight = createRefusing();
  bySight.refused(wanted, 10);
  expect(bySight.since(nobody, room(0, { periodStart: 500 }).roomOf, 600)).toBe(0);
});

test('holds while nothing is known of the cap', () => {
  const refusing = createRefusing();
  refusing.refused(wanted, 10);
  expect(refusing.since(nobody, () => undefined, 5_000)).toBe(10);
});

test('gateways judge by each other’s words: the first refusal of all, ended by whoever saw one pass', () => {
  const [one, two] = [createRefusing(), createRefusing()];
  one.refused(wanted, 10);
  two.refused({ ...wanted, bound: 200 }, 50);
  expect(two.since([one.word], room(0).roomOf, 60)).toBe(10);
  expect(one.since([two.word], room(150).roomOf, 5_000)).toBe(10);
  two.passed([one.word], 200n, [{ capId: 'month' }], 6_000);
  expect(one.since([two.word], room(0).roomOf, 6_001)).toBe(0);
  one.refused(wanted, 7_000);
  expect(two.since([one.word], room(0).roomOf, 7_001)).toBe(7_000);
  expect(one.since([two.word], room(0).roomOf, 7_001)).toBe(7_000);
});

test('a gateway that started later takes the others’ word', () => {
  const one = createRefusing();
  one.refused(wanted, 10);
  expect(createRefusing().since([one.word], room(0).roomOf, 5_000)).toBe(10);
});

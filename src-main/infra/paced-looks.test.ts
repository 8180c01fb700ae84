import { expect, test } from 'vitest';
import { createFakeClock, settle } from '../testing/fake-clock.ts';
import { createPacedLooks } from './paced-looks.ts';

function setUp() {
  const clock = createFakeClock();
  const begun: PromiseWithResolvers<void>[] = [];
  const looks = createPacedLooks(clock, () => {
    const one = Promise.withResolvers<void>();
    begun.push(one);
    return one.promise;
  });
  return { clock, begun, looks };
}

test('whatever asks while one looks gets one more look', async () => {
  const { begun, looks } = setUp();
  const first = looks.now();
  void looks.now();
  void looks.now();
  expect(begun).toHaveLength(1);
  begun[0]!.resolve();
  await settle();
  expect(begun).toHaveLength(2);
  begun[1]!.resolve();
  await first;
  expect(begun).toHaveLength(2);
});

test('a burst is one look, and none comes after the end', async () => {
  const { clock, begun, looks } = setUp();
  looks.soon();
  looks.soon();
  await clock.advance(50);
  expect(begun).toHaveLength(1);
  begun[0]!.resolve();
  await settle();
  looks.soon();
  looks.close();
  looks.soon();
  expect(clock.timers).toBe(0);
  await looks.now();
  expect(begun).toHaveLength(1);
});

test('what waits longer is given up for what is to come at once', async () => {
  const { clock, begun, looks } = setUp();
  looks.soon(3_000);
  looks.soon();
  await clock.advance(100);
  expect(begun).toHaveLength(0);
  looks.cancel();
  looks.soon();
  await clock.advance(50);
  expect(begun).toHaveLength(1);
  await clock.advance(3_000);
  expect(begun).toHaveLength(1);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDatabaseClock } from './gateway-clock.ts';

const EPOCH = 1_700_000_000_000;
const MINUTE = 60_000;

/** The database is `ahead` of the gateway's steady clock; answers take so long there and back. */
function setUp() {
  const world = { now: 1_000, ahead: EPOCH };
  const clock = createDatabaseClock({ monotonic: () => world.now });
  return {
    world,
    clock,
    lesson: (there = 1, back = there): void => {
      const sentAt = world.now;
      world.now += there;
      const databaseTime = world.now + world.ahead;
      world.now += back;
      clock.learn(databaseTime, sentAt, world.now);
    },
    error: (): number => clock.now() - (world.now + world.ahead),
  };
}

test('is the database’s time within half a round trip, and goes on with the steady clock', () => {
  const step = fc.record({ there: fc.nat(900), back: fc.nat(900), pause: fc.nat(5_000) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
      const { world, clock, lesson, error } = setUp();
      let last = 0;
      for (const { there, back, pause } of steps) {
        lesson(there, back);
        expect(Math.abs(error())).toBeLessThanOrEqual(900 + 1);
        world.now += pause;
        expect(clock.now()).toBeGreaterThanOrEqual(last);
        last = clock.now();
      }
    }),
  );
});

test('a quick answer counts more than a slow one, for a minute', () => {
  const { world, clock, lesson, error } = setUp();
  lesson(1);
  lesson(0, 400);
  expect(clock.uncertaintyMs).toBe(1);
  expect(Math.abs(error())).toBeLessThanOrEqual(1);
  world.now += MINUTE;
  lesson(0, 400);
  expect(clock.uncertaintyMs).toBe(200);
});

test('never goes back for the small differences of two answers', () => {
  const { clock, lesson } = setUp();
  lesson(0, 900);
  const before = clock.now();
  lesson(900, 0);
  expect(clock.now()).toBeGreaterThanOrEqual(before);
});

test.each([
  [-3 * MINUTE, 1],
  [-3 * MINUTE, 400],
  [3 * MINUTE, 1],
  [3 * MINUTE, 400],
  [-6_000, 400],
])('the database’s clock was set by %i ms: followed at the next answer, also a slow one (%i ms)', (by, there) => {
  const { world, clock, lesson, error } = setUp();
  for (let times = 0; times < 5; times += 1) lesson(1);
  clock.now();
  world.ahead += by;
  lesson(there);
  expect(Math.abs(error())).toBeLessThanOrEqual(there);
});

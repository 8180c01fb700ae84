import { expect, it } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createRecovery } from './recovery.ts';

it('shows the page again three times in ten minutes, and anew after a quiet while', async () => {
  const clock = createFakeClock();
  const recovery = createRecovery(clock);
  const tries = (): boolean[] => [1, 2, 3, 4].map(() => recovery.mayShowAgain());
  expect(tries()).toEqual([true, true, true, false]);
  await clock.advance(9 * 60_000);
  expect(recovery.mayShowAgain()).toBe(false);
  await clock.advance(10 * 60_000);
  expect(recovery.mayShowAgain()).toBe(true);
});

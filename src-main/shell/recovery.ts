import type { Clock } from '../infra/clock.ts';

const MOST = 3;
const WITHIN_MS = 10 * 60_000;

/** Whether a page that ended by itself is shown again: three times in ten minutes, then it is no accident. */
export function createRecovery(clock: Pick<Clock, 'now'>): { mayShowAgain(): boolean } {
  let ends: number[] = [];
  return {
    mayShowAgain() {
      const now = clock.now().getTime();
      ends = [...ends.filter((at) => now - at < WITHIN_MS), now];
      return ends.length <= MOST;
    },
  };
}

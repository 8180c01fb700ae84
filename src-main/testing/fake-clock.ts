import type { Clock } from '../infra/clock.ts';

/** A clock that stands still until the test moves it. */
export interface FakeClock extends Clock {
  /** Moves on by `ms`, running what falls due in its order, and lets promises settle between. */
  advance(ms: number): Promise<void>;
  /** The computer sleeps: the clock on the wall goes on, timers stand still. */
  sleep(ms: number): void;
  /** How many timers wait: 0 when everything was closed. */
  readonly timers: number;
}

interface Timer {
  at: number;
  readonly every: number | null;
  readonly work: () => void;
}

export function createFakeClock(start = new Date('2026-11-20T09:00:00Z')): FakeClock {
  let now = start.getTime();
  const timers = new Set<Timer>();
  function add(ms: number, every: number | null, work: () => void): () => void {
    const timer = { at: now + ms, every, work };
    timers.add(timer);
    return () => timers.delete(timer);
  }
  function nextBefore(end: number): Timer | undefined {
    return [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }
  return {
    now: () => new Date(now),
    after: (ms, work) => add(ms, null, work),
    every: (ms, work) => add(ms, ms, work),
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (let timer = nextBefore(end); timer; timer = nextBefore(end)) {
        now = Math.max(now, timer.at);
        if (timer.every === null) timers.delete(timer);
        else timer.at += timer.every;
        timer.work();
        await settle();
      }
      now = end;
    },
    sleep(ms) {
      now += ms;
      for (const timer of timers) timer.at += ms;
    },
    get timers() {
      return timers.size;
    },
  };
}

/** Lets everything that needs no timer run. */
export async function settle(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setImmediate(resolve);
  await promise;
}

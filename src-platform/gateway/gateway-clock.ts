/** Time of this machine, handed in so that tests can turn it. */
export interface LocalClock {
  /** Milliseconds that only grow, with fractions. */
  monotonic(): number;
}

/** The database's time, kept from its own answers and this machine's steady clock: the machine's calendar decides nothing. */
export interface DatabaseClock {
  /** Milliseconds since the epoch. Whole numbers that never go back, unless the database's clock was set back: then they follow it. */
  now(): number;
  /** `sentAt`, `receivedAt`: monotonic milliseconds around the round trip that answered `databaseTime`. */
  learn(databaseTime: number, sentAt: number, receivedAt: number): void;
  /** Uncertainty of the last lesson: half its round trip, milliseconds. */
  readonly uncertaintyMs: number;
}

const STALE_LESSON_MS = 60_000;
/** More than two answers can differ by: the database's clock was set, or another server took its place. Grants are refused at 5 s. */
const STEP_MS = 1_000;

export function createDatabaseClock(clock: LocalClock): DatabaseClock {
  let offset = 0;
  let uncertainty = Number.POSITIVE_INFINITY;
  let learntAt = Number.NEGATIVE_INFINITY;
  let last = 0;
  return {
    now: () => {
      const now = Math.floor(clock.monotonic() + offset);
      if (now > last) last = now;
      return last;
    },
    learn: (databaseTime, sentAt, receivedAt) => {
      const half = (receivedAt - sentAt) / 2;
      const learnt = databaseTime - (sentAt + half);
      const stepped = Math.abs(learnt - offset) > half + uncertainty + STEP_MS;
      // A quick answer knows better than a slow one, but not for ever: clocks drift.
      if (!stepped && half > uncertainty * 2 && receivedAt - learntAt < STALE_LESSON_MS) return;
      offset = learnt;
      uncertainty = half;
      learntAt = receivedAt;
      if (stepped) last = 0;
    },
    get uncertaintyMs() {
      return uncertainty;
    },
  };
}

/** Time as the console's rules see it; tests hand in one that they move themselves. */
export interface Clock {
  now(): Date;
  /** Runs `work` once after `ms` milliseconds; the answer cancels it. */
  after(ms: number, work: () => void): () => void;
  /** Runs `work` every `ms` milliseconds; the answer ends it. */
  every(ms: number, work: () => void): () => void;
}

/** The clock of this machine. It times waits and ages; what period it is, the platform decides. */
export const systemClock: Clock = {
  now: () => new Date(),
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
  every(ms, work) {
    const timer = setInterval(work, ms);
    return () => clearInterval(timer);
  },
};

/** How much to have ahead of the next calls: enough for seconds of the recent rate. Sizes grants, never decides over money. */
export interface GrantSize {
  /** A call of this bound came (nano-USD). */
  taken(bound: bigint): void;
  /** A call cost so much (nano-USD); `at`: monotonic milliseconds. */
  settled(cost: bigint, at: number): void;
  /** Nano-USD. */
  ahead(at: number): bigint;
}

const MEMORY_SECONDS = 5;
const SECONDS_AHEAD = 3;
const CALLS_AHEAD = 4n;

/** A decaying mean of the cost a second, and a few calls like the last one. */
export function createGrantSize(): GrantSize {
  let perSecond = 0;
  let last = 0;
  let lastBound = 0n;
  const decay = (at: number): void => {
    perSecond *= Math.exp(-Math.max(0, at - last) / 1000 / MEMORY_SECONDS);
    last = at;
  };
  return {
    taken: (bound) => {
      lastBound = bound;
    },
    settled: (cost, at) => {
      decay(at);
      perSecond += Number(cost) / MEMORY_SECONDS;
    },
    ahead: (at) => {
      decay(at);
      return BigInt(Math.ceil(perSecond * SECONDS_AHEAD)) + CALLS_AHEAD * lastBound;
    },
  };
}

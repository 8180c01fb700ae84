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
/** Of one whose costs aren't known yet. */
const BOUNDS_AHEAD = 4n;
/** Else a client that calls every few seconds would cost PostgreSQL a transaction for every few calls. */
const CALLS_AHEAD = 30;
const MEMORY_CALLS = 8;

/** Decaying means of the cost a second and of the cost a call. */
export function createGrantSize(): GrantSize {
  let perSecond = 0;
  let perCall: number | undefined;
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
      perCall = perCall === undefined ? Number(cost) : perCall + (Number(cost) - perCall) / MEMORY_CALLS;
    },
    ahead: (at) => {
      decay(at);
      const calls =
        perCall === undefined ? BOUNDS_AHEAD * lastBound : lastBound + BigInt(Math.ceil(perCall * CALLS_AHEAD));
      return BigInt(Math.ceil(perSecond * SECONDS_AHEAD)) + calls;
    },
  };
}

/** Recent spending per second, as a decaying mean: enough to size a grant, never used for money itself. */
export interface SpendRate {
  /** `at`: monotonic milliseconds. */
  add(amount: number, at: number): void;
  perSecond(at: number): number;
}

const MEMORY_SECONDS = 5;

export function createSpendRate(): SpendRate {
  let perSecond = 0;
  let last = 0;
  const decay = (at: number): void => {
    perSecond *= Math.exp(-Math.max(0, at - last) / 1000 / MEMORY_SECONDS);
    last = at;
  };
  return {
    add: (amount, at) => {
      decay(at);
      perSecond += amount / MEMORY_SECONDS;
    },
    perSecond: (at) => {
      decay(at);
      return perSecond;
    },
  };
}

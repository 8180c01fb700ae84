/** A histogram in plain numbers: counting one more makes nothing anew. */
export interface Buckets {
  /** Upper ends, rising; the last bucket has none. */
  readonly bounds: readonly number[];
  /** Of each bucket by itself, one more than `bounds`. */
  readonly counts: readonly number[];
  readonly sum: number;
  add(value: number): void;
}

export function createBuckets(bounds: readonly number[]): Buckets {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  let sum = 0;
  return {
    bounds,
    counts,
    get sum() {
      return sum;
    },
    add: (value) => {
      let index = 0;
      while (index < bounds.length && value > (bounds[index] ?? 0)) index += 1;
      counts[index] = (counts[index] ?? 0) + 1;
      sum += value;
    },
  };
}

/** Waits between attempts: doubling from `firstMs` to `mostMs`, each shortened at random by up to a half so that a thousand consoles do not come back at once. */
export interface Backoff {
  /** Milliseconds to wait before the next attempt. */
  next(): number;
  /** It worked: start small again. */
  reset(): void;
}

export function createBackoff(options: {
  readonly firstMs: number;
  readonly mostMs: number;
  readonly random: () => number;
}): Backoff {
  let attempt = 0;
  return {
    next() {
      const full = Math.min(options.firstMs * 2 ** Math.min(attempt, 20), options.mostMs);
      attempt += 1;
      return Math.round(full * (1 - options.random() / 2));
    },
    reset() {
      attempt = 0;
    },
  };
}

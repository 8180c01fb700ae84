import type { Clock } from './clock.ts';

/** A burst of changes is one look. */
const GATHER_MS = 50;

/** Looks at something, one look at a time: whatever asks for one meanwhile gets one more after it. */
export interface PacedLooks {
  now(): Promise<void>;
  /** In a moment, unless one is to come already. */
  soon(inMs?: number): void;
  /** Not the one that is to come. */
  cancel(): void;
  close(): void;
}

/** `look` throws nothing. */
export function createPacedLooks(clock: Clock, look: () => Promise<void>): PacedLooks {
  let looking = false;
  let again = false;
  let closed = false;
  let cancelSoon: (() => void) | undefined;

  function cancel(): void {
    cancelSoon?.();
    cancelSoon = undefined;
  }

  async function now(): Promise<void> {
    cancel();
    again = looking;
    if (looking || closed) return;
    looking = true;
    try {
      await look();
    } finally {
      looking = false;
    }
    if (again) await now();
  }

  return {
    now,
    soon(inMs = GATHER_MS) {
      if (!closed) cancelSoon ??= clock.after(inMs, () => void now());
    },
    cancel,
    close() {
      closed = true;
      cancel();
    },
  };
}

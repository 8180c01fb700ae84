import { vi } from 'vitest';

/** Waits for an effect, not for a time: looks again until `look` passes, and fails with its last error after 20 s. */
export const eventually = <T>(look: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(look, { timeout: 20_000, interval: 20 });

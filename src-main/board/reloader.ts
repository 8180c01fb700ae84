import type { Clock } from '../infra/clock.ts';

/** Collects wishes to read again: a burst of notifications becomes one read, and only one read runs at a time. */
export interface Reloader {
  all(): void;
  some(tenantId: string): void;
  close(): void;
}

/** Milliseconds in which further wishes join the first. */
const DEBOUNCE_MS = 20;
/** So many tenants at once are as quickly read with all others. */
const MANY = 200;

export function createReloader(options: {
  readonly clock: Clock;
  /** Undefined: all tenants. */
  readonly load: (tenantIds: readonly string[] | undefined) => Promise<void>;
  readonly failed: (error: unknown) => void;
}): Reloader {
  const wanted = new Set<string>();
  let wantAll = false;
  let running = false;
  let closed = false;
  let cancel: (() => void) | undefined;

  async function run(): Promise<void> {
    cancel = undefined;
    if (running || closed || (!wantAll && wanted.size === 0)) return;
    const tenantIds = wantAll || wanted.size > MANY ? undefined : [...wanted];
    wantAll = false;
    wanted.clear();
    running = true;
    try {
      await options.load(tenantIds);
    } catch (error) {
      if (!closed) options.failed(error);
    } finally {
      running = false;
    }
    if (wantAll || wanted.size > 0) soon();
  }

  function soon(): void {
    if (running || closed) return;
    cancel ??= options.clock.after(DEBOUNCE_MS, () => void run());
  }

  return {
    all() {
      wantAll = true;
      soon();
    },
    some(tenantId) {
      wanted.add(tenantId);
      soon();
    },
    close() {
      closed = true;
      cancel?.();
    },
  };
}

import type { DrainSettings } from '../gateway-settings.ts';

/*
 * How a gateway stops without a call lost:
 *
 *   notice   /readyz answers 503; calls are still taken, so that a balancer has time to look elsewhere. Skipped when nobody looked at
 *            /readyz within the last minute: then there is no balancer to wait for
 *   closing  no new connections, new calls on kept ones are told to go elsewhere; open calls end, for so long at most
 *   leaving  the ledger gets what is settled, the grants' rest goes back, the files are closed
 */
export interface Drain {
  readonly draining: boolean;
  /** Somebody looked at /readyz. */
  asked(): void;
  /** From now on draining; resolves when the balancer had its notice. */
  notice(): Promise<void>;
  readonly patienceMs: number;
}

const ASKED_LATELY_MS = 60_000;
/** For gateways in a process of somebody else's, such as a test's. */
const DEFAULTS: DrainSettings = { noticeMs: 0, patienceMs: 6_000 };

export function createDrain(
  settings: DrainSettings = DEFAULTS,
  monotonic: () => number,
  pause: (ms: number) => Promise<unknown>,
): Drain {
  let draining = false;
  let askedAt: number | undefined;
  return {
    get draining() {
      return draining;
    },
    asked: () => {
      askedAt = monotonic();
    },
    notice: async () => {
      draining = true;
      const watched = askedAt !== undefined && monotonic() - askedAt < ASKED_LATELY_MS;
      if (watched && settings.noticeMs > 0) await pause(settings.noticeMs);
    },
    patienceMs: settings.patienceMs,
  };
}

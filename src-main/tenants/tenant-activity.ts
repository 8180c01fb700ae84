/**
 * The last calls and refusals of one tenant, live while somebody watches.
 *
 * The rows come from the ledger, by the operator's own login. When to read them again the gateways tell: a change of the tenant's
 * counters is followed by a read, at most two a second, and by one more a moment later, because a row reaches the
 * ledger after its counter moved. Without a gateway the ledger is read every few seconds.
 */
import type { TenantActivity } from '../contract/tenants.ts';
import type { Clock } from '../infra/clock.ts';
import type { LiveFrame, LiveTenant } from '../infra/gateway-client/live-frame.ts';
import type { Logger } from '../infra/logger.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { streamState } from '../infra/state-stream.ts';

export interface ActivitySources {
  /** Undefined: there is no such tenant, or no longer for this operator. */
  readonly load: (tenantId: string) => Promise<Omit<TenantActivity, 'trouble'> | undefined>;
  /** Keeps what was read for the time without a platform. */
  readonly keep: (activity: TenantActivity) => void;
  /** What was kept of this tenant; undefined: nothing, or it may not be shown. */
  readonly kept: () => TenantActivity | undefined;
  readonly gateway: { onFrame(hear: (frame: LiveFrame) => void): () => void };
  readonly clock: Clock;
  readonly log: Logger;
}

const BETWEEN_READS_MS = 500;
const LEDGER_FOLLOWS_MS = 1_000;
const LOOK_MS = 5_000;
const DATABASE_AWAY = 'The database does not answer; asking again until it does.';
const UNREADABLE = 'Calls and refusals could not be read. It was written to the log; trying again.';

export function watchActivity(
  { load, keep, kept, gateway, clock, log }: ActivitySources,
  tenantId: string,
  signal?: AbortSignal,
): AsyncGenerator<TenantActivity, void, unknown> {
  let known: TenantActivity = { calls: [], refusals: [], asOf: null, trouble: null };
  let fresh = false;
  let gone = false;
  let counters = '';
  let wake = (): void => undefined;
  let reading = false;
  let wanted = false;
  let lastRead = Number.NEGATIVE_INFINITY;
  let cancelRead: (() => void) | undefined;
  let cancelFollow: (() => void) | undefined;

  function soon(): void {
    wanted = true;
    if (reading || cancelRead !== undefined || gone) return;
    const wait = Math.max(0, lastRead + BETWEEN_READS_MS - clock.now().getTime());
    cancelRead = clock.after(wait, () => void read());
  }

  async function read(): Promise<void> {
    cancelRead = undefined;
    wanted = false;
    reading = true;
    lastRead = clock.now().getTime();
    try {
      const found = await load(tenantId);
      if (found === undefined) gone = true;
      else keep((known = { ...found, trouble: null }));
    } catch (error) {
      if (!(error instanceof OperatorError)) log.error('The calls of a tenant could not be read.', error);
      known = { ...(known.asOf === null ? (kept() ?? known) : known), trouble: troubleOf(error) };
    }
    reading = false;
    fresh = true;
    wake();
    if (wanted) soon();
  }

  function hear(frame: LiveFrame): void {
    const tenant = frame.tenants.find(({ id }) => id === tenantId);
    if (tenant === undefined) return;
    const now = countersOf(tenant);
    if (now === counters) return;
    counters = now;
    soon();
    cancelFollow?.();
    cancelFollow = clock.after(LEDGER_FOLLOWS_MS, soon);
  }

  return streamState<TenantActivity>(
    {
      start(wakeReader) {
        wake = wakeReader;
        const stops = [gateway.onFrame(hear), clock.every(LOOK_MS, soon)];
        soon();
        return () => {
          gone = true;
          cancelRead?.();
          cancelFollow?.();
          for (const stop of stops) stop();
        };
      },
      take() {
        if (!fresh || gone) return undefined;
        fresh = false;
        return known;
      },
      ended: () => gone,
    },
    signal,
  );
}

function troubleOf(error: unknown): string {
  if (!(error instanceof OperatorError)) return UNREADABLE;
  return error.code === 'UNAVAILABLE' ? DATABASE_AWAY : error.message;
}

function countersOf({ caps, callsLastMinute, failedLastMinute, refusedLastHour, refusingSince }: LiveTenant): string {
  const money = caps.map(({ committed, held }) => `${committed}/${held}`);
  return [callsLastMinute, failedLastMinute, refusedLastHour, refusingSince?.getTime(), ...money].join(' ');
}

import type { DatabasePools } from './database-pools.ts';
import type { DatabaseClock } from './gateway-clock.ts';
import type { WalletBook } from './grants/wallet-book.ts';
import type { LiveExchange } from './live/live-exchange.ts';
import type { LiveFeed } from './live/live-feed.ts';
import type { LiveState } from './live/live-state.ts';
import type { PolicyKeeper } from './policy/policy-keeper.ts';

/** What the gateway does by the clock: live frames four times a second, a look at the database each second. */
export interface Rounds {
  readonly databaseHealthy: boolean;
  stop(): void;
}

export interface RoundsPorts {
  readonly pools: DatabasePools;
  readonly gatewayId: string;
  readonly clock: DatabaseClock;
  readonly monotonic: () => number;
  readonly live: LiveState;
  readonly feed: LiveFeed;
  readonly exchange: LiveExchange;
  readonly wallets: WalletBook;
  readonly keeper: PolicyKeeper;
  readonly refreshCaps: () => Promise<void>;
  readonly onTrouble: (error: unknown) => void;
}

const LIVE_EVERY_MS = 250;
const LOOK_EVERY_MS = 1_000;
/** A database that takes longer is away, as far as the gauges go. */
const HEARTBEAT_MS = 2_500;
const REFRESH_CAPS_EVERY_MS = 10_000;
/** What any gateway does for the shared database: cheap, and harmless when several do it. */
const CHORES: readonly { readonly everyMs: number; readonly statement: string }[] = [
  { everyMs: 10_000, statement: 'select platform.roll_board(200)' },
  { everyMs: 60_000, statement: 'select platform.forecast_cap_alerts(500)' },
  { everyMs: 10 * 60 * 1_000, statement: 'select platform.clean_quarter_hours(5000)' },
  {
    everyMs: 6 * 60 * 60 * 1_000,
    statement: "select platform.ensure_partitions((now() + interval '2 months')::date)",
  },
];

export function startRounds(ports: RoundsPorts): Rounds {
  let healthy = true;
  let looking = false;
  let capsAt = ports.monotonic();
  const choreAt = CHORES.map(() => Number.NEGATIVE_INFINITY);

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      const sentAt = ports.monotonic();
      const heartbeat = {
        text: 'select platform.gateway_heartbeat($1) as at',
        values: [ports.gatewayId],
        query_timeout: HEARTBEAT_MS,
      };
      const { rows } = await ports.pools.policy.query<{ at: Date }>(heartbeat);
      const at = rows[0]?.at.getTime();
      if (at !== undefined) ports.clock.learn(at, sentAt, ports.monotonic());
      await ports.keeper.look();
      if (ports.monotonic() - capsAt >= REFRESH_CAPS_EVERY_MS) {
        capsAt = ports.monotonic();
        await ports.refreshCaps();
      }
      for (const [index, { everyMs, statement }] of CHORES.entries()) {
        if (ports.monotonic() - (choreAt[index] ?? 0) < everyMs) continue;
        choreAt[index] = ports.monotonic();
        await ports.pools.policy.query(statement);
      }
      healthy = true;
    } catch (error) {
      if (healthy) ports.onTrouble(error);
      healthy = false;
    } finally {
      looking = false;
    }
  }

  const liveTimer = setInterval(() => {
    const changed = ports.live.takeChanged();
    ports.exchange.publish(changed);
    ports.feed.tick(new Set([...changed, ...ports.live.takeDecayed()]));
  }, LIVE_EVERY_MS);
  const lookTimer = setInterval(() => {
    ports.wallets.sweep();
    void look();
  }, LOOK_EVERY_MS);
  return {
    get databaseHealthy() {
      return healthy;
    },
    stop: () => {
      clearInterval(liveTimer);
      clearInterval(lookTimer);
    },
  };
}

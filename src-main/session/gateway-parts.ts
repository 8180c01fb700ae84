import type { GatewayState, LinkState, ProviderAway, SessionState } from '../contract/session.ts';
import type { Clock } from '../infra/clock.ts';
import type { LiveFrame } from '../infra/gateway-client/live-frame.ts';
import { createStateFeed, type StateFeed } from '../infra/state-feed.ts';

/** What the live gateway tells of its own stores and of the other gateways. */
export type GatewayParts = Pick<SessionState, 'gatewayDatabase' | 'redis' | 'gateways' | 'providersAway'>;

export interface GatewayPartsSources {
  readonly link: StateFeed<LinkState>;
  onFrame(hear: (frame: LiveFrame) => void): () => void;
  readonly clock: Clock;
}

/** A gateway says something each second. */
const SILENT_AFTER_MS = 5_000;
const NOBODY_TELLS: GatewayParts = { gatewayDatabase: null, redis: null, gateways: [], providersAway: [] };
const DATABASE_AWAY =
  'The gateway has lost its database: calls go on from what it holds, for ten minutes at most, then they are refused as not verifiable.';
const REDIS_AWAY =
  'The gateway has lost Redis: it knows the open calls of other gateways no longer. Caps hold all the same.';

/** Changes only when a word changes, not with every age. */
export function createGatewayParts({ link, clock, ...gateway }: GatewayPartsSources): StateFeed<GatewayParts> & {
  close(): void;
} {
  const feed = createStateFeed<GatewayParts>(NOBODY_TELLS);

  function moved(before: LinkState | null, live: boolean, reason: string): LinkState {
    const state = live ? 'live' : 'away';
    if (before?.state === state) return before;
    return { state, since: clock.now(), reason: live ? null : reason };
  }

  function hear(frame: LiveFrame): void {
    const before = feed.get();
    const next: GatewayParts = {
      gatewayDatabase: moved(before.gatewayDatabase, frame.stores.postgres, DATABASE_AWAY),
      redis: moved(before.redis, frame.stores.redis, REDIS_AWAY),
      gateways: frame.gateways.map((gateway) => gatewayState(gateway, frame.at, before.gateways)),
      providersAway: frame.providersAway.map((provider) => providerAway(provider, frame.at, before.providersAway)),
    };
    const same =
      next.gatewayDatabase === before.gatewayDatabase &&
      next.redis === before.redis &&
      sameItems(next.gateways, before.gateways) &&
      sameItems(next.providersAway, before.providersAway);
    if (!same) feed.set(next);
  }

  const stops = [
    gateway.onFrame(hear),
    link.subscribe(({ state }) => {
      if (state === 'away') feed.set(NOBODY_TELLS);
    }),
  ];
  return {
    get: () => feed.get(),
    subscribe: (tell) => feed.subscribe(tell),
    watch: (signal) => feed.watch(signal),
    close() {
      for (const stop of stops) stop();
      feed.close();
    },
  };
}

function sameItems(a: readonly object[], b: readonly object[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** The very object of before as long as it is away. */
function providerAway(
  { id, awayMs }: LiveFrame['providersAway'][number],
  at: Date,
  before: readonly ProviderAway[],
): ProviderAway {
  return before.find((provider) => provider.id === id) ?? { id, since: new Date(at.getTime() - awayMs) };
}

/** The very object of before when nothing worth telling changed. */
function gatewayState(
  { id, name, silentMs }: LiveFrame['gateways'][number],
  at: Date,
  before: readonly GatewayState[],
): GatewayState {
  const known = before.find((gateway) => gateway.id === id && gateway.name === name);
  const silent = silentMs > SILENT_AFTER_MS;
  if (known !== undefined && (known.silentSince !== null) === silent) return known;
  return { id, name, silentSince: silent ? new Date(at.getTime() - silentMs) : null };
}

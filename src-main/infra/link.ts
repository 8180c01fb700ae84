import type { LinkState } from '../contract/session.ts';
import type { Clock } from './clock.ts';
import { createStateFeed, type StateFeed } from './state-feed.ts';

/** How the console stands to a part of the platform, for the adapter that keeps the connection. */
export interface Link {
  readonly feed: StateFeed<LinkState>;
  live(): void;
  /** `reason`: a sentence saying what is wrong and what happens next. */
  away(reason: string): void;
  close(): void;
}

/** Starts as "connecting". `since` moves only when the state does; a new reason alone keeps it. */
export function createLink(clock: Clock): Link {
  const feed = createStateFeed<LinkState>({ state: 'connecting', since: clock.now(), reason: null });
  function move(state: LinkState['state'], reason: string | null): void {
    const before = feed.get();
    if (before.state === state && before.reason === reason) return;
    feed.set({ state, since: before.state === state ? before.since : clock.now(), reason });
  }
  return {
    feed,
    live: () => move('live', null),
    away: (reason) => move('away', reason),
    close: () => feed.close(),
  };
}

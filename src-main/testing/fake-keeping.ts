import type { LinkState } from '../contract/session.ts';
import type { Keeping, KeptAccess } from '../infra/keeping.ts';
import { createGuardedCache } from '../infra/cache/guarded-cache.ts';
import { createRefreshGate } from '../infra/refresh-gate.ts';
import { createStateFeed, type StateFeed } from '../infra/state-feed.ts';
import { createFakeCache } from './fake-cache.ts';

export interface FakeKeeping extends Keeping {
  /** Whether what was kept may be shown; at first the database answers. */
  become(state: ReturnType<KeptAccess['get']>['state']): void;
}

/** What a console keeps, in memory; `database`: how the database is, live when absent. */
export function createFakeKeeping(database?: StateFeed<LinkState>, cache = createFakeCache()): FakeKeeping {
  const access = createStateFeed<ReturnType<KeptAccess['get']>>({ state: 'live' });
  const live = createStateFeed<LinkState>({ state: 'live', since: new Date(0), reason: null });
  return {
    cache: createGuardedCache(cache, () => ['live', 'kept'].includes(access.get().state)),
    access,
    gate: createRefreshGate(database ?? live),
    become: (state) => access.set({ state }),
  };
}

import { beforeEach, describe, expect, it } from 'vitest';
import type { LinkState } from '../contract/session.ts';
import type { Cache } from '../infra/cache.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { createStateFeed } from '../infra/state-feed.ts';
import { createFakeCache } from '../testing/fake-cache.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createOfflineGuard } from './offline-access.ts';

const DAY_MS = 86_400_000;
const START = new Date('2026-11-20T09:00:00Z');
const asha = {
  login: 'asha',
  name: 'Asha Rao',
  role: 'operator' as const,
  raiseLimitNanoUsd: 5n,
  raised24hNanoUsd: 0n,
};

let cache: Cache;
beforeEach(() => {
  cache = createFakeCache();
});

/** A console that is started at that moment by this machine's clock. */
function start(at: Date = START) {
  const clock = createFakeClock(at);
  const database = createStateFeed<LinkState>({ state: 'connecting', since: at, reason: null });
  const guard = createOfflineGuard({ cache, login: 'asha', database, clock });
  const is = (state: LinkState['state']): void => database.set({ state, since: clock.now(), reason: null });
  return { clock, guard, is, access: () => guard.feed.get() };
}

/** An earlier console, signed in then by the platform's clock. */
function signedIn(at = START, here = at): void {
  const { guard } = start(here);
  guard.signedIn(asha, at);
  guard.close();
}

const later = (days: number, from = START): Date => new Date(from.getTime() + days * DAY_MS);

describe('what was kept, with the platform gone from the start', () => {
  it('opens within seven days of the last sign-in, as who it was', () => {
    signedIn();
    const { guard, access, is } = start(later(6.9));
    expect([access().state, guard.isOpen()]).toEqual(['waiting', false]);
    is('away');
    expect(access()).toEqual({ state: 'kept', operator: asha, asOf: START });
    expect(guard.isOpen()).toBe(true);
  });

  it('stays locked after them, and says what to do', () => {
    signedIn();
    const { guard, access, is } = start(later(7.1));
    is('away');
    expect(access()).toMatchObject({
      state: 'locked',
      refusal: { message: expect.stringMatching(/"asha" was 7 days ago.*Connect/) },
    });
    expect(guard.isOpen()).toBe(false);
  });

  it('stays locked where nobody signed in', () => {
    const { access, is } = start();
    is('away');
    expect(access()).toMatchObject({ state: 'locked', refusal: { message: expect.stringContaining('first sign-in') } });
  });

  it('is not opened by setting the clock back', async () => {
    signedIn();
    const late = start(later(6));
    late.is('away');
    await late.clock.advance(0.9 * DAY_MS);
    late.guard.close();
    // Each of these starts on the day of the sign-in again, by this machine's clock.
    for (const hours of [1, 1, 2]) {
      const back = start();
      back.is('away');
      await back.clock.advance(hours * 3_600_000);
      back.guard.close();
    }
    const end = start();
    end.is('away');
    expect(end.access().state).toBe('locked');
  });

  it('counts by the platform’s clock where this machine’s is wrong', () => {
    signedIn(START, later(-400));
    const young = start(later(-394));
    young.is('away');
    expect(young.access().state).toBe('kept');
    const old = start(later(-392));
    old.is('away');
    expect(old.access().state).toBe('locked');
  });
});

describe('in one run', () => {
  it('an operator stays who they are while the platform is away, for seven days', async () => {
    const { clock, guard, access, is } = start();
    guard.signedIn(asha, clock.now());
    is('live');
    is('away');
    expect(access()).toEqual({ state: 'kept', operator: asha, asOf: START });
    await clock.advance(7 * DAY_MS);
    expect(access().state).toBe('kept');
    await clock.advance(120_000);
    expect(access().state).toBe('locked');
    is('live');
    guard.signedIn(asha, clock.now());
    expect(access()).toMatchObject({ state: 'live', asOf: clock.now() });
  });

  it('a login that the database refuses opens nothing, in this run or the next', () => {
    signedIn();
    const first = start(later(1));
    const refusal = new OperatorError('UNAUTHORIZED', 'The database does not accept this login.');
    first.guard.refused(refusal);
    first.is('away');
    expect(first.access()).toEqual({ state: 'locked', refusal });
    const next = start(later(1));
    next.is('away');
    expect(next.access().state).toBe('locked');
  });
});

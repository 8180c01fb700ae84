import { describe, expect, it } from 'vitest';
import type { SessionState } from '../../src-main/contract/session.ts';
import { fakeSession } from '../../src-main/testing/fake-session.ts';
import { consoleState } from './console-state.ts';

const now = new Date(2026, 10, 20, 14, 30);
const since = new Date(2026, 10, 20, 14, 2);
const away = { state: 'away', since, reason: 'Nothing answers at 127.0.0.1:4100' } as const;

const session = (parts: Partial<SessionState> = {}): SessionState => fakeSession(since, parts);

describe('how the console stands, in words', () => {
  const open = { state: 'open', since } as const;

  it('is live when everything is', () => {
    expect(consoleState(open, session(), 1, now)).toMatchObject({ text: 'live', stale: null, changesOff: null });
  });

  it('names a provider that does not answer, while figures are true and caps can be changed', () => {
    const state = consoleState(open, session({ providersAway: [{ id: 'openai', since }] }), 1, now);
    expect(state).toMatchObject({ text: 'openai away since 14:02', stale: null, changesOff: null });
    expect(state.notice).toContain('The provider openai does not answer the gateway since 14:02');
    const worse = consoleState(open, session({ gateway: away, providersAway: [{ id: 'openai', since }] }), 1, now);
    expect(worse.text).toBe('gateway away since 14:02');
  });

  it('catches up until the first figures are there', () => {
    expect(consoleState({ state: 'connecting', since }, null, null, now).text).toBe('catching up');
    expect(consoleState(open, session(), null, now).text).toBe('catching up');
  });

  it('says since when a part is away, why, and what follows', () => {
    const gateway = consoleState(open, session({ gateway: away }), 1, now);
    expect(gateway.text).toBe('gateway away since 14:02');
    expect(gateway.stale).toMatch(/Nothing answers at 127\.0\.0\.1:4100\. Held, calls .* unknown/);
    expect(gateway.changesOff).toBeNull();

    const database = consoleState(open, session({ database: away }), 1, now);
    expect(database.text).toBe('database away since 14:02');
    expect(database.changesOff).toMatch(/nothing can be changed/);

    const both = consoleState(open, session({ database: away, gateway: away }), 1, now);
    expect(both.text).toBe('gateway and database away since 14:02');
    expect(both.stale).toMatch(/No gateway answers either/);
  });

  it('says what the gateway has lost: changes can still be made', () => {
    const redis = consoleState(open, session({ redis: away }), 1, now);
    expect(redis).toMatchObject({ text: 'redis away since 14:02', changesOff: null });
    expect(redis.stale).toMatch(/figures are whole/);
    const two = [1, 2].map((n) => ({ id: `${n}`, name: `${n}`, silentSince: null }));
    expect(consoleState(open, session({ redis: away, gateways: two }), 1, now).stale).toMatch(/spend is the ledger’s/);
    const database = consoleState(open, session({ gatewayDatabase: away, redis: away }), 1, now);
    expect(database).toMatchObject({ text: 'gateway without database since 14:02', changesOff: null });
    // Whoever is away itself has nothing to say of its parts.
    expect(consoleState(open, session({ gateway: away, redis: away }), 1, now).text).toBe('gateway away since 14:02');
  });

  it('refuses changes while the window has no line, whatever was known before', () => {
    const lost = consoleState({ state: 'lost', since }, session(), 1, now);
    expect(lost.text).toBe('offline since 14:02');
    expect(lost.changesOff).not.toBeNull();
    expect(lost.stale).not.toBeNull();
  });

  it('catches up after a return until everything was read since, and no button works before', () => {
    const back = { returns: 2, refreshed: false };
    expect(consoleState(open, session(back), 2, now)).toMatchObject({ text: 'catching up', stale: null });
    expect(consoleState(open, session(back), 2, now).changesOff).toMatch(/being read again/);
    // Main has read it, but the frame that shows it has not come.
    expect(consoleState(open, session({ ...back, refreshed: true }), 1, now).changesOff).toMatch(/being read again/);
    expect(consoleState(open, session({ ...back, refreshed: true }), 2, now)).toMatchObject({
      text: 'live',
      changesOff: null,
    });
    const halfBack = consoleState(open, session({ ...back, gateway: away }), 1, now);
    expect(halfBack).toMatchObject({ text: 'gateway away since 14:02' });
    expect(halfBack.changesOff).toMatch(/being read again/);
  });

  it('is locked with the sentence that main gives', () => {
    const state = consoleState(open, session({ database: away, locked: 'Nine days ago.' }), null, now);
    expect(state).toMatchObject({ text: 'locked', stale: 'Nine days ago.', changesOff: 'Nine days ago.' });
  });
});

import { describe, expect, it } from 'vitest';
import type { SessionState } from '../../src-main/contract/session.ts';
import { consoleState } from './console-state.ts';

const now = new Date(2026, 10, 20, 14, 30);
const since = new Date(2026, 10, 20, 14, 2);
const live = { state: 'live', since, reason: null } as const;
const away = { state: 'away', since, reason: 'Nothing answers at 127.0.0.1:4100' } as const;

function session(parts: Partial<SessionState> = {}): SessionState {
  return {
    profile: { name: 'Local', kind: 'local', colour: 'teal' },
    shell: 'browser',
    version: '0.1.0',
    operator: null,
    database: live,
    gateway: live,
    ...parts,
  };
}

describe('how the console stands, in words', () => {
  const open = { state: 'open', since } as const;

  it('is live when everything is', () => {
    expect(consoleState(open, session(), true, now)).toMatchObject({ text: 'live', stale: null, changesOff: null });
  });

  it('catches up until the first figures are there', () => {
    expect(consoleState({ state: 'connecting', since }, null, false, now).text).toBe('catching up');
    expect(consoleState(open, session(), false, now).text).toBe('catching up');
  });

  it('says since when a part is away, why, and what follows', () => {
    const gateway = consoleState(open, session({ gateway: away }), true, now);
    expect(gateway.text).toBe('gateway away since 14:02');
    expect(gateway.stale).toMatch(/Nothing answers at 127\.0\.0\.1:4100\. .*ledger/);
    expect(gateway.changesOff).toBeNull();

    const database = consoleState(open, session({ database: away }), true, now);
    expect(database.text).toBe('database away since 14:02');
    expect(database.changesOff).toMatch(/can’t be changed/);

    const both = consoleState(open, session({ database: away, gateway: away }), true, now);
    expect(both.text).toBe('gateway and database away since 14:02');
  });

  it('refuses changes while the window has no line, whatever was known before', () => {
    const lost = consoleState({ state: 'lost', since }, session(), true, now);
    expect(lost.text).toBe('offline since 14:02');
    expect(lost.changesOff).not.toBeNull();
    expect(lost.stale).not.toBeNull();
  });
});

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSessionGate, TOKEN_LIFE_MS, type Session, type SessionGate } from './session-gate.ts';

function makeGate(): { gate: SessionGate; pass: (ms: number) => void } {
  let nowMs = 5;
  return {
    gate: createSessionGate({ random: randomBytes, nowMs: () => nowMs }),
    pass: (ms) => void (nowMs += ms),
  };
}

function enter(gate: SessionGate): Session {
  const session = gate.redeem(gate.issueToken());
  if (session === undefined || session === 'expired') throw new Error('The token was good and gave no session.');
  return session;
}

describe('the one-time address', () => {
  it('gives a session once', () => {
    const { gate } = makeGate();
    const token = gate.issueToken();
    expect(gate.redeem(token)).toEqual({
      cookie: expect.stringMatching(/^[\w-]{43}$/),
      windowKey: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(gate.redeem(token)).toBeUndefined();
  });

  it('stops being valid when a fresh one is made', () => {
    const { gate } = makeGate();
    const first = gate.issueToken();
    const second = gate.issueToken();
    expect(gate.redeem(first)).toBeUndefined();
    expect(gate.redeem(second)).toBeDefined();
  });

  it('stops being valid after its time, and is used up then as well', () => {
    const { gate, pass } = makeGate();
    const token = gate.issueToken();
    pass(TOKEN_LIFE_MS);
    expect(gate.redeem(token)).toBe('expired');
    expect(gate.redeem(token)).toBeUndefined();
    const next = gate.issueToken();
    pass(TOKEN_LIFE_MS - 1);
    expect(gate.redeem(next)).toMatchObject({ cookie: expect.anything() });
  });

  it('refuses everything else and stays valid meanwhile', () => {
    const { gate } = makeGate();
    const token = gate.issueToken();
    for (const wrong of ['', token.slice(1), `${token}x`, token.toUpperCase(), 'undefined']) {
      expect(gate.redeem(wrong)).toBeUndefined();
      expect(gate.admits(wrong)).toBe(false);
    }
    expect(gate.admits(token)).toBe(false);
    expect(gate.redeem(token)).toBeDefined();
  });

  it('keeps older sessions when a further window is opened', () => {
    const { gate } = makeGate();
    const first = enter(gate);
    const second = enter(gate);
    expect(first.cookie).not.toBe(second.cookie);
    expect([gate.admits(first.cookie), gate.admits(second.cookie)]).toEqual([true, true]);
  });

  it('has nothing to give before an address was made', () => {
    const { gate } = makeGate();
    expect(gate.redeem('')).toBeUndefined();
    expect(gate.admits('')).toBe(false);
    expect(gate.admitsWindow('', '')).toBe(false);
  });
});

describe('the console', () => {
  it('is for the window of that cookie: neither secret is enough, nor the one of another window', () => {
    const { gate } = makeGate();
    const first = enter(gate);
    const second = enter(gate);
    expect(gate.admitsWindow(first.cookie, first.windowKey)).toBe(true);
    for (const [cookie, key] of [
      [first.cookie, ''],
      [first.cookie, first.cookie],
      [first.cookie, second.windowKey],
      ['', first.windowKey],
      [first.windowKey, first.windowKey],
    ] as const) {
      expect(gate.admitsWindow(cookie, key)).toBe(false);
    }
    expect(gate.admits(first.windowKey)).toBe(false);
  });
});

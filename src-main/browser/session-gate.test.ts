import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSessionGate } from './session-gate.ts';

describe('the one-time address', () => {
  it('gives a session once', () => {
    const gate = createSessionGate(randomBytes);
    const token = gate.issueToken();
    const secret = gate.redeem(token);
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(gate.admits(secret ?? '')).toBe(true);
    expect(gate.redeem(token)).toBeUndefined();
  });

  it('stops being valid when a fresh one is made', () => {
    const gate = createSessionGate(randomBytes);
    const first = gate.issueToken();
    const second = gate.issueToken();
    expect(gate.redeem(first)).toBeUndefined();
    expect(gate.redeem(second)).toBeDefined();
  });

  it('refuses everything else and stays valid meanwhile', () => {
    const gate = createSessionGate(randomBytes);
    const token = gate.issueToken();
    for (const wrong of ['', token.slice(1), `${token}x`, token.toUpperCase(), 'undefined']) {
      expect(gate.redeem(wrong)).toBeUndefined();
      expect(gate.admits(wrong)).toBe(false);
    }
    expect(gate.admits(token)).toBe(false);
    expect(gate.redeem(token)).toBeDefined();
  });

  it('keeps older sessions when a further window is opened', () => {
    const gate = createSessionGate(randomBytes);
    const first = gate.redeem(gate.issueToken()) ?? '';
    const second = gate.redeem(gate.issueToken()) ?? '';
    expect(first).not.toBe(second);
    expect([gate.admits(first), gate.admits(second)]).toEqual([true, true]);
  });

  it('has nothing to give before an address was made', () => {
    const gate = createSessionGate(randomBytes);
    expect(gate.redeem('')).toBeUndefined();
    expect(gate.admits('')).toBe(false);
  });
});

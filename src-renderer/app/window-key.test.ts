import { describe, expect, it } from 'vitest';
import { takeWindowKey, type KeyPlaces } from './window-key.ts';

const KEY = 'k'.repeat(43);

function places(hash: string, kept: Record<string, string> = {}) {
  const addresses: unknown[] = [];
  const page: KeyPlaces = {
    location: { hash, pathname: '/' },
    history: { replaceState: (_state, _unused, address) => addresses.push(address) },
    sessionStorage: {
      getItem: (name) => kept[name] ?? null,
      setItem: (name, value) => void (kept[name] = value),
    },
  };
  return { page, kept, addresses };
}

describe('the key of a window', () => {
  it('is taken out of the address and kept for the next load', () => {
    const { page, kept, addresses } = places(`#window=${KEY}`);
    expect(takeWindowKey(page)).toBe(KEY);
    expect(addresses).toEqual(['/']);
    expect(takeWindowKey(places('', kept).page)).toBe(KEY);
    expect(takeWindowKey(places('#/board', kept).page)).toBe(KEY);
  });

  it('is the newest one', () => {
    const { page, kept } = places(`#window=${KEY}`, { 'tenantdesk-window': 'old' });
    expect(takeWindowKey(page)).toBe(KEY);
    expect(Object.values(kept)).toEqual([KEY]);
  });

  it('is missing in a window that no one-time address opened', () => {
    for (const hash of ['', '#/board', '#window=', `#window=${KEY}x`, '#window=<img>']) {
      const { page, kept, addresses } = places(hash);
      expect(takeWindowKey(page)).toBeNull();
      expect([kept, addresses]).toEqual([{}, []]);
    }
  });
});

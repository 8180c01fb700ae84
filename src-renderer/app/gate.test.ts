import { expect, it } from 'vitest';
import type { ConsoleAccess } from '../../src-main/contract/profiles.ts';
import { createLiveValue } from '../ui/live-value.ts';
import { createGate } from './gate.ts';

const state = (over: Partial<ConsoleAccess>): ConsoleAccess => ({
  vault: {
    state: 'open',
    ways: ['passphrase'],
    keychainAsked: false,
    keychainTrouble: null,
    waitUntil: null,
    idleMinutes: 10,
    notice: null,
  },
  locked: false,
  lock: null,
  workspace: 1,
  current: {
    id: 'local',
    name: 'Local',
    kind: 'local',
    colour: 'teal',
    label: 'asha',
    tokenLast4: null,
    weakness: null,
  },
  profiles: null,
  ...over,
});

function setUp() {
  const access = createLiveValue<ConsoleAccess | null>(null);
  const reloads: boolean[] = [];
  const calls = { opened: 0 };
  const place = createGate({ access, open: () => (calls.opened += 1), reload: (elsewhere) => reloads.push(elsewhere) });
  return { access, place, reloads, calls };
}

it('shows nothing before it knows, then the pages, which are opened once', () => {
  const { access, place, reloads, calls } = setUp();
  expect([place.get().kind, calls.opened]).toEqual(['waiting', 0]);
  access.set(state({}));
  access.set(
    state({
      vault: {
        state: 'locked',
        ways: ['passphrase'],
        keychainAsked: false,
        keychainTrouble: null,
        waitUntil: null,
        idleMinutes: null,
        notice: null,
      },
    }),
  );
  expect([place.get().kind, calls.opened, reloads]).toEqual(['open', 1, []]);
});

it('shows the lock and nothing of a platform, then the pages', () => {
  const { access, place, calls } = setUp();
  access.set(state({ locked: true, workspace: null }));
  expect([place.get().kind, calls.opened]).toEqual(['locked', 0]);
  access.set(state({ workspace: 2 }));
  expect([place.get().kind, calls.opened]).toEqual(['open', 1]);
});

it('is loaded afresh once when it is locked, and at its first page when another platform is opened', () => {
  const locking = setUp();
  locking.access.set(state({}));
  locking.access.set(state({ locked: true, workspace: null }));
  locking.access.set(state({ locked: true, workspace: null }));
  expect(locking.reloads).toEqual([false]);
  const switching = setUp();
  switching.access.set(state({}));
  switching.access.set(state({ workspace: 2, current: { ...state({}).current!, id: crypto.randomUUID() } }));
  expect(switching.reloads).toEqual([true]);
});

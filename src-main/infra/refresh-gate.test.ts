import { beforeEach, expect, it } from 'vitest';
import type { LinkState } from '../contract/session.ts';
import { OperatorError } from './operator-error.ts';
import { createRefreshGate, type RefreshGate } from './refresh-gate.ts';
import { createStateFeed } from './state-feed.ts';

let gate: RefreshGate;
let become: (state: LinkState['state']) => void;
beforeEach(() => {
  const link = (state: LinkState['state']): LinkState => ({ state, since: new Date(0), reason: null });
  const database = createStateFeed(link('connecting'));
  gate = createRefreshGate(database);
  become = (state) => database.set(link(state));
});

const isOpen = () => gate.feed.get().open;
const away = new OperatorError('UNAVAILABLE', 'The database does not answer.');

it('is open before the first contact, closed while the database is away', () => {
  expect(() => gate.refuseUnlessOpen()).not.toThrow();
  become('away');
  expect(() => gate.refuseUnlessOpen()).toThrow('nothing was changed, and nothing waits');
});

it('opens when each part was read since the return; a read that began before it does not count', () => {
  const [one, other] = [gate.part(), gate.part()];
  become('live');
  become('away');
  const early = one.begin();
  become('live');
  early();
  other.begin()();
  expect(isOpen()).toBe(false);
  expect(() => gate.refuseUnlessOpen()).toThrow('being read again');
  one.begin()(away);
  expect(isOpen(), 'a read that failed').toBe(false);
  one.begin()();
  expect(gate.feed.get()).toEqual({ returns: 2, open: true });
});

it('does not wait for what nobody looks at, nor for ever after a defect', () => {
  const broken = gate.part();
  gate.part(() => false);
  become('away');
  become('live');
  broken.begin()(new TypeError('no such column'));
  expect(isOpen()).toBe(true);
});

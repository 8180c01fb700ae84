import { expect, test } from 'vitest';
import { inboxItem } from './inbox-item.fixture.ts';
import { byUrgency, runsOut } from './runs-out.ts';

const USD = 1_000_000_000n;
const now = new Date('2026-11-20T08:00:00Z');

test('a cap runs out when its room is burnt', () => {
  const item = inboxItem();
  expect(runsOut(item, 25n * USD, now)).toEqual(new Date('2026-11-20T20:00:00Z'));
  expect(runsOut(item, 30n * USD, now)).toEqual(new Date('2026-11-23T08:00:00Z'));
  expect(runsOut(item, 24n * USD, now)).toBe('now');
  expect(runsOut(item, 1_000n * USD, now), 'the period ends first').toBeNull();
  expect(runsOut(inboxItem({ burnNanoUsdPerDay: 0n }), 25n * USD, now)).toBeNull();
});

test('who is refused comes first, the longest waiting on top, then who runs out first', () => {
  const { cap } = inboxItem();
  const out = { ...cap, committedNanoUsd: 25n * USD };
  const items = [
    inboxItem({ id: 'calm', burnNanoUsdPerDay: 0n }),
    inboxItem({ id: 'soon' }),
    inboxItem({ id: 'refused by its gateways', tenantId: 'other', requestedAt: new Date('2026-11-18T08:00:00Z') }),
    inboxItem({ id: 'refused later', cap: out }),
    inboxItem({ id: 'refused', cap: out, requestedAt: new Date('2026-11-19T08:00:00Z') }),
    inboxItem({ id: 'sooner', burnNanoUsdPerDay: 20n * USD }),
  ];
  expect(byUrgency(items, new Set(['other']), now).map(({ id }) => id)).toEqual([
    'refused by its gateways',
    'refused',
    'refused later',
    'sooner',
    'soon',
    'calm',
  ]);
});

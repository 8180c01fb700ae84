import { expect, it } from 'vitest';
import type { FleetStanding } from './fleet-watch.ts';
import { fleetIcon, fleetLines } from './fleet-words.ts';

const calm: FleetStanding = { state: 'open', refusing: 0, nearCap: 0, waiting: 0, alerts: 0 };

it('the worst is what the tray shows; what is not known is never calm', () => {
  expect(fleetIcon(calm)).toBe('calm');
  expect(fleetIcon({ ...calm, nearCap: 1 })).toBe('waiting');
  expect(fleetIcon({ ...calm, waiting: 1 })).toBe('waiting');
  expect(fleetIcon({ ...calm, alerts: 1 })).toBe('waiting');
  expect(fleetIcon({ ...calm, refusing: 1, waiting: 5 })).toBe('refusing');
  expect(fleetIcon({ ...calm, state: 'away', refusing: null, nearCap: null })).toBe('unknown');
  expect(fleetIcon({ state: 'locked', refusing: null, nearCap: null, waiting: null, alerts: null })).toBe('locked');
});

it('says it in words, and nothing of a client while locked', () => {
  expect(fleetLines({ ...calm, refusing: 1, nearCap: 3, waiting: 2 })).toEqual([
    '1 client refusing, 3 near the cap',
    '2 waiting in the inbox',
  ]);
  expect(fleetLines(calm)).toEqual(['No client refusing or near its cap', '0 waiting in the inbox']);
  expect(fleetLines({ ...calm, state: 'away', refusing: null, waiting: null })).toEqual([
    'The platform is not heard',
    'Inbox not read',
  ]);
  expect(fleetLines({ ...calm, state: 'locked', waiting: 4 })).toEqual(['Locked']);
});

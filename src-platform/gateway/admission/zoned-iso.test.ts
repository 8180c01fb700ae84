import { expect, test } from 'vitest';
import { zonedIso } from './zoned-iso.ts';

test.each([
  ['Asia/Kolkata', '2026-11-30T18:30:00Z', '2026-12-01T00:00:00+05:30'],
  ['Asia/Kathmandu', '2026-11-30T18:15:00Z', '2026-12-01T00:00:00+05:45'],
  ['America/New_York', '2026-03-08T07:00:00Z', '2026-03-08T03:00:00-04:00'],
  ['Europe/Berlin', '2026-11-30T23:00:00Z', '2026-12-01T00:00:00+01:00'],
  ['UTC', '2026-12-01T00:00:00Z', '2026-12-01T00:00:00+00:00'],
])('%s: %s is %s', (zone, instant, local) => {
  expect(zonedIso(Date.parse(instant), zone)).toBe(local);
  expect(Date.parse(local)).toBe(Date.parse(instant));
});

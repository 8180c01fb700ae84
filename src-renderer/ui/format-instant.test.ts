import { describe, expect, it } from 'vitest';
import { formatAge, formatInZone, formatMoment, formatSince, zoneName } from './format-instant.ts';

const now = new Date('2026-11-20T10:00:00Z');

describe('instants', () => {
  it('names the time alone today, and the day before that', () => {
    expect(formatSince(new Date('2026-11-20T08:32:00Z'), now, 'Asia/Kolkata')).toBe('14:02');
    expect(formatSince(new Date('2026-11-19T08:32:00Z'), now, 'Asia/Kolkata')).toBe('19 Nov 14:02');
  });

  it('names the second today in the client’s zone, and the day before that', () => {
    expect(formatMoment(new Date('2026-11-20T08:32:07Z'), 'Asia/Kolkata', now)).toBe('14:02:07');
    // Yesterday in Kolkata, though today in UTC.
    expect(formatMoment(new Date('2026-11-19T18:29:00Z'), 'Asia/Kolkata', now)).toBe('19 Nov 23:59');
  });

  it('writes an instant in the zone of the client', () => {
    expect(formatInZone(new Date('2026-11-30T18:30:00Z'), 'Asia/Kolkata')).toBe('1 Dec 00:00 IST');
    expect(formatInZone(new Date('2026-11-30T18:15:00Z'), 'Asia/Kathmandu')).toBe('1 Dec 00:00 GMT+5:45');
  });

  it.each([
    ['Asia/Kolkata', 'IST'],
    ['Europe/Berlin', 'CET'],
    ['America/New_York', 'EST'],
    ['UTC', 'UTC'],
  ])('calls %s %s', (zone, name) => {
    expect(zoneName(now, zone)).toBe(name);
  });

  it.each([
    [400, '0.4 s'],
    [12_300, '12 s'],
    [180_000, '3 min'],
    [5 * 3_600_000, '5 h'],
    [-20, '0.0 s'],
  ])('%s ms is %s', (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });
});

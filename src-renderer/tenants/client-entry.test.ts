import { describe, expect, test } from 'vitest';
import type { TenantChoices } from '../../src-main/contract/tenants.ts';
import { boardRow } from '../board/board-row.fixture.ts';
import { readClient, slugOf, usualEntry, type ClientEntry } from './client-entry.ts';

const USD = 1_000_000_000n;
const choices: TenantChoices = {
  plans: [
    { id: 'free', name: 'Free', maxTokensPerMessage: 2_000, usualCapNanoUsd: 10n * USD },
    { id: 'pro', name: 'Pro', maxTokensPerMessage: 8_000, usualCapNanoUsd: 50n * USD },
  ],
  timeZones: ['Asia/Kolkata', 'Europe/Berlin', 'UTC'],
  currencies: ['EUR', 'INR', 'USD'],
};
const rows = [
  boardRow({ name: 'Salon A', slug: 'salon-a', plan: 'pro', currency: 'INR', timeZone: 'Asia/Kolkata' }),
  boardRow({ name: 'Agency C', slug: 'agency-c', plan: 'pro', currency: 'INR', timeZone: 'Asia/Kolkata' }),
  boardRow({ name: 'Spree', slug: 'spree', plan: 'free', currency: 'EUR', timeZone: 'Europe/Berlin' }),
];
const entry = (change: Partial<ClientEntry> = {}): ClientEntry => ({
  ...usualEntry(rows, choices, 'UTC'),
  name: 'Clinic B',
  slug: 'clinic-b',
  ...change,
});

describe('a new client', () => {
  test('begins with what most clients have, and its plan’s usual cap', () => {
    expect(usualEntry(rows, choices, 'Europe/Berlin')).toEqual({
      name: '',
      slug: '',
      currency: 'INR',
      timeZone: 'Asia/Kolkata',
      plan: 'pro',
      capUsd: '50.00',
      thresholds: '50, 80, 95, 100',
      keyName: 'Production',
    });
  });

  test('of an agency without clients begins with this machine’s zone, where the platform knows it', () => {
    expect(usualEntry([], choices, 'Europe/Berlin')).toMatchObject({
      timeZone: 'Europe/Berlin',
      plan: 'free',
      currency: 'USD',
    });
    expect(usualEntry([], choices, 'Asia/Calcutta')).toMatchObject({ timeZone: 'UTC' });
  });

  test('is read as it will be sent', () => {
    expect(readClient(entry({ name: '  Clinic B ', thresholds: '95 % / 50, 50' }), choices, rows)).toEqual({
      ok: true,
      client: {
        name: 'Clinic B',
        slug: 'clinic-b',
        currency: 'INR',
        timeZone: 'Asia/Kolkata',
        plan: 'pro',
        capNanoUsd: 50n * USD,
        thresholds: [50, 95],
        keyName: 'Production',
      },
    });
  });

  test.each<[keyof ClientEntry, string, RegExp]>([
    ['name', '', /is missing/],
    ['name', 'x'.repeat(300), /at most 200 characters; this one has 300/],
    ['name', 'a\u202Eb', /can’t be seen/],
    ['name', 'SALON A', /named Salon A already/],
    ['slug', 'salon-a', /Salon A has this slug/],
    ['slug', 'Clinic B', /Small letters/],
    ['slug', '', /Small letters/],
    ['currency', 'XYZ', /of the list/],
    ['timeZone', 'Asia/Atlantis', /of the list/],
    ['plan', 'gold', /Choose a plan/],
    ['capUsd', '-1', /can’t be negative/],
    ['capUsd', '0', /refuses every call/],
    ['capUsd', '9,000,001', /at most \$9,000,000/],
    ['thresholds', '50, 101', /Whole percentages/],
    ['thresholds', '1 2 3 4 5 6 7 8 9 10 11', /at most ten/],
    ['keyName', ' ', /is missing/],
  ])('whose %s is %j is not sent', (field, value, sentence) => {
    const read = readClient(entry({ [field]: value }), choices, rows);
    expect(read).toEqual({ ok: false, problems: { [field]: expect.stringMatching(sentence) } });
  });
});

test.each([
  ['Café Zürich & Söhne', 'cafe-zurich-sohne'],
  ['  Clinic  B ', 'clinic-b'],
  ['<b>Bold</b>', 'b-bold-b'],
  ['مطعم', ''],
  ['long '.repeat(20), 'long-'.repeat(13).slice(0, 63).replace(/-$/, '')],
])('the slug of %j is %j', (name, slug) => {
  expect(slugOf(name)).toBe(slug);
});

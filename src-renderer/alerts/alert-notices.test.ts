import { expect, test } from 'vitest';
import type { Alert } from '../../src-main/contract/alerts.ts';
import { createAlertNotices } from './alert-notices.ts';
import { alertWords } from './alert-words.ts';

const alert = (alertId: string, change: Partial<Alert> = {}): Alert => ({
  alertId,
  tenantId: 'tenant',
  tenantName: 'Clinic B',
  timeZone: 'Asia/Kolkata',
  cap: {
    capId: 'cap',
    scope: 'tenant',
    period: 'month',
    workflowName: null,
    committedNanoUsd: 20_100_000_000n,
    inForceNanoUsd: 25_000_000_000n,
    periodEnd: new Date('2026-11-30T18:30:00Z'),
  },
  threshold: 80,
  runsOutAt: null,
  raisedAt: new Date('2026-11-20T10:00:00Z'),
  ...change,
});

test('each new alert is told once, those that were there are not, nor while somebody looks', () => {
  const told: string[] = [];
  let looking = false;
  const notices = createAlertNotices(
    ({ alertId }) => told.push(alertId),
    () => looking,
  );
  const asOf = new Date();
  notices.hear({ alerts: [], asOf: null });
  notices.hear({ alerts: [alert('old')], asOf });
  notices.hear({ alerts: [alert('new'), alert('old')], asOf });
  notices.hear({ alerts: [alert('new'), alert('old')], asOf });
  looking = true;
  notices.hear({ alerts: [alert('seen'), alert('new')], asOf });
  expect(told).toEqual(['new']);
});

test.each([
  [{}, 'passed 80 % of its cap: $20.10 of $25.00'],
  [{ threshold: 100 }, 'reached its cap: $20.10 of $25.00'],
  [
    { threshold: 0, runsOutAt: new Date('2026-11-27T06:30:00Z') },
    /^will use up its cap on 27 Nov.* 12:00 IST: \$20\.10 of \$25\.00 so far$/,
  ],
] as const)('an alert in words: %j', (change, words) => {
  expect(alertWords(alert('one', change))).toMatch(words);
});

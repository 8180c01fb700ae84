import { expect, test } from 'vitest';
import type { Alert } from '../../src-main/contract/alerts.ts';
import { inboxItem } from '../requests/inbox-item.fixture.ts';
import { inboxMarkOf } from './inbox-mark-of.ts';

const asOf = new Date('2026-11-20T10:00:00Z');
const alert: Alert = {
  alertId: 'alert-1',
  tenantId: 'clinic-b',
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
  raisedAt: asOf,
};

test('a client that asks is marked before its alerts are, and both are in the words', () => {
  const alerts = { alerts: [alert], asOf };
  expect(inboxMarkOf('clinic-b', { items: [inboxItem()], asOf }, alerts)).toEqual({
    kind: 'asks',
    words: 'asks for $5.00 more · passed 80 % of its cap: $20.10 of $25.00',
    search: { item: 'request-1' },
  });
  expect(inboxMarkOf('clinic-b', { items: [], asOf }, alerts)).toMatchObject({
    kind: 'alert',
    search: { alert: 'alert-1' },
  });
});

test('nothing is marked of others, nor before anything was heard', () => {
  expect(inboxMarkOf('salon-a', { items: [inboxItem()], asOf }, { alerts: [alert], asOf })).toBeNull();
  expect(inboxMarkOf('clinic-b', null, null)).toBeNull();
});

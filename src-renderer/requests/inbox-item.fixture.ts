import type { InboxItem } from '../../src-main/contract/requests.ts';

const USD = 1_000_000_000n;

/** Clinic B asks for 5 more on 25 USD, 24 of which are spent. */
export function inboxItem(over: Partial<InboxItem> = {}): InboxItem {
  return {
    kind: 'request',
    id: 'request-1',
    requestId: 'request-1',
    tenantId: 'clinic-b',
    tenantName: 'Clinic B',
    tenantStatus: 'active',
    timeZone: 'Asia/Kolkata',
    amountNanoUsd: 5n * USD,
    askedNanoUsd: 5n * USD,
    reason: 'Busy week',
    source: 'tenant',
    requestedBy: null,
    requestedAt: new Date('2026-11-20T08:00:00Z'),
    expiresAt: new Date('2026-11-27T08:00:00Z'),
    newLimitNanoUsd: null,
    until: 'period_end',
    endsAt: null,
    cap: {
      capId: 'cap-1',
      scope: 'tenant',
      period: 'month',
      version: 3,
      limitNanoUsd: 25n * USD,
      inForceNanoUsd: 25n * USD,
      committedNanoUsd: 24n * USD,
      periodStart: new Date('2026-10-31T18:30:00Z'),
      periodEnd: new Date('2026-11-30T18:30:00Z'),
      changed: false,
    },
    burnNanoUsdPerDay: 2n * USD,
    days: Array.from({ length: 14 }, () => 2n * USD),
    whyNot: null,
    needsSecond: false,
    mine: false,
    ...over,
  };
}

import { describe, expect, it } from 'vitest';
import { fakeLedgerRow, fakeLiveTenant } from '../testing/fake-platform.ts';
import { boardRow, sameRow } from './board-rows.ts';

const now = new Date('2026-11-20T09:00:05Z');
const USD = 1_000_000_000n;

const DAY = {
  capId: '00000003-0000-4000-8000-000000000001',
  periodStart: new Date('2026-11-19T18:30:00Z'),
  periodEnd: new Date('2026-11-20T18:30:00Z'),
};
const dayOf = (committed: bigint) =>
  ({ ...DAY, scope: 'tenant', period: 'day', committed: committed * USD, held: 0n }) as const;
const ledgerDay = (limit: bigint) => ({
  ...fakeLedgerRow(1).cap!,
  ...DAY,
  limitNanoUsd: limit * USD,
  chargedNanoUsd: USD,
});

describe('a row of the board', () => {
  it('takes the figures of this moment from the gateways, the cap from the database', () => {
    const row = boardRow(fakeLedgerRow(1), fakeLiveTenant(1, now), 'live', now);
    expect(row).toMatchObject({
      source: 'live',
      committedNanoUsd: 41n * USD,
      heldNanoUsd: USD,
      asOf: now,
      callsLastMinute: 6,
    });
    expect(row.cap).toMatchObject({ version: 1, limitNanoUsd: 100n * USD });
    expect(row.spentTodayNanoUsd, 'with what was settled since the ledger was read').toBe(3n * USD);
  });

  it('falls back to the ledger, and then does not know what is held', () => {
    const ledger = fakeLedgerRow(1, { refusedLastHour: 4 });
    const row = boardRow(ledger, fakeLiveTenant(1, now), 'ledger', now);
    expect(row).toMatchObject({ source: 'ledger', committedNanoUsd: 40n * USD, heldNanoUsd: null, asOf: ledger.at });
    expect(row).toMatchObject({
      callsLastMinute: null,
      failedLastMinute: null,
      refusedLastHour: 4,
      refusingSince: null,
    });
  });

  it('says unknown when nobody vouches for the figures', () => {
    const row = boardRow(fakeLedgerRow(1), fakeLiveTenant(1, now), 'unknown', now);
    expect(row).toMatchObject({ committedNanoUsd: null, heldNanoUsd: null, asOf: null, spentTodayNanoUsd: null });
    expect(row.attention).toBe('unknown');
    expect(row.cap?.limitNanoUsd, 'the cap was last seen so').toBe(100n * USD);
  });

  it('does not take figures of another cap or of a period that is over', () => {
    const other = { capId: '00000009-0000-4000-8000-000000000001' };
    const past = { periodStart: new Date('2026-09-30T18:30:00Z'), periodEnd: new Date('2026-10-31T18:30:00Z') };
    for (const over of [other, past]) {
      expect(boardRow(fakeLedgerRow(1), fakeLiveTenant(1, now, over), 'live', now)).toMatchObject({
        source: 'ledger',
        committedNanoUsd: 40n * USD,
        heldNanoUsd: null,
      });
    }
  });

  it('follows the gateways into a new period', () => {
    const next = {
      periodStart: new Date('2026-11-30T18:30:00Z'),
      periodEnd: new Date('2026-12-31T18:30:00Z'),
      committed: 0n,
    };
    const row = boardRow(fakeLedgerRow(1), fakeLiveTenant(1, now, next), 'live', now);
    expect(row).toMatchObject({ source: 'live', committedNanoUsd: 0n, spentTodayNanoUsd: 2n * USD });
    expect(row.cap).toMatchObject({ periodStart: next.periodStart, periodEnd: next.periodEnd });
  });

  it('of a tenant the gateways do not name stands on the ledger', () => {
    expect(boardRow(fakeLedgerRow(1), undefined, 'live', now)).toMatchObject({ source: 'ledger', heldNanoUsd: null });
  });

  it('knows a daily cap of its own day, and says which cap the row is about', () => {
    const monthly = fakeLiveTenant(1, now);
    const day = dayOf(80n);
    const nearDay = { ...monthly, caps: [...monthly.caps, { ...day, committed: 79n * USD, held: USD / 2n }] };
    const row = boardRow(fakeLedgerRow(1, { dayCap: ledgerDay(80n) }), nearDay, 'live', now);
    expect(row.dayCap).toMatchObject({ limitNanoUsd: 80n * USD, committedNanoUsd: 79n * USD, heldNanoUsd: USD / 2n });
    expect(row).toMatchObject({ committedNanoUsd: 41n * USD, binding: 'day', attention: 'near_cap' });
    expect(row.spentTodayNanoUsd).toBe(79n * USD);
  });

  it('of a period nobody has opened has nothing held, and is live', () => {
    const ledger = fakeLedgerRow(1, { dayCap: { ...ledgerDay(80n), opened: false, chargedNanoUsd: 0n } });
    expect(boardRow(ledger, fakeLiveTenant(1, now), 'live', now).dayCap).toMatchObject({
      committedNanoUsd: 0n,
      heldNanoUsd: 0n,
    });
    const month = { ...ledger.cap!, opened: false };
    const unopened = boardRow({ ...ledger, cap: month }, { ...fakeLiveTenant(1, now), caps: [] }, 'live', now);
    expect(unopened).toMatchObject({ source: 'live', committedNanoUsd: 40n * USD, heldNanoUsd: 0n, asOf: now });
  });

  it('of a day that is over knows nothing until the database told of the next', () => {
    const ledger = fakeLedgerRow(1, { dayCap: ledgerDay(80n) });
    const monthly = fakeLiveTenant(1, now);
    const live = { ...monthly, caps: [...monthly.caps, dayOf(80n)] };
    const midnight = ledger.dayCap!.periodEnd;
    expect(boardRow(ledger, live, 'live', midnight).dayCap).toMatchObject({
      committedNanoUsd: null,
      heldNanoUsd: null,
    });
    expect(boardRow(ledger, live, 'live', midnight).attention).toBe('unknown');
  });

  it('of a tenant without a cap shows its calls', () => {
    const row = boardRow(fakeLedgerRow(1, { cap: null }), fakeLiveTenant(1, now), 'live', now);
    expect(row).toMatchObject({
      cap: null,
      committedNanoUsd: null,
      callsLastMinute: 6,
      source: 'live',
      attention: 'normal',
    });
  });

  it('is not sent again for its age alone, unless its figures come from the ledger', () => {
    const later = new Date(now.getTime() + 1_000);
    const live = (at: Date) => boardRow(fakeLedgerRow(1), fakeLiveTenant(1, at), 'live', now);
    const ledger = (at: Date) => boardRow(fakeLedgerRow(1, { at }), undefined, 'ledger', now);
    expect(sameRow(live(now), live(later))).toBe(true);
    expect(sameRow(ledger(now), ledger(later))).toBe(false);
  });

  it.each([
    ['committed', { committed: 42n * USD }],
    ['held', { held: 0n }],
  ])('is sent again when %s moved', (_name, over) => {
    const before = boardRow(fakeLedgerRow(1), fakeLiveTenant(1, now), 'live', now);
    expect(sameRow(before, boardRow(fakeLedgerRow(1), fakeLiveTenant(1, now, over), 'live', now))).toBe(false);
  });

  it('is sent again when its cap changed', () => {
    const before = fakeLedgerRow(1);
    const after = { ...before, cap: { ...before.cap!, version: 2 } };
    expect(sameRow(boardRow(before, undefined, 'live', now), boardRow(after, undefined, 'live', now))).toBe(false);
  });
});

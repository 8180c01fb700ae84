import { describe, expect, it } from 'vitest';
import type { BoardRow } from '../contract/board.ts';
import { fakeTenants } from '../testing/fake-tenants.ts';
import { attentionOf, bindingOf, runsOutAt, summarise } from './board-rules.ts';

const now = new Date('2026-11-20T09:00:00Z');
const USD = 1_000_000_000n;

function row(over: Partial<BoardRow> = {}, limit = 100n * USD): BoardRow {
  const [, salon] = fakeTenants(2, now);
  return {
    ...salon!,
    cap: { ...salon!.cap!, limitNanoUsd: limit, thresholds: [50, 80, 95, 100] },
    committedNanoUsd: 40n * USD,
    heldNanoUsd: 0n,
    refusingSince: null,
    runsOutAt: null,
    status: 'active',
    source: 'live',
    ...over,
  };
}

function withDay(committed: bigint, over: Partial<BoardRow> = {}): BoardRow {
  const { cap } = row();
  const dayCap = {
    ...cap!,
    capId: '00000003-0000-4000-8000-000000000001',
    limitNanoUsd: 10n * USD,
    committedNanoUsd: committed,
    heldNanoUsd: 0n,
  };
  return row({ dayCap, ...over });
}

describe('the cap that binds', () => {
  it.each<[string, BoardRow, string | null, BoardRow['binding']]>([
    ['no daily cap', row(), null, 'month'],
    ['no monthly cap', withDay(USD, { cap: null }), null, 'day'],
    ['the day within its cap, though nearer than the month', withDay(8n * USD), null, 'month'],
    ['the day near its cap', withDay(98n * (USD / 10n)), null, 'day'],
    ['the day near, the month nearer', withDay(96n * (USD / 10n), { committedNanoUsd: 97n * USD }), null, 'month'],
    ['the day used up', withDay(10n * USD), null, 'day'],
    ['both used up: midnight helps nobody', withDay(10n * USD, { committedNanoUsd: 100n * USD }), null, 'month'],
    ['refused for the day’s, with some room left', withDay(9n * USD), '00000003-0000-4000-8000-000000000001', 'day'],
    ['refused for the month’s', withDay(98n * (USD / 10n)), row().cap!.capId, 'month'],
    ['an unknown day', withDay(0n, { dayCap: { ...withDay(0n).dayCap!, committedNanoUsd: null } }), null, 'month'],
  ])('%s', (_name, given, refusing, wanted) => {
    expect(bindingOf(given, refusing)).toBe(wanted);
  });
});

describe('attention', () => {
  it.each<[string, BoardRow, BoardRow['attention']]>([
    ['a tenant within its cap', row(), 'normal'],
    ['one whose calls are refused', row({ refusingSince: now }), 'refusing'],
    ['one at its cap', row({ committedNanoUsd: 100n * USD }), 'refusing'],
    ['one above a lowered cap', row({ committedNanoUsd: 120n * USD }), 'refusing'],
    [
      'one above its cap, within a temporary raise',
      row({
        cap: { ...row().cap!, override: { amountNanoUsd: 50n * USD, count: 1, nextEnd: null } },
        committedNanoUsd: 120n * USD,
      }),
      'normal',
    ],
    ['one at its daily cap', withDay(10n * USD), 'refusing'],
    ['one near its daily cap', withDay(97n * (USD / 10n)), 'near_cap'],
    [
      'one whose day is unknown',
      withDay(0n, { dayCap: { ...withDay(0n).dayCap!, committedNanoUsd: null } }),
      'unknown',
    ],
    ['a cap of 0', row({ committedNanoUsd: 0n }, 0n), 'refusing'],
    [
      'one at its highest threshold, open calls included',
      row({ committedNanoUsd: 94n * USD, heldNanoUsd: USD }),
      'near_cap',
    ],
    ['one nano below the threshold', row({ committedNanoUsd: 95n * USD - 1n }), 'normal'],
    [
      'one without thresholds, at 90 %',
      row({ cap: { ...row().cap!, thresholds: [] }, committedNanoUsd: 90n * USD }),
      'near_cap',
    ],
    ['one that runs out within a week', row({ asOf: now, runsOutAt: new Date('2026-11-27T09:00:00Z') }), 'runs_out'],
    ['one that runs out later', row({ asOf: now, runsOutAt: new Date('2026-11-27T09:01:00Z') }), 'normal'],
    [
      'one whose figures nobody knows',
      row({ source: 'unknown', committedNanoUsd: null, heldNanoUsd: null }),
      'unknown',
    ],
    ['one without a cap', row({ cap: null, committedNanoUsd: null, heldNanoUsd: null }), 'normal'],
    ['a suspended one, whatever else', row({ status: 'suspended', refusingSince: now }), 'suspended'],
    ['an archived one', row({ status: 'archived', source: 'unknown', committedNanoUsd: null }), 'normal'],
    ['one on the ledger alone, held unknown', row({ source: 'ledger', heldNanoUsd: null }), 'normal'],
  ])('%s', (_name, given, wanted) => {
    expect(attentionOf(given)).toBe(wanted);
  });
});

describe('the day a cap runs out', () => {
  const facts = {
    limitNanoUsd: 100n * USD,
    committedNanoUsd: 40n * USD,
    burnNanoUsdPerDay: 10n * USD,
    from: now,
    periodEnd: new Date('2026-11-30T18:30:00Z'),
  };

  it('is what remains divided by the burn rate, in whole minutes', () => {
    expect(runsOutAt(facts)).toEqual(new Date('2026-11-26T09:00:00Z'));
    expect(runsOutAt({ ...facts, from: new Date('2026-11-20T09:00:59Z') })).toEqual(new Date('2026-11-26T09:00:00Z'));
  });

  it('is none when the period ends first, nothing is spent, or nothing remains', () => {
    expect(runsOutAt({ ...facts, burnNanoUsdPerDay: USD })).toBeNull();
    expect(runsOutAt({ ...facts, burnNanoUsdPerDay: 0n })).toBeNull();
    expect(runsOutAt({ ...facts, committedNanoUsd: 100n * USD })).toBeNull();
    expect(runsOutAt({ ...facts, committedNanoUsd: 130n * USD })).toBeNull();
  });

  it('holds for the largest amounts', () => {
    const most = 9_000_000_000_000_000n;
    expect(runsOutAt({ ...facts, limitNanoUsd: most, committedNanoUsd: 0n, burnNanoUsdPerDay: most })).toEqual(
      new Date('2026-11-21T09:00:00Z'),
    );
  });
});

describe('summary', () => {
  it('adds up what is known', () => {
    const summary = summarise([
      row({ callsLastMinute: 3, attention: 'refusing' }),
      row({ callsLastMinute: null, attention: 'normal' }),
    ]);
    expect(summary).toMatchObject({ tenants: 2, needAttention: 1, refusingTenants: 1, callsLastMinute: 3 });
    expect(summary.committedNanoUsd).toBe(80n * USD);
  });

  it('says unknown, not 0, where nobody knows', () => {
    const unknown = { callsLastMinute: null, refusedLastHour: null };
    expect(summarise([row(unknown), row(unknown)])).toMatchObject(unknown);
  });

  it('does not count the suspended as needing attention', () => {
    expect(summarise([row({ attention: 'suspended' })]).needAttention).toBe(0);
  });
});

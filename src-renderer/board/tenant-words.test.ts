import { describe, expect, it } from 'vitest';
import { gaugeShape } from '../ui/gauge-geometry.ts';
import { boardRow } from './board-row.fixture.ts';
import { dayGaugeText, gaugeReading, gaugeText, tenantWords } from './tenant-words.ts';

const now = new Date('2026-11-20T12:00:00Z');

/** A daily cap of $10 of which so many tenths are spent, and the row is about it. */
const day = (tenths: number) =>
  ({
    binding: 'day',
    dayCap: {
      ...boardRow().cap!,
      capId: 'daily cap',
      limitNanoUsd: 10_000_000_000n,
      periodStart: new Date('2026-11-19T18:30:00Z'),
      periodEnd: new Date('2026-11-20T18:30:00Z'),
      committedNanoUsd: BigInt(tenths) * 1_000_000_000n,
      heldNanoUsd: 0n,
    },
  }) as const;

describe('a client’s state in words', () => {
  it.each([
    [boardRow({ attention: 'near_cap', percent: 92.4 }), 'triangle', 'near cap 92 %', '$7.60 left'],
    [
      boardRow({ attention: 'runs_out', runsOutAt: new Date('2026-11-26T20:00:00Z'), percent: 80 }),
      'triangle',
      'runs out 27 Nov',
      '$20.00 left',
    ],
    [boardRow({ attention: 'unknown', percent: null }), 'dashed', 'unknown', 'no figures to vouch for'],
    [boardRow({ attention: 'suspended', status: 'suspended' }), 'pause', 'suspended', 'calls are refused'],
    [boardRow({ attention: 'normal', cap: null }), 'circle', 'normal', 'no cap'],
    [boardRow({ attention: 'normal', source: 'ledger' }), 'circle', 'normal', 'from the ledger'],
    [
      boardRow({
        attention: 'normal',
        cap: {
          ...boardRow().cap!,
          override: { amountNanoUsd: 5_000_000_000n, count: 1, nextEnd: new Date('2026-11-30T12:00:00Z') },
        },
      }),
      'circle',
      'normal',
      'override +$5.00 until 30 Nov',
    ],
    [boardRow({ attention: 'near_cap', ...day(9) }), 'triangle', 'near daily cap 90 %', '$1.00 left today'],
    [boardRow({ attention: 'refusing', ...day(10) }), 'square', 'refusing: cap reached', 'daily cap until 00:00 IST'],
    [boardRow({ attention: 'refusing', percent: 100 }), 'square', 'refusing: cap reached', 'resets 1 Dec 00:00 IST'],
  ])('%#', (row, shape, text, detail) => {
    expect(tenantWords(row, now)).toMatchObject({ shape, text, detail });
  });

  it('says of kept figures when they were told, in no colour that asks for a hand', () => {
    const row = boardRow({ attention: 'refusing', percent: 100, source: 'kept', asOf: new Date(2026, 10, 20, 14, 2) });
    const words = tenantWords(row, new Date(2026, 10, 20, 18, 0));
    expect(words).toEqual({ shape: 'dashed', tone: 'idle', text: 'refusing: cap reached', detail: 'as of 14:02' });
  });

  it('keeps red for what refuses now', () => {
    const tones = (['near_cap', 'runs_out', 'unknown', 'suspended', 'normal'] as const).map(
      (attention) => tenantWords(boardRow({ attention }), now).tone,
    );
    expect(tones).not.toContain('alarm');
    expect(tenantWords(boardRow({ attention: 'refusing' }), now).tone).toBe('alarm');
  });

  it('says since when calls are refused', () => {
    const row = boardRow({ attention: 'refusing', refusingSince: now });
    expect(tenantWords(row, now).text).toMatch(/^refusing since \d\d:\d\d$/);
  });
});

describe('a gauge in words', () => {
  const say = (row: ReturnType<typeof boardRow>): string => {
    const reading = gaugeReading(row);
    return gaugeText(reading, gaugeShape(reading));
  };

  it('keeps the two caps apart', () => {
    const row = boardRow({ attention: 'near_cap', percent: 40, ...day(9) });
    expect(gaugeReading(row, 'day')).toMatchObject({ committed: 9_000_000_000n, limit: 10_000_000_000n, tone: 'warn' });
    expect(gaugeReading(row, 'month')).toMatchObject({ committed: 40_000_000_000n, tone: 'calm' });
    const reading = gaugeReading(row, 'day');
    expect(dayGaugeText(reading, gaugeShape(reading))).toBe('today 90 % of $10.00 committed, $0.00 held');
  });

  it.each([
    [boardRow({ percent: 87, heldNanoUsd: 120_000_000n }), '87 % of $100.00 committed, $0.12 held'],
    [boardRow({ percent: 87, heldNanoUsd: null }), '87 % of $100.00 committed, held unknown'],
    [boardRow({ percent: null }), 'committed unknown, cap $100.00'],
    [boardRow({ cap: null }), 'no cap'],
  ])('%#', (row, text) => {
    expect(say(row)).toBe(text);
  });
});

import { describe, expect, it } from 'vitest';
import { MAX_CAP_NANO_USD } from '../../src-main/contract/money.ts';
import { raisedByPercent, readCapEntry } from './cap-entry.ts';

const USD = 1_000_000_000n;
const facts = { limitNanoUsd: 25n * USD, overrideNanoUsd: 0n, committedNanoUsd: 20n * USD };
const end = { until: 'period_end' } as const;

describe('a cap as it is typed', () => {
  it('is a new cap', () => {
    expect(readCapEntry('40', 'new', facts, end)).toEqual({
      kind: 'valid',
      intent: { kind: 'set', limitNanoUsd: 40n * USD },
      limitNanoUsd: 40n * USD,
      confirm: null,
    });
  });

  it('is added to the cap', () => {
    expect(readCapEntry('2.50', 'add', facts, end)).toMatchObject({ limitNanoUsd: 27_500_000_000n });
  });

  it.each([
    ['-1', 'new', /negative/],
    ['lots', 'new', /not an amount/],
    ['', 'new', /Enter an amount/],
    ['1.005', 'new', /whole cents/],
    ['25', 'new', /already/],
    ['0', 'add', /more than 0/],
    ['9000000.01', 'new', /at most \$9,000,000\.00/],
    ['9000000', 'add', /at most \$9,000,000\.00/],
  ] as const)('refuses %j (%s) with its own sentence', (text, mode, sentence) => {
    const entry = readCapEntry(text, mode, facts, end);
    expect(entry.kind === 'invalid' ? entry.sentence : entry).toMatch(sentence);
  });

  it('takes exactly what the contract takes', () => {
    const most = (MAX_CAP_NANO_USD / USD).toString();
    expect(readCapEntry(most, 'new', facts, end).kind).toBe('valid');
    expect(readCapEntry(`${most}.01`, 'new', facts, end).kind).toBe('invalid');
  });

  it('asks once before it lowers a cap, and says what follows', () => {
    expect(readCapEntry('22', 'new', facts, end)).toMatchObject({
      confirm: {
        sentence: 'Lowers the cap from $25.00 to $22.00. $2.00 of $22.00 is left then.',
        button: 'Lower to $22.00',
      },
    });
    expect(readCapEntry('19.99', 'new', facts, end)).toMatchObject({
      confirm: { sentence: expect.stringMatching(/below the \$20\.00.*Every call/), button: 'Set to $19.99 anyway' },
    });
    expect(readCapEntry('0', 'new', { ...facts, committedNanoUsd: null }, end)).toMatchObject({
      confirm: { sentence: expect.stringMatching(/refuses every call/) },
    });
    expect(readCapEntry('22', 'new', { ...facts, committedNanoUsd: null }, end)).toMatchObject({
      confirm: { sentence: expect.stringMatching(/unknown/), button: 'Lower to $22.00' },
    });
    expect(readCapEntry('25.01', 'new', facts, end)).toMatchObject({ confirm: null });
  });

  it('counts temporary raises in what follows', () => {
    const raised = { ...facts, overrideNanoUsd: 5n * USD };
    expect(readCapEntry('16', 'new', raised, end)).toMatchObject({
      confirm: { sentence: expect.stringMatching(/\$1\.00 of \$21\.00 is left/) },
    });
    expect(readCapEntry('0', 'new', raised, end)).toMatchObject({
      confirm: { sentence: expect.stringMatching(/\$5\.00 is below the \$20\.00/) },
    });
  });

  it('is a raise for a time: the cap stays', () => {
    const date = { until: 'date', localDateTime: '2026-11-30T18:00' } as const;
    expect(readCapEntry('5', 'time', facts, date)).toEqual({
      kind: 'valid',
      intent: { kind: 'override', amountNanoUsd: 5n * USD, end: date },
      limitNanoUsd: 25n * USD,
      confirm: null,
    });
  });

  it.each([
    ['0', end, /more than 0/],
    ['5', { until: 'date', localDateTime: '' }, /day and hour/],
    ['9000000', end, /temporary raises can be at most/],
  ] as const)('a raise for a time by %j is refused with its own sentence', (text, until, sentence) => {
    const entry = readCapEntry(text, 'time', facts, until);
    expect(entry.kind === 'invalid' ? entry.sentence : entry).toMatch(sentence);
  });
});

describe('the preview of a raise by percent', () => {
  it.each([
    [25n * USD, 10, 27_500_000_000n],
    [24_999_123_456n, 10, 27_500_000_000n],
    [1n, 10, 10_000_000n],
    [300n * USD, 25, 375n * USD],
  ])('%s by %s %%', (limit, percent, raised) => {
    expect(raisedByPercent(limit, percent)).toBe(raised);
  });
});

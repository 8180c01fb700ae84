import { describe, expect, it } from 'vitest';
import { MAX_CAP_NANO_USD } from '../../src-main/contract/money.ts';
import { raisedByPercent, readCapEntry } from './cap-entry.ts';

const USD = 1_000_000_000n;
const facts = { limitNanoUsd: 25n * USD, committedNanoUsd: 20n * USD };

describe('a cap as it is typed', () => {
  it('is a new cap', () => {
    expect(readCapEntry('40', 'new', facts)).toEqual({
      kind: 'valid',
      intent: { kind: 'set', limitNanoUsd: 40n * USD },
      limitNanoUsd: 40n * USD,
      confirm: null,
    });
  });

  it('is added to the cap', () => {
    expect(readCapEntry('2.50', 'add', facts)).toMatchObject({ limitNanoUsd: 27_500_000_000n });
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
    const entry = readCapEntry(text, mode, facts);
    expect(entry.kind === 'invalid' ? entry.sentence : entry).toMatch(sentence);
  });

  it('takes exactly what the contract takes', () => {
    const most = (MAX_CAP_NANO_USD / USD).toString();
    expect(readCapEntry(most, 'new', facts).kind).toBe('valid');
    expect(readCapEntry(`${most}.01`, 'new', facts).kind).toBe('invalid');
  });

  it('asks once where every call would be refused, and says so', () => {
    expect(readCapEntry('19.99', 'new', facts)).toMatchObject({ confirm: expect.stringMatching(/below the \$20\.00/) });
    expect(readCapEntry('20', 'new', facts)).toMatchObject({ confirm: null });
    expect(readCapEntry('0', 'new', { ...facts, committedNanoUsd: null })).toMatchObject({
      confirm: expect.stringMatching(/refuses every call/),
    });
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

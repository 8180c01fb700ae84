import { expect, test } from 'vitest';
import { isDecided, outcomeWords, type DecidedRequest } from './outcome-words.ts';

const USD = 1_000_000_000n;
const request: DecidedRequest = {
  requestId: 'r',
  tenantId: 't',
  tenantName: 'Clinic B',
  timeZone: 'Asia/Kolkata',
  requestedAt: new Date(0),
  requestedBy: null,
  amountNanoUsd: 5n * USD,
  reason: 'Busy week',
  status: 'approved',
  decidedBy: 'Asha Rao',
  decidedAt: new Date(1),
  decidedAmountNanoUsd: 5n * USD,
  decisionReason: null,
};

test('an approval tells what was given, and when it is not what was asked for', () => {
  expect(outcomeWords(request)).toBe('Approved, $5.00 more');
  expect(outcomeWords({ ...request, decidedAmountNanoUsd: USD })).toBe('Approved with another amount, $1.00 more');
});

test.each([
  ['declined', 'Declined'],
  ['withdrawn', 'Taken back'],
  ['expired', 'Expired'],
] as const)('%s is told as "%s"', (status, words) => {
  expect(outcomeWords({ ...request, status, decidedAmountNanoUsd: null })).toBe(words);
});

test('an open request is not decided', () => {
  expect([request, { ...request, status: 'open' as const, decidedAt: null }].map(isDecided)).toEqual([true, false]);
});

import { expect, it } from 'vitest';
import type { AuditAlarm, AuditFault, AuditFinding } from '../../src-main/contract/audit.ts';
import { alarmWords, chainName, findingWords, whoWords } from './audit-words.ts';

const seenAt = new Date(2026, 10, 20, 14, 2, 31);
const finding: AuditFinding = {
  tenantId: 'x',
  tenantName: 'Clinic B',
  seq: 7n,
  what: 'edited',
  by: 'chain',
  seenAt: null,
};
const alarm: AuditAlarm = { tenantId: 'x', tenantName: 'Clinic B', what: 'cut', seq: 9n, seenAt, lastSeq: 6n };

it('names the chain', () => {
  expect(chainName(finding)).toBe('Clinic B');
  expect(chainName({ tenantId: null, tenantName: null })).toBe('the platform');
  expect(chainName({ tenantId: 'x', tenantName: null })).toBe('client x');
});

it.each<[AuditFault, RegExp]>([
  ['edited', /Entry 7 was changed/],
  ['missing', /Entry 7 is missing/],
  ['order', /place of entry 7/],
  ['inserted', /Entry 7 was put in later/],
  ['head', /entry 7.*head was removed/],
])('%s', (what, words) => {
  expect(findingWords({ ...finding, what })).toMatch(words);
});

it('says who remembers', () => {
  expect(findingWords({ ...finding, what: 'cut', by: 'head' })).toContain('head knows');
  expect(findingWords({ ...finding, what: 'cut', by: 'anchor' })).toContain('platform’s own chain');
  expect(findingWords({ ...finding, what: 'rewritten', by: 'memory', seenAt })).toBe(
    'The chain was written anew: entry 7 is not the one that this console saw on 20 Nov 2026, 14:02:31.',
  );
  expect(alarmWords(alarm)).toBe(
    'The audit log of Clinic B was cut: on 20 Nov 2026, 14:02:31 this console saw its entry 9, and it ends at entry 6 now.',
  );
  expect(alarmWords({ ...alarm, lastSeq: 0n })).toContain('nothing is left of it');
  expect(alarmWords({ ...alarm, what: 'rewritten' })).toContain('was rewritten');
});

it('names who did it: a person, the client by its own call, a program by its login', () => {
  const login = 'tenantdesk_gateway';
  expect(whoWords({ operatorName: 'Asha Rao', login: 'asha', action: 'request.ask' })).toBe('Asha Rao');
  // Who may read the log sees every person's name: without one it was no person.
  expect(whoWords({ operatorName: null, login, action: 'request.ask' })).toBe('the client itself');
  expect(whoWords({ operatorName: null, login, action: 'raise.expired' })).toBe(login);
});

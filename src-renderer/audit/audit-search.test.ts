import { expect, it } from 'vitest';
import { auditFilter, isNarrowed, readAuditSearch } from './audit-search.ts';

const client = '5f0c8a52-0000-4000-8000-000000000001';

it('takes what can be understood from an address', () => {
  expect(
    readAuditSearch({ client, who: 'asha', action: 'cap.set', from: '2026-11-20T14:02', to: 'tomorrow', more: 1 }),
  ).toEqual({ client, who: 'asha', action: 'cap.set', from: '2026-11-20T14:02' });
  expect(readAuditSearch({ client: 'x', who: '', action: 7, from: null })).toEqual({});
  expect(readAuditSearch({ client: 'platform' })).toEqual({ client: 'platform' });
});

it('asks with instants of this machine’s zone', () => {
  expect(auditFilter({ client, who: 'asha', from: '2026-11-20T14:02' })).toEqual({
    chain: client,
    login: 'asha',
    from: new Date(2026, 10, 20, 14, 2),
  });
  expect(auditFilter({ from: '2026-99-99T14:02' })).toEqual({});
});

it('knows whether more than the client narrows', () => {
  expect(isNarrowed({ client })).toBe(false);
  expect(isNarrowed({ client, action: 'cap.set' })).toBe(true);
});

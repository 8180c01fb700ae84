import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createPriceBook } from '../pricing/price-book.ts';
import { authenticate, presentedKey } from './authenticate.ts';
import type { KeySecret, Policy, TenantPolicy } from './policy.ts';

const tenant = { id: 't' } as TenantPolicy;
const digestOf = (key: string): string => createHash('sha256').update(key).digest('hex');
const secret = (change: Partial<KeySecret>): KeySecret => ({
  tenantId: 't',
  keyId: 'k',
  defaultWorkflowId: null,
  revokedAt: null,
  validFrom: 0,
  validUntil: null,
  ...change,
});
const secrets = new Map([
  [digestOf('td_good'), secret({})],
  [digestOf('td_revoked'), secret({ revokedAt: 5 })],
  [digestOf('td_over'), secret({ validUntil: 100 })],
  [digestOf('td_early'), secret({ validFrom: 101 })],
]);
const policy: Policy = {
  tenant: (id) => (id === 't' ? tenant : undefined),
  tenants: () => [tenant],
  secret: (digest) => secrets.get(digest),
  prices: createPriceBook([]),
  providers: new Map(),
};
const at = (headers: string[]): unknown => authenticate(policy, headers, 100);

describe('a caller', () => {
  test('is found by bearer token or x-api-key, in any spelling of the names', () => {
    for (const headers of [
      ['Authorization', 'Bearer td_good'],
      ['AUTHORIZATION', 'bearer   td_good'],
      ['Host', 'x', 'X-Api-Key', 'td_good'],
    ]) {
      expect(at(headers)).toMatchObject({ kind: 'caller', caller: { tenant: { id: 't' } } });
    }
  });

  test.each([
    [['authorization', 'Bearer td_bad'], 'key_unknown'],
    [['authorization', 'Basic td_good'], 'key_unknown'],
    [['authorization', 'Bearer td_good extra'], 'key_unknown'],
    [['x-api-key', `td_good${'x'.repeat(600)}`], 'key_unknown'],
    [[], 'key_unknown'],
    [['x-api-key', 'td_early'], 'key_unknown'],
    [['x-api-key', 'td_revoked'], 'key_revoked'],
    [['x-api-key', 'td_over'], 'key_revoked'],
  ])('%j is refused: %s', (headers, code) => {
    const found = at(headers);
    expect(found).toMatchObject({ kind: 'failed', code });
    // Whose it was is known of a key that is over, never of one that was none.
    expect(Object.keys(found as object).includes('caller')).toBe(code === 'key_revoked');
  });

  test('with two credentials is nobody', () => {
    expect(at(['authorization', 'Bearer td_good', 'Authorization', 'Bearer td_good'])).toEqual({ kind: 'ambiguous' });
    expect(at(['authorization', 'Bearer td_good', 'x-api-key', 'td_other'])).toEqual({ kind: 'ambiguous' });
    expect(presentedKey(['x-api-key', ' td_good '])).toBe('td_good');
  });
});

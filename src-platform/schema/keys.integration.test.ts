import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusalOf } from '../testing/cap-desk.ts';
import { createClientDesk, newSecret, partsOf, type ClientDesk } from '../testing/client-desk.ts';
import { makeKey, makeOperator, makeTenant, type MadeOperator } from '../testing/factories.ts';
import { makeGrantDesk } from '../testing/grant-desk.ts';
import { ledgerRecord } from '../testing/ledger-record.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let db: TestDatabase;
let desk: ClientDesk;
let operator: MadeOperator;

beforeAll(async () => {
  db = await createTestDatabase();
  desk = createClientDesk(db);
  operator = await makeOperator(db, { role: 'operator' });
});
afterAll(() => db.close());

interface Secret {
  digest: string;
  /** Seconds from now until it ends; null: it does not. */
  left: number | null;
}

async function secretsOf(tenantId: string, keyId: string): Promise<Secret[]> {
  const { rows } = await db.owner.query<Secret>(
    `select encode(digest, 'hex') as digest, round(extract(epoch from valid_until - clock_timestamp()))::int as left
     from platform.api_key_secrets where tenant_id = $1 and key_id = $2 order by valid_from`,
    [tenantId, keyId],
  );
  return rows;
}

async function traces(tenantId: string): Promise<unknown> {
  const { rows } = await db.owner.query(
    `select (select md5(string_agg(k::text, '' order by k.id)) from platform.api_keys k where k.tenant_id = $1) as keys,
       (select md5(string_agg(s::text, '' order by s.digest)) from platform.api_key_secrets s where s.tenant_id = $1) as secrets,
       (select count(*) from platform.audit_log where tenant_id = $1) as audit,
       (select count(*) from platform.idempotency_keys) as answers`,
    [tenantId],
  );
  return rows[0];
}

describe('a key', () => {
  test('asked for twice at once under one idempotency key is one key', async () => {
    const { id: tenantId } = await makeTenant(db);
    const ask = { tenantId, name: 'n8n', secret: newSecret(), key: randomUUID() };
    const [first, second] = await Promise.all([desk.issue(operator, ask), desk.issue(operator, ask)]);
    expect(second).toEqual(first);
    expect(await secretsOf(tenantId, first.keyId)).toEqual([{ digest: partsOf(ask.secret).digest, left: null }]);
    const audit = await db.owner.query('select action, after from platform.audit_log where tenant_id = $1', [tenantId]);
    expect(audit.rows).toMatchObject([{ action: 'key.issue', after: { key: 'n8n' } }]);
    expect(JSON.stringify(audit.rows)).not.toContain(partsOf(ask.secret).digest);
  });

  test('asked for twice by two clicks with keys of their own is one key: its name is taken', async () => {
    const { id: tenantId } = await makeTenant(db);
    await desk.issue(operator, { tenantId, name: 'n8n' });
    expect(await refusalOf(desk.issue(operator, { tenantId, name: ' N8N ' }))).toMatchObject({
      code: 'TD409',
      message: expect.stringContaining('has a key named N8N already'),
    });
  });

  test('is rotated: the old secret ends when the operator says, an older one no later than it was to', async () => {
    const { id: tenantId } = await makeTenant(db);
    const [first, second, third] = [newSecret(), newSecret(), newSecret()];
    const { keyId } = await desk.issue(operator, { tenantId, secret: first });
    const rotated = await desk.rotate(operator, { tenantId, keyId, overlapSeconds: 3_600, secret: second });
    expect(rotated.version).toBe(2);
    expect(await secretsOf(tenantId, keyId)).toEqual([
      { digest: partsOf(first).digest, left: 3_600 },
      { digest: partsOf(second).digest, left: null },
    ]);
    await desk.rotate(operator, { tenantId, keyId, overlapSeconds: 86_400, secret: third, version: 2 });
    expect((await secretsOf(tenantId, keyId)).map(({ left }) => left)).toEqual([3_600, 86_400, null]);
    const { rows } = await db.owner.query(
      `select prefix, last4, previous_last4, previous_until > now() as overlaps, version from platform.api_keys where id = $1`,
      [keyId],
    );
    const { prefix, last4 } = partsOf(third);
    expect(rows).toEqual([{ prefix, last4, previous_last4: second.slice(-4), overlaps: true, version: 3 }]);
  });

  test('rotated without overlap leaves the old secret no moment', async () => {
    const { id: tenantId } = await makeTenant(db);
    const { keyId } = await desk.issue(operator, { tenantId });
    await desk.rotate(operator, { tenantId, keyId, overlapSeconds: 0 });
    const { rows } = await db.owner.query(
      `select count(*)::int as accepted from platform.api_key_secrets where key_id = $1
         and valid_from <= clock_timestamp() and (valid_until is null or valid_until > clock_timestamp())`,
      [keyId],
    );
    expect(rows).toEqual([{ accepted: 1 }]);
  });

  test('is revoked for good, by whom and when', async () => {
    const { id: tenantId } = await makeTenant(db);
    const { keyId } = await desk.issue(operator, { tenantId });
    const revoke = { tenantId, keyId, key: randomUUID() };
    const first = await desk.revoke(operator, revoke);
    expect(await desk.revoke(operator, revoke)).toEqual(first);
    const { rows } = await db.owner.query(
      'select revoked_by, revoked_at is not null as revoked from platform.api_keys where id = $1',
      [keyId],
    );
    expect(rows).toEqual([{ revoked_by: operator.id, revoked: true }]);
    for (const again of [
      () => desk.revoke(operator, { tenantId, keyId, version: 2 }),
      () => desk.rotate(operator, { tenantId, keyId, overlapSeconds: 60, version: 2 }),
    ]) {
      expect(await refusalOf(again())).toMatchObject({
        code: 'TD409',
        message: expect.stringContaining('was revoked already'),
      });
    }
    // Its name is free again.
    await desk.issue(operator, { tenantId });
  });

  describe('is not changed, and nothing is left behind:', () => {
    test.each<[string, string, (of: { tenantId: string; keyId: string }) => Promise<unknown>]>([
      ['an old version', 'TD409', (of) => desk.rotate(operator, { ...of, overlapSeconds: 60, version: 9 })],
      ['an old version, revoked', 'TD409', (of) => desk.revoke(operator, { ...of, version: 9 })],
      ['no overlap given', 'TD400', (of) => desk.rotate(operator, { ...of, overlapSeconds: null })],
      ['a negative overlap', 'TD400', (of) => desk.rotate(operator, { ...of, overlapSeconds: -1 })],
      ['an overlap of 31 days', 'TD400', (of) => desk.rotate(operator, { ...of, overlapSeconds: 31 * 86_400 })],
      ['another client’s key', 'TD404', (of) => desk.revoke(operator, { ...of, keyId: randomUUID() })],
      ['a name of 300 characters', 'TD400', (of) => desk.issue(operator, { ...of, name: 'x'.repeat(300) })],
      ['a name with a line break', 'TD400', (of) => desk.issue(operator, { ...of, name: 'a\nb' })],
    ])('%s', async (_what, code, change) => {
      const { id: tenantId } = await makeTenant(db);
      const { keyId } = await desk.issue(operator, { tenantId });
      const before = await traces(tenantId);
      expect(await refusalOf(change({ tenantId, keyId }))).toMatchObject({ code });
      expect(await traces(tenantId)).toEqual(before);
    });

    test.each(['viewer', 'account_manager', 'auditor'] as const)('by a role that may not: %s', async (role) => {
      const { id: tenantId } = await makeTenant(db);
      const { keyId } = await desk.issue(operator, { tenantId });
      const who = await makeOperator(db, { role, tenantIds: [tenantId] });
      const before = await traces(tenantId);
      for (const change of [
        () => desk.issue(who, { tenantId, name: 'mine' }),
        () => desk.rotate(who, { tenantId, keyId, overlapSeconds: 60 }),
        () => desk.revoke(who, { tenantId, keyId }),
      ]) {
        expect(await refusalOf(change())).toMatchObject({ code: '42501' });
      }
      expect(await traces(tenantId)).toEqual(before);
    });

    test('by an operator of other clients', async () => {
      const { id: tenantId } = await makeTenant(db);
      const { id: theirs } = await makeTenant(db);
      const { keyId } = await desk.issue(operator, { tenantId });
      const who = await makeOperator(db, { role: 'operator', tenantIds: [theirs] });
      expect(await refusalOf(desk.revoke(who, { tenantId, keyId }))).toMatchObject({ code: 'TD404' });
    });
  });
});

test('a key’s last use is that of its last call in the ledger, written at most once a minute', async () => {
  const { id: tenantId } = await makeTenant(db);
  const { id: keyId } = await makeKey(db, tenantId);
  const gateway = await makeGrantDesk(db);
  const call = (at: string): Promise<unknown> =>
    gateway.ingest({ records: [ledgerRecord(tenantId, { key_id: keyId, occurred_at: at })] });
  const used = async (): Promise<string | undefined> => {
    const statement = 'select last_used_at from platform.api_keys where id = $1';
    const { rows } = await db.owner.query<{ last_used_at: Date | null }>(statement, [keyId]);
    return rows[0]?.last_used_at?.toISOString();
  };
  const at = (seconds: number): string => new Date(Date.UTC(2026, 10, 20, 9, 0, seconds)).toISOString();
  expect(await used()).toBeUndefined();
  await call(at(0));
  expect(await used()).toBe(at(0));
  await call(at(59));
  expect(await used(), 'within the minute').toBe(at(0));
  await call(at(61));
  expect(await used()).toBe(at(61));
  await call(at(30));
  expect(await used(), 'a late record').toBe(at(61));
});

/**
 * Who may do what: every table, view and partition × every verb × every role × {no tenant, own, other, all}, each really
 * tried through that role's own login. The catalog supplies the rows. The expected answers are written by hand in
 * `functions/isolation/expected-access.sql` and `expected-calls.sql`; a table or view without a line
 * fails here, a function without one in `isolation-check.integration.test.ts`.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { makeFilledTenant } from '../testing/filled-tenant.ts';
import { letEverybodyTry } from '../testing/let-everybody-try.ts';
import { makeOperator, makePrice, type OperatorRole } from '../testing/factories.ts';

interface Trial {
  readonly relation: string;
  readonly verb: string;
  readonly expected: string;
  readonly answer: string;
}

let db: TestDatabase;
let own: string;
let other: string;

beforeAll(async () => {
  db = await createTestDatabase();
  own = await makeFilledTenant(db, 'own');
  other = await makeFilledTenant(db, 'other');
  await makePrice(db);
  const admin = await makeOperator(db, { role: 'admin' });
  await db
    .connect(admin.url)
    .query(`select platform.set_fx_rate('INR', current_date, 0.0118, 'test', null, $1, null)`, [randomUUID()]);
  await db.owner.query(`insert into platform.providers values ('openai', 'https://api.example.com', '\\x00')`);
  await letEverybodyTry(db);
});
afterAll(() => db.close());

/** What happens to these credentials; `tenant`: set in the transaction. */
async function tryAll(wish: {
  url: string;
  role: string;
  standing: 'nobody' | 'some' | 'all';
  tenants: readonly string[];
  tenant?: string;
}): Promise<Trial[]> {
  const client = await db.connect(wish.url).connect();
  try {
    await client.query('begin');
    if (wish.tenant !== undefined) {
      await client.query(`select set_config('app.current_tenant', $1, true)`, [wish.tenant]);
    }
    const { rows } = await client.query<Trial>('select * from platform.try_access($1, $2, $3)', [
      wish.role,
      wish.standing,
      wish.tenants,
    ]);
    return rows;
  } finally {
    await client.query('rollback');
    client.release();
  }
}

/** The database here has rows of both tenants in every table, so "less than expected" is wrong as well. */
const surprises = (trials: readonly Trial[]): Trial[] => trials.filter(({ expected, answer }) => expected !== answer);

test('every table with a tenant has rows of both tenants, so that "sees nothing" means something', async () => {
  const { rows } = await db.owner.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
     where c.relnamespace = 'platform'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`,
  );
  for (const { name } of rows) {
    const seen = await db.owner.query(`select distinct tenant_id from platform.${name} where tenant_id = any ($1)`, [
      [own, other],
    ]);
    expect(seen.rows.length, `${name}: see makeFilledTenant`).toBe(2);
  }
});

describe('each verb on each table, view and partition', () => {
  test('as a tenant: none set, set to nothing, own, other', async () => {
    const as = { url: db.urlFor('td_tenant'), role: 'tenant' };
    const trials = await tryAll({ ...as, standing: 'nobody', tenants: [own] });
    expect(trials.length).toBeGreaterThan(200);
    expect(surprises(trials), 'none').toEqual([]);
    expect(surprises(await tryAll({ ...as, standing: 'nobody', tenants: [own], tenant: '' })), 'empty').toEqual([]);
    expect(surprises(await tryAll({ ...as, standing: 'some', tenants: [own], tenant: own })), 'own').toEqual([]);
    expect(surprises(await tryAll({ ...as, standing: 'some', tenants: [other], tenant: other })), 'other').toEqual([]);
  });

  test('as a gateway: all tenants of its tables', async () => {
    const as = { url: db.gatewayUrl, role: 'gateway', standing: 'all', tenants: [own] } as const;
    expect(surprises(await tryAll(as))).toEqual([]);
    expect(surprises(await tryAll({ ...as, tenant: other })), 'a setting changes nothing').toEqual([]);
  });

  test('as the owner of the functions', async () => {
    const as = { url: db.urlFor('td_definer'), role: 'definer', standing: 'all', tenants: [own] } as const;
    expect(surprises(await tryAll(as))).toEqual([]);
  });

  const operatorRoles: OperatorRole[] = ['viewer', 'account_manager', 'operator', 'admin', 'auditor'];
  test.each(operatorRoles)('as %s: no operator, of one tenant, of all', async (role) => {
    const login = { url: db.urlFor(`td_${role}`), role, standing: 'nobody', tenants: [own] } as const;
    expect(surprises(await tryAll(login)), 'no operator').toEqual([]);
    expect(surprises(await tryAll({ ...login, tenant: own })), 'no operator, with a setting').toEqual([]);
    if (role !== 'admin') {
      const { url } = await makeOperator(db, { role, tenantIds: [own] });
      expect(surprises(await tryAll({ url, role, standing: 'some', tenants: [own] })), 'own').toEqual([]);
      expect(surprises(await tryAll({ url, role, standing: 'some', tenants: [own], tenant: other })), 'other').toEqual(
        [],
      );
    }
    if (role !== 'account_manager') {
      const { url } = await makeOperator(db, { role });
      expect(surprises(await tryAll({ url, role, standing: 'all', tenants: [own] })), 'all').toEqual([]);
    }
  });
});

/** Guards taken away in a transaction that is rolled back, who tries then, and a surprise there has to be. */
// prettier-ignore
test.each([
  ['grant select on platform.messages to td_admin; create policy read on platform.messages to td_admin using (true)', 'admin', 'messages select own other'],
  ['alter policy tenant_read on platform.caps using (true)', 'tenant', 'caps select own other'],
  ['alter policy tenant_all on platform.messages using (true)', 'tenant', 'messages delete own other'],
  [`alter policy tenant_all on platform.messages with check (true)`, 'tenant', 'messages update own other'],
  ['grant update on platform.usage_daily to td_tenant', 'tenant', 'usage_daily update nothing'],
  ['grant update (name) on platform.tenants to td_admin', 'admin', 'tenants update nothing'],
  ['grant truncate on platform.caps to td_gateway', 'gateway', 'caps truncate rows'],
  ['create table platform.notes (text text); grant all on platform.notes to td_viewer', 'viewer', 'notes insert rows'],
  ['grant select on platform.idempotency_keys to td_operator', 'operator', 'idempotency_keys select nothing'],
])('the matrix notices: %s', async (unguard, role, surprise) => {
  const client = await db.connect(db.superuserUrl).connect();
  try {
    await client.query(`begin; ${unguard}; set local session authorization test_td_${role}`);
    await client.query(`select set_config('app.current_tenant', $1, true)`, [own]);
    const standing = role === 'tenant' ? 'some' : 'nobody';
    const { rows } = await client.query<Trial & { ok: boolean }>('select * from platform.try_access($1, $2, $3)', [role, standing, [own]]);
    expect(rows.filter(({ ok }) => !ok).map(({ relation, verb, answer }) => `${relation} ${verb} ${answer}`)).toContain(surprise);
  } finally {
    await client.query('rollback');
    client.release();
  }
});

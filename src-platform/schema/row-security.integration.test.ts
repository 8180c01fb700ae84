/** Rules over the whole catalog, and each known way around row security, tried. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { makeCap, makeGateway, makeKey, makeOperator, makeTenant, makeWorkflow } from '../testing/factories.ts';
import { ledgerRecord } from '../testing/ledger-record.ts';

let db: TestDatabase;
let own: string;
let other: string;

beforeAll(async () => {
  db = await createTestDatabase();
  own = (await makeTenant(db)).id;
  other = (await makeTenant(db)).id;
  const gateway = await makeGateway(db);
  await db
    .connect(db.gatewayUrl)
    .query('select platform.ingest($1, $2)', [
      gateway,
      JSON.stringify({ records: [ledgerRecord(own), ledgerRecord(other)] }),
    ]);
});
afterAll(() => db.close());

const catalog = async (query: string): Promise<unknown[]> => (await db.owner.query<object>(query)).rows;

test('row security is enabled and forced on every table with a tenant_id, on partitions too', async () => {
  const open = await catalog(
    `select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
     where c.relnamespace = 'platform'::regnamespace and c.relkind in ('r', 'p')
       and not (c.relrowsecurity and c.relforcerowsecurity)`,
  );
  expect(open).toEqual([]);
  expect(
    await catalog(
      `select relname from pg_class where relname in ('tenants', 'operators', 'operator_tokens', 'idempotency_keys') and
         relnamespace = 'platform'::regnamespace and not (relrowsecurity and relforcerowsecurity)`,
    ),
  ).toEqual([]);
});

test('tenant_id comes first in every primary key, unique constraint and index, and stands in every foreign key between tenants’ tables', async () => {
  const keys = await catalog(
    `select c.conrelid::regclass::text as on_table, c.conname, c.contype from pg_constraint c
     join pg_attribute t on t.attrelid = c.conrelid and t.attname = 'tenant_id'
     left join pg_attribute f on f.attrelid = c.confrelid and f.attname = 'tenant_id'
     where c.connamespace = 'platform'::regnamespace and (
       c.contype in ('p', 'u') and c.conkey[1] <> t.attnum
       or c.contype = 'f' and f.attnum is not null and (c.conkey[1] <> t.attnum or c.confkey[1] <> f.attnum)
       or c.contype = 'x')`,
  );
  expect(keys).toEqual([]);
  const uniqueIndexes = await catalog(
    `select i.indexrelid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indrelid
     join pg_attribute t on t.attrelid = i.indrelid and t.attname = 'tenant_id'
     where c.relnamespace = 'platform'::regnamespace and i.indisunique and i.indkey[0] <> t.attnum`,
  );
  expect(uniqueIndexes).toEqual([]);
});

test('one tenant’s key cannot be bound to another’s workflow, and the answer does not tell whether it exists', async () => {
  const theirs = await makeWorkflow(db, other);
  for (const workflow of [theirs, randomUUID()]) {
    await expect(makeKey(db, own, { defaultWorkflowId: workflow })).rejects.toMatchObject({ code: '23503' });
  }
});

test('names are unique within a tenant, not over all of them', async () => {
  await makeWorkflow(db, own, 'lead-scoring');
  await expect(makeWorkflow(db, other, 'lead-scoring')).resolves.toBeTypeOf('string');
});

test('views run with the rights of who asks; there are no materialized ones', async () => {
  expect(
    await catalog(
      `select relname from pg_class where relnamespace = 'platform'::regnamespace and (relkind = 'm' or relkind = 'v'
         and not coalesce(reloptions::text[] @> array['security_invoker=true'], false))`,
    ),
  ).toEqual([]);
});

test('functions that run as their owner have a pinned empty search path, belong to the definer, and are not PUBLIC’s', async () => {
  expect(
    await catalog(
      `select proname from pg_proc where pronamespace = 'platform'::regnamespace and (
         -- a body that was parsed when it was made looks nothing up later
         prosqlbody is null and prokind <> 'a' and not coalesce(proconfig, '{}') @> array['search_path=""']
         or prosecdef and pg_get_userbyid(proowner) <> 'td_definer' and proname not in ('ensure_partitions', 'archive_partitions')
         or exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) x where x.grantee = 0))`,
    ),
  ).toEqual([]);
});

test('every setting and function in a policy is evaluated once a query, not once a row', async () => {
  const policies = await db.owner.query<{ polname: string; text: string }>(
    `select tablename || '.' || policyname as polname, coalesce(qual, '') || coalesce(with_check, '') as text
     from pg_policies where schemaname = 'platform'`,
  );
  expect(policies.rows.length).toBeGreaterThan(40);
  for (const { polname, text } of policies.rows) {
    const outside = text
      .replaceAll(/\( SELECT (platform\.)?\w+\(\) AS \w+\)/g, '')
      .replaceAll(/\( SELECT \(NULLIF\(current_setting\([^()]*\), ''::text\)\)::uuid AS "?\w+"?\)/g, '');
    expect(outside, polname).not.toMatch(/current_setting|my_tenants|my_operator|sees_all/);
  }
});

test('nobody was given a partition, and its rows cannot be read or written past the ledger', async () => {
  const partitions = await db.owner.query<{ name: string }>(
    `select relname as name from pg_class where relispartition and relkind = 'r' and relnamespace = 'platform'::regnamespace`,
  );
  expect(partitions.rows.length).toBeGreaterThanOrEqual(16);
  expect(
    await catalog(
      `select c.relname, x.grantee::regrole from pg_class c, aclexplode(c.relacl) x
       where c.relispartition and c.relnamespace = 'platform'::regnamespace and x.grantee <> c.relowner`,
    ),
  ).toEqual([]);
  const name = `usage_records_${new Date().toISOString().slice(0, 7).replace('-', '_')}`;
  expect((await db.owner.query(`select from platform.${name}`)).rowCount).toBe(0);
  await expect(db.connect(db.gatewayUrl).query(`select from platform.${name}`)).rejects.toMatchObject({
    code: '42501',
  });
});

test('history cannot be changed, not even by the owner of the tables', async () => {
  for (const statement of [
    'update platform.usage_records set cost_nanousd = 0',
    'delete from platform.usage_records',
    'truncate platform.usage_records',
    'truncate platform.audit_log cascade',
    'truncate platform.cap_changes',
  ]) {
    await expect(db.owner.query(statement), statement).rejects.toMatchObject({ code: 'TD403' });
  }
});

test('a tenant set in one transaction is gone in the next, on the same connection', async () => {
  const client = await db.connect(db.urlFor('td_tenant')).connect();
  try {
    await client.query('begin');
    await client.query(`select set_config('app.current_tenant', $1, true)`, [own]);
    expect((await client.query('select tenant_id from platform.usage_records')).rows).toEqual([{ tenant_id: own }]);
    await client.query('commit');
    // It is '' now, not null: a cast without NULLIF would fail here.
    expect((await client.query('select from platform.usage_records')).rowCount).toBe(0);
  } finally {
    client.release();
  }
});

test('who an operator is cannot be said by the client: not by a setting, not by SET ROLE, not by a row of their own', async () => {
  const viewer = await makeOperator(db, { role: 'viewer', tenantIds: [own] });
  const client = await db.connect(viewer.url).connect();
  try {
    for (const name of ['app.current_tenant', 'app.operator', 'app.login']) {
      await client.query(`select set_config($1, $2, false)`, [name, other]);
    }
    await client.query('set role td_viewer');
    expect((await client.query('select id from platform.tenants')).rows).toEqual([{ id: own }]);
    await client.query('reset role');
    await expect(client.query('set role td_admin')).rejects.toMatchObject({ code: '42501' });
    await expect(client.query('set session authorization postgres')).rejects.toMatchObject({ code: '42501' });
    await expect(
      client.query(`insert into platform.operator_tenants (tenant_id, operator_id) values ($1, $2)`, [
        other,
        viewer.id,
      ]),
    ).rejects.toMatchObject({ code: '42501' });
  } finally {
    client.release(true);
  }
});

test('a member of the owner role is bound by row security as well: it sees by policy, not by ownership', async () => {
  await expect(db.owner.query('set role td_definer')).rejects.toMatchObject({ code: '42501' });
  const { rows } = await db.owner.query(
    `select count(*)::int as n from pg_policies where schemaname = 'platform' and roles = '{td_owner}' and qual = 'true'`,
  );
  const tables = await db.owner.query(
    `select count(*)::int as n from pg_class where relnamespace = 'platform'::regnamespace and relrowsecurity and not relispartition`,
  );
  expect(rows).toEqual(tables.rows);
});

test('an operator’s condition cannot look at rows that row security hides', async () => {
  const viewer = await makeOperator(db, { role: 'viewer', tenantIds: [own] });
  const pool = db.connect(viewer.url);
  // Fails on the hidden row if the condition ran before the policy.
  const { rows } = await pool.query(
    `select id from platform.tenants where 1 / (case when id = $1 then 0 else 1 end) = 1`,
    [other],
  );
  expect(rows).toEqual([{ id: own }]);
});

test('a cap names the thing of its scope', async () => {
  const key = await makeKey(db, own);
  await expect(makeCap(db, own, { limitNanoUsd: 1n, keyId: key.id })).resolves.toBeTypeOf('string');
  await expect(
    db.owner.query(
      `insert into platform.caps (tenant_id, scope, key_id, period, limit_nanousd) values ($1, 'tenant', $2, 'month', 1)`,
      [own, key.id],
    ),
  ).rejects.toMatchObject({ code: '23514' });
  await expect(makeCap(db, other, { limitNanoUsd: 1n, keyId: key.id })).rejects.toMatchObject({ code: '23503' });
  await makeCap(db, other, { limitNanoUsd: 1n });
  await expect(makeCap(db, other, { limitNanoUsd: 2n })).rejects.toMatchObject({ code: '23505' });
});

/** What row security has to withstand besides the twelve traps and the catalog's rules: people who try. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { makeCap, makeGateway, makeKey, makeOperator, makeTenant } from '../testing/factories.ts';
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

test('a viewer sees one person, themselves', async () => {
  const { url, id } = await makeOperator(db, { role: 'viewer' });
  expect((await db.connect(url).query('select id from platform.operators')).rows).toEqual([{ id }]);
});

test('a disabled operator sees nothing, nor one whose login lost its group', async () => {
  const gone = await makeOperator(db, { role: 'operator' });
  await db.owner.query('update platform.operators set disabled_at = now() where id = $1', [gone.id]);
  const moved = await makeOperator(db, { role: 'operator' });
  await db.owner.query(`update platform.operators set role = 'admin', all_tenants = true where id = $1`, [moved.id]);
  for (const { url } of [gone, moved]) {
    expect((await db.connect(url).query('select from platform.board')).rowCount).toBe(0);
  }
});

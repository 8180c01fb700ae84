import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { makeOperator, makeTenant, type MadeOperator } from '../testing/factories.ts';

let db: TestDatabase;
let auditor: MadeOperator;
beforeAll(async () => {
  db = await createTestDatabase();
  auditor = await makeOperator(db, { role: 'auditor' });
});
afterAll(() => db.close());

const superuser = (): ReturnType<TestDatabase['connect']> => db.connect(db.superuserUrl);

async function append(tenantId: string, count: number, writer = 'anna'): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    await superuser().query(
      `select platform.audit_append($1, null, $2, 'cap.set', $3, '{"limitNanoUsd": 1}', '{"limitNanoUsd": 2}', 'why')`,
      [tenantId, writer, `cap:${i}`],
    );
  }
}

async function verify(tenantId: string): Promise<unknown> {
  const { rows } = await db.connect(auditor.url).query<object>('select * from platform.audit_verify($1)', [tenantId]);
  return rows[0];
}

test('eight writers on one chain make no fork', async () => {
  const { id } = await makeTenant(db);
  await Promise.all(Array.from({ length: 8 }, (_, i) => append(id, 40, `writer ${i}`)));
  expect(await verify(id)).toEqual({ ok: true, first_bad_seq: null, rows: 320n });
  const { rows } = await db.owner.query(
    `select count(distinct prev_hash)::int as links, count(distinct id)::int as ids, max(seq)::int as last from platform.audit_log where tenant_id = $1`,
    [id],
  );
  expect(rows).toEqual([{ links: 320, ids: 320, last: 320 }]);
});

test.each([
  [
    'an amount is changed',
    `update platform.audit_log set after = '{"limitNanoUsd": 9}' where tenant_id = $1 and seq = 3`,
    3n,
  ],
  ['a name is changed', `update platform.audit_log set login = 'bob' where tenant_id = $1 and seq = 2`, 2n],
  ['a reason is removed', `update platform.audit_log set reason = null where tenant_id = $1 and seq = 4`, 4n],
  [
    'text moves from one field to the next',
    `update platform.audit_log set action = action || target, target = '' where tenant_id = $1 and seq = 1`,
    1n,
  ],
  ['a row is removed', `delete from platform.audit_log where tenant_id = $1 and seq = 3`, 4n],
  ['the end is cut off', `delete from platform.audit_log where tenant_id = $1 and seq > 3`, 4n],
  ['all is removed', `delete from platform.audit_log where tenant_id = $1`, 1n],
  [
    'a row and its own hash are changed',
    `update platform.audit_log l set login = 'bob', hash = platform.audit_hash(row(
     l.tenant_id, l.seq, l.id, l.at, l.operator_id, 'bob', l.action, l.target, l.before, l.after, l.reason, l.prev_hash, l.hash)::platform.audit_log)
     where tenant_id = $1 and seq = 2`,
    3n,
  ],
])('%s by somebody with all power: it is found', async (_, tamper, firstBad) => {
  const { id } = await makeTenant(db);
  await append(id, 5);
  const client = await superuser().connect();
  await client.query('begin');
  await client.query('set local session_replication_role = replica'); // past the append-only trigger
  await client.query(tamper, [id]);
  await client.query('commit');
  client.release();
  expect(await verify(id)).toMatchObject({ ok: false, first_bad_seq: firstBad });
});

test('each tenant has a chain of its own; an empty one is sound', async () => {
  const one = (await makeTenant(db)).id;
  const other = (await makeTenant(db)).id;
  await append(one, 2);
  expect(await verify(one)).toMatchObject({ ok: true, rows: 2n });
  expect(await verify(other)).toMatchObject({ ok: true, rows: 0n });
});

test('an auditor verifies the chains of their tenants only; others may not verify', async () => {
  const mine = (await makeTenant(db)).id;
  const theirs = (await makeTenant(db)).id;
  const who = await makeOperator(db, { role: 'auditor', tenantIds: [mine] });
  const pool = db.connect(who.url);
  expect((await pool.query('select ok from platform.audit_verify($1)', [mine])).rows).toEqual([{ ok: true }]);
  await expect(pool.query('select ok from platform.audit_verify($1)', [theirs])).rejects.toMatchObject({
    code: 'TD404',
  });
  const operator = await makeOperator(db, { role: 'operator' });
  await expect(
    db.connect(operator.url).query('select ok from platform.audit_verify($1)', [mine]),
  ).rejects.toMatchObject({ code: '42501' });
});

test('nobody appends by hand', async () => {
  const admin = await makeOperator(db, { role: 'admin' });
  for (const url of [admin.url, db.gatewayUrl, db.ownerUrl]) {
    await expect(
      db.connect(url).query(`select platform.audit_append($1, null, 'x', 'x', null, null, null, null)`, [randomUUID()]),
    ).rejects.toMatchObject({ code: '42501' });
  }
});

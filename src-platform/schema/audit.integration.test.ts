import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../local/seeded-random.ts';
import { appendEntries, isConsistent, tamper, TAMPERINGS } from '../testing/audit-tampering.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { makeGateway, makeOperator, makeTenant, type MadeOperator } from '../testing/factories.ts';

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

const PLATFORM = '00000000-0000-0000-0000-000000000000';

async function anchor(every = '0'): Promise<number> {
  const { rows } = await superuser().query<{ heads: number }>('select platform.audit_anchor($1) as heads', [every]);
  return rows[0]!.heads;
}

async function verify(tenantId: string): Promise<unknown> {
  const { rows } = await db.connect(auditor.url).query<object>('select * from platform.audit_verify($1)', [tenantId]);
  return rows[0];
}

test('eight writers on one chain make no fork', async () => {
  const { id } = await makeTenant(db);
  await Promise.all(Array.from({ length: 8 }, (_, i) => append(id, 40, `writer ${i}`)));
  expect(await verify(id)).toEqual({ ok: true, first_bad_seq: null, what: null, rows: 320n });
  const { rows } = await db.owner.query(
    `select count(distinct prev_hash)::int as links, count(distinct id)::int as ids, max(seq)::int as last from platform.audit_log where tenant_id = $1`,
    [id],
  );
  expect(rows).toEqual([{ links: 320, ids: 320, last: 320 }]);
});

test.each(TAMPERINGS.filter((kind) => !isConsistent(kind)))(
  '%s by somebody with all power: it is named with the first bad entry',
  async (kind) => {
    const random = seededRandom(`sql ${kind}`);
    for (let round = 0; round < 6; round += 1) {
      const id = await appendEntries(superuser(), 7);
      const { told, seq, what } = await tamper(superuser(), id, 7, kind, random);
      expect(await verify(id), told).toMatchObject({ ok: false, first_bad_seq: seq, what });
    }
  },
);

test('the whole chain rewritten or cut with its head: its anchor in the platform’s chain tells', async () => {
  const random = seededRandom('anchored');
  for (const kind of TAMPERINGS.filter(isConsistent)) {
    const id = await appendEntries(superuser(), 7);
    await anchor();
    await appendEntries(superuser(), 2, id);
    expect(await verify(id), 'untouched').toMatchObject({ ok: true });
    const { told, seq, what } = await tamper(superuser(), id, 7, kind, random);
    expect(await verify(id), told).toMatchObject({ ok: false, first_bad_seq: seq, what });
  }
});

test('each tenant has a chain of its own; an empty one is sound', async () => {
  const one = (await makeTenant(db)).id;
  const other = (await makeTenant(db)).id;
  await append(one, 2);
  expect(await verify(one)).toMatchObject({ ok: true, rows: 2n });
  expect(await verify(other)).toMatchObject({ ok: true, rows: 0n });
});

test('everybody who sees the audit log verifies what they see, and nothing else', async () => {
  const mine = (await makeTenant(db)).id;
  const theirs = (await makeTenant(db)).id;
  for (const role of ['account_manager', 'operator', 'auditor'] as const) {
    const pool = db.connect((await makeOperator(db, { role, tenantIds: [mine] })).url);
    expect((await pool.query('select ok from platform.audit_verify($1)', [mine])).rows).toEqual([{ ok: true }]);
    for (const other of [theirs, PLATFORM]) {
      await expect(pool.query('select ok from platform.audit_verify($1)', [other])).rejects.toMatchObject({
        code: 'TD404',
      });
    }
  }
  for (const role of ['operator', 'admin', 'auditor'] as const) {
    const pool = db.connect((await makeOperator(db, { role })).url);
    for (const chain of [theirs, PLATFORM]) {
      expect((await pool.query('select ok from platform.audit_verify($1)', [chain])).rows).toEqual([{ ok: true }]);
    }
  }
  const viewer = await makeOperator(db, { role: 'viewer' });
  await expect(db.connect(viewer.url).query('select ok from platform.audit_verify($1)', [mine])).rejects.toMatchObject({
    code: '42501',
  });
});

describe('anchoring', () => {
  test('writes each head that moved once, and no more often than asked', async () => {
    await anchor();
    const one = await appendEntries(superuser(), 2);
    const other = await appendEntries(superuser(), 3);
    expect(await anchor()).toBe(2);
    const { rows } = await superuser().query<{ heads: object }>(
      `select after -> 'heads' as heads from platform.audit_log where tenant_id = $1 order by seq desc limit 1`,
      [PLATFORM],
    );
    expect(rows[0]!.heads).toEqual({ [one]: [2, expect.any(String)], [other]: [3, expect.any(String)] });
    expect(await anchor(), 'nothing moved').toBe(0);
    await appendEntries(superuser(), 1, one);
    expect(await anchor('1 hour'), 'too early').toBe(0);
    expect(await anchor()).toBe(1);
  });

  test('comes with the gateways’ heartbeat', async () => {
    await superuser().query(`update platform.audit_anchors set at = at - interval '1 hour'`);
    const id = await appendEntries(superuser(), 1);
    const gateway = await makeGateway(db);
    await db.connect(db.gatewayUrl).query('select platform.gateway_heartbeat($1)', [gateway]);
    const { rowCount } = await superuser().query(
      `select from platform.audit_log where tenant_id = $1 and after -> 'heads' ? $2`,
      [PLATFORM, id],
    );
    expect(rowCount).toBe(1);
  });

  test('waits for no append, and no append of a tenant waits for it', async () => {
    await anchor();
    const appending = await superuser().connect();
    const anchoring = await superuser().connect();
    const id = await appendEntries(superuser(), 1);
    await appending.query('begin');
    await appending.query(`select platform.audit_append($1, null, 'x', 'x', null, null, null, null)`, [id]);
    await anchoring.query(`begin; set local lock_timeout = '2s'`);
    const { rows } = await anchoring.query(`select platform.audit_anchor('0') as heads`);
    expect(rows, 'the head as it was committed').toEqual([{ heads: 1 }]);
    await appending.query(`set local lock_timeout = '2s'`);
    await appending.query(`select platform.audit_append($1, null, 'x', 'x', null, null, null, null)`, [id]);
    expect(await anchor(), 'a second one leaves it to the first').toBe(0);
    await anchoring.query('commit');
    await appending.query('commit');
    expect(await verify(id)).toMatchObject({ ok: true, rows: 3n });
    await appending.query('begin');
    await appending.query(`select platform.audit_append($1, null, 'x', 'x', null, null, null, null)`, [PLATFORM]);
    expect(await anchor(), 'while the platform’s own chain is written to').toBe(0);
    await appending.query('commit');
    expect(await anchor()).toBe(1);
    expect(await verify(PLATFORM)).toMatchObject({ ok: true });
    for (const client of [appending, anchoring]) client.release();
  });
});

test('an export is noted once: in its client’s chain, else in the platform’s', async () => {
  const mine = (await makeTenant(db)).id;
  const theirs = (await makeTenant(db)).id;
  const manager = await makeOperator(db, { role: 'account_manager', tenantIds: [mine] });
  const pool = db.connect(manager.url);
  const note = (tenant: string | null, format: string, key = randomUUID()): Promise<unknown> =>
    pool.query(`select platform.record_audit_export($1, $2, '{"action": "cap.set"}', $3)`, [tenant, format, key]);
  const key = randomUUID();
  await note(mine, 'csv', key);
  await note(mine, 'csv', key);
  await note(null, 'jsonl');
  const { rows } = await superuser().query(
    `select tenant_id, login, after from platform.audit_log where action = 'audit.export' and login = $1 order by id`,
    [manager.login],
  );
  expect(rows).toEqual([
    { tenant_id: mine, login: manager.login, after: { format: 'csv', filter: { action: 'cap.set' } } },
    { tenant_id: PLATFORM, login: manager.login, after: { format: 'jsonl', filter: { action: 'cap.set' } } },
  ]);
  await expect(note(mine, 'jsonl', key)).rejects.toMatchObject({ code: 'TD422' });
  await expect(note(mine, 'pdf')).rejects.toMatchObject({ code: 'TD400' });
  await expect(note(theirs, 'csv')).rejects.toMatchObject({ code: 'TD404' });
});

test('nobody appends by hand', async () => {
  const admin = await makeOperator(db, { role: 'admin' });
  for (const url of [admin.url, db.gatewayUrl, db.ownerUrl]) {
    await expect(
      db.connect(url).query(`select platform.audit_append($1, null, 'x', 'x', null, null, null, null)`, [randomUUID()]),
    ).rejects.toMatchObject({ code: '42501' });
  }
});

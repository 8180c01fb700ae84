/** Everything but LISTEN and migrations goes through PgBouncer in transaction mode, whose clients share two connections a login. */
import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { migrate } from '../schema/migrate.ts';
import { eventually } from '../testing/eventually.ts';
import { makeOperator, type MadeOperator } from '../testing/factories.ts';
import { startPgBouncer, type PgBouncer } from '../testing/pg-bouncer.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';
import { chat, knownAt, ledgerOf, makeCappedTenant } from './testing/tenant-calls.ts';

const CENT = 10_000_000n;

let site: TestSite;
let operator: MadeOperator;
let pooler: PgBouncer;
const pools: Pool[] = [];

beforeAll(async () => {
  site = await createTestSite();
  operator = await makeOperator(site.db, { role: 'operator' });
  const logins = [operator.url, site.db.urlFor('td_tenant'), site.db.superuserUrl];
  pooler = await startPgBouncer(site.db.gatewayUrl, 2, { env: process.env, logins, ignores: '' });
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await site.close();
  if (pooler.found) await pooler.stop();
});
beforeEach((context) => {
  if (!pooler.found) context.skip(pooler.reason);
});

/** The same login and database, through the pooler. */
function pooled(address: string): string {
  if (!pooler.found) throw new Error(pooler.reason);
  const url = new URL(address);
  const { host } = new URL(pooler.url);
  url.host = host;
  return url.href;
}

/** Eight clients of a login. */
function through(address: string): Pool {
  const pool = new Pool({ connectionString: pooled(address), max: 8 });
  pools.push(pool);
  return pool;
}

test('a gateway admits, settles, refuses and obeys a raise', async () => {
  const { db } = site;
  const gateway = await site.startGateway({ databaseUrl: pooled(db.gatewayUrl), directUrl: db.gatewayUrl });
  const tenant = await makeCappedTenant(db, CENT);
  await knownAt(gateway.address, tenant.key);
  const call = async (): Promise<number> =>
    (await chat(gateway.address, tenant.key, { script: { answer: 400, prompt: 20 } })).status;
  const answers: number[] = [];
  for (let calls = 0; calls < 20 && answers.at(-1) !== 402; calls += 1) answers.push(await call());
  expect(answers).toContain(200);
  expect(answers.at(-1)).toBe(402);
  await eventually(async () => {
    expect(await ledgerOf(db, tenant.id)).toHaveLength(answers.filter((status) => status === 200).length);
  });
  await through(operator.url).query('select platform.set_cap($1, $2, $3, 1, $4, null)', [
    tenant.id,
    tenant.capId,
    100n * CENT,
    randomUUID(),
  ]);
  await eventually(async () => expect(await call()).toBe(200));
});

test('changes at once get their turn: one cap, one version, the advisory locks of transactions', async () => {
  const { db } = site;
  const tenant = await makeCappedTenant(db, CENT);
  const pool = through(operator.url);
  const key = randomUUID();
  const change = (idempotencyKey: string): Promise<unknown> =>
    pool.query('select platform.set_cap($1, $2, $3, 1, $4, null) as answer', [
      tenant.id,
      tenant.capId,
      2n * CENT,
      idempotencyKey,
    ]);
  const same = await Promise.all(Array.from({ length: 6 }, () => change(key)));
  expect(new Set(same.map((answer) => JSON.stringify((answer as { rows: unknown[] }).rows))).size, 'first answer').toBe(
    1,
  );
  await expect(change(randomUUID())).rejects.toMatchObject({ code: 'TD409' });
  const gateway = through(db.gatewayUrl);
  const months = await Promise.all(
    Array.from({ length: 6 }, () =>
      gateway.query<{ made: number }>(`select platform.ensure_partitions((now() + interval '6 months')::date) as made`),
    ),
  );
  expect(months.map(({ rows }) => rows[0]!.made).toSorted((a, b) => b - a)).toEqual([4, 0, 0, 0, 0, 0]);
});

test('what a transaction sets ends with it: nobody meets another’s tenant', async () => {
  const { db } = site;
  const tenants = [await makeCappedTenant(db, CENT), await makeCappedTenant(db, CENT)];
  const pool = through(db.urlFor('td_tenant'));
  const caps = async (tenantId?: string): Promise<string[]> => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      if (tenantId !== undefined) await client.query(`select set_config('app.current_tenant', $1, true)`, [tenantId]);
      const { rows } = await client.query<{ tenant_id: string }>('select tenant_id from platform.caps');
      await client.query('commit');
      return rows.map(({ tenant_id: id }) => id);
    } finally {
      client.release();
    }
  };
  await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const id = [...tenants.map((tenant) => tenant.id), undefined][index % 3];
      expect(await caps(id)).toEqual(id === undefined ? [] : [id]);
    }),
  );
});

test('statements prepared by a driver live as long as they are needed', async () => {
  const pool = through(operator.url);
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) => pool.query<{ n: number }>('select $1::int as n', [n])),
  );
  expect(answers.map(({ rows }) => rows[0]!.n)).toEqual(Array.from({ length: 40 }, (_, n) => n));
});

test('LISTEN and migrations don’t pass it, and are refused with what to do', async () => {
  await expect(site.startGateway({ databaseUrl: pooled(site.db.gatewayUrl) })).rejects.toThrow(
    /TENANTDESK_DATABASE_URL leads through a connection pooler.*TENANTDESK_DATABASE_DIRECT_URL/,
  );
  await expect(migrate({ databaseUrl: pooled(site.db.superuserUrl) })).rejects.toThrow(
    /leads through a connection pooler/,
  );
  expect(await migrate({ databaseUrl: site.db.superuserUrl })).toEqual([]);
});

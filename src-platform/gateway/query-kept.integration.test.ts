import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { startFaultProxy, type FaultProxy } from '../testing/fault-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { createDatabasePools, type DatabasePools } from './database-pools.ts';
import { queryKept } from './query-kept.ts';

let db: TestDatabase;
let proxy: FaultProxy;
let pools: DatabasePools;
beforeAll(async () => {
  db = await createTestDatabase();
  proxy = await startFaultProxy(db.gatewayUrl);
  pools = createDatabasePools(proxy.url, () => undefined);
});
afterAll(async () => {
  await pools?.close();
  await proxy?.close();
  await db?.close();
});

/** How many of our queries the database is at. */
async function running(): Promise<number> {
  const { rows } = await db.connect(db.superuserUrl, 1).query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity where datname = current_database() and state = 'active'
     and query like 'select pg_sleep(60%'`,
  );
  return rows[0]!.count;
}

test.each(['terminated', 'cut'] as const)(
  'a connection that is %s in the middle of a query ends the query, not the process',
  async (how) => {
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtException', note);
    try {
      proxy.set('forward');
      const asked = Promise.allSettled([queryKept(pools.recovery, 'select pg_sleep(60)', [])]);
      await eventually(async () => expect(await running()).toBe(1));
      if (how === 'cut') proxy.set('refuse');
      else await terminate();
      expect(await asked).toMatchObject([{ status: 'rejected' }]);
      proxy.set('forward');
      // An idle connection may have been cut as well.
      await eventually(async () => {
        expect((await queryKept<{ one: number }>(pools.grants, 'select 1 as one', [])).rows).toEqual([{ one: 1 }]);
      });
      expect(uncaught).toEqual([]);
    } finally {
      process.off('uncaughtException', note);
    }
  },
);

async function terminate(): Promise<void> {
  await db
    .connect(db.superuserUrl, 1)
    .query(`select pg_terminate_backend(pid) from pg_stat_activity where query like 'select pg_sleep(60%'`);
}

import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeOperator } from '../../../src-platform/testing/factories.ts';
import { createTestDatabase, type TestDatabase } from '../../../src-platform/testing/test-database.ts';
import { startFaultProxy } from '../../../src-platform/testing/fault-proxy.ts';
import { createFakeLogger } from '../../testing/fake-logger.ts';
import { createDatabase } from './database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

it('a connection that breaks while its statement runs ends the statement, and nothing else', async () => {
  const { url } = await makeOperator(db, { role: 'viewer' });
  const proxy = await startFaultProxy(url);
  const database = createDatabase(proxy.url, createFakeLogger());
  const running = database.rows((builder) => sql<object>`select pg_sleep(20)`.compile(builder));
  const watching = db.connect(db.superuserUrl);
  for (;;) {
    const { rowCount } = await watching.query(
      `select from pg_stat_activity where state = 'active' and query = 'select pg_sleep(20)'`,
    );
    if (rowCount === 1) break;
  }
  proxy.set('refuse');
  await expect(running).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  proxy.set('forward');
  expect(await database.rows((builder) => sql<object>`select 1 as one`.compile(builder))).toEqual([{ one: 1 }]);
  await database.close();
  await proxy.close();
});

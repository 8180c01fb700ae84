/** Random work by everybody at once: nobody meets a row that is not theirs. The full figures are `npm run torture`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPgBouncer } from '../testing/pg-bouncer.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { runInterleaved } from '../testing/isolation/run-interleaved.ts';
import { runRandomQueries } from '../testing/isolation/run-random-queries.ts';
import { makeIsolationScene, type IsolationScene } from '../testing/isolation/scene.ts';

let db: TestDatabase;
let scene: IsolationScene;
beforeAll(async () => {
  db = await createTestDatabase();
  scene = await makeIsolationScene(db);
});
afterAll(() => db.close());

describe('random queries', () => {
  test('see their own rows, all of them, and no others', async () => {
    const work = await runRandomQueries(scene, { count: 2_000, seed: 'queries' });
    expect(work.wrong.slice(0, 3)).toEqual([]);
    expect(work.rows).toBeGreaterThan(2_000);
    expect(work.errors).toBeGreaterThan(100);
  });
});

describe('interleaved transactions on shared connections', () => {
  test.each([1, 2, 3, 4])('%i of them: nobody meets another’s row', async (connections) => {
    const work = await runInterleaved(scene, { count: 150, seed: `connections ${connections}`, connections });
    expect(work.wrong.slice(0, 3)).toEqual([]);
    expect(work.rows).toBeGreaterThan(500);
    expect(work.errors).toBeGreaterThan(20);
  });

  test('nor through PgBouncer in transaction mode', async (context) => {
    const pooler = await startPgBouncer(db.urlFor('td_tenant'), 2, { env: process.env });
    if (!pooler.found) {
      context.skip(pooler.reason);
      return;
    }
    try {
      const work = await runInterleaved(scene, { count: 300, seed: 'pooler', connections: 8, url: pooler.url });
      expect(work.wrong.slice(0, 3)).toEqual([]);
      expect(work.rows).toBeGreaterThan(500);
      // The pooler does hand connections on: what stays on one is met by the next.
      const careless = { count: 100, seed: 'session', connections: 8, url: pooler.url, forTheSession: true };
      expect((await runInterleaved(scene, careless)).wrong.length).toBeGreaterThan(0);
    } finally {
      await pooler.stop();
    }
  });

  test('a program that sets its tenant for the session is noticed', async () => {
    const work = await runInterleaved(scene, { count: 100, seed: 'session', connections: 1, forTheSession: true });
    expect(work.wrong.length).toBeGreaterThan(0);
  });
});

describe('random queries notice', () => {
  let broken: TestDatabase;
  let open: IsolationScene;
  beforeAll(async () => {
    broken = await createTestDatabase();
    open = await makeIsolationScene(broken, 2);
  });
  afterAll(() => broken.close());
  const policy = `tenant_id = (select nullif(current_setting('app.current_tenant', true), '')::uuid)`;

  // prettier-ignore
  test.each([
    ['a policy that lets everything through', 'alter policy tenant_read on platform.usage_daily using (true)', `alter policy tenant_read on platform.usage_daily using (${policy})`],
    ['a policy that hides too much', 'alter policy tenant_read on platform.usage_daily using (false)', `alter policy tenant_read on platform.usage_daily using (${policy})`],
    ['a table without row security', 'alter table platform.caps disable row level security', 'alter table platform.caps enable row level security'],
    ['a view with its owner’s rights', 'alter view platform.board set (security_invoker = false)', 'alter view platform.board set (security_invoker = true)'],
    ['tables that everybody may read', 'grant select on all tables in schema platform to td_tenant', 'revoke select on all tables in schema platform from td_tenant'],
  ])('%s', async (_, unguard, mend) => {
    const superuser = broken.connect(broken.superuserUrl);
    await superuser.query(unguard);
    const work = await runRandomQueries(open, { count: 400, seed: 'broken' });
    await superuser.query(mend);
    expect(work.wrong.length).toBeGreaterThan(0);
  });
});

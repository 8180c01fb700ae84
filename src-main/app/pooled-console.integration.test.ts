/** A console whose database is behind PgBouncer in transaction mode: everything but LISTEN goes through it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCap, makeOperator, makeTenant } from '../../src-platform/testing/factories.ts';
import { startPgBouncer } from '../../src-platform/testing/pg-bouncer.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import type { BoardRow } from '../contract/board.ts';
import { nextState } from '../testing/next-state.ts';
import { mergeFrame, openTestConsole } from '../testing/test-console.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

it('shows, changes, hears of others’ changes and verifies', async (context) => {
  const operator = await makeOperator(db, { role: 'operator' });
  const pooler = await startPgBouncer(operator.url, 2, { env: process.env, ignores: '' });
  if (!pooler.found) return context.skip(pooler.reason);
  const tenantId = (await makeTenant(db, { name: 'Clinic B' })).id;
  const capId = await makeCap(db, tenantId, { limitNanoUsd: 25_000_000_000n });
  const made = await openTestConsole({
    ...operator,
    url: pooler.url,
    directUrl: operator.url,
    gatewayUrl: 'http://127.0.0.1:9',
  });
  const { client } = made;
  try {
    const rows = new Map<string, BoardRow>();
    const limitOf = async (wanted: bigint): Promise<void> => {
      const frames = await client.board.watch();
      await nextState(frames, (frame) => mergeFrame(rows, frame).get(tenantId)?.cap?.limitNanoUsd === wanted);
      await frames.return();
    };
    await limitOf(25_000_000_000n);
    const change = { kind: 'set', limitNanoUsd: 30_000_000_000n } as const;
    await client.caps.change({ tenantId, capId, expectedVersion: 1, idempotencyKey: randomUUID(), change });
    await limitOf(30_000_000_000n);
    await db.owner.query('update platform.caps set limit_nanousd = 40000000000 where id = $1', [capId]);
    await db.owner.query(`select platform.announce('caps', $1)`, [tenantId]);
    await limitOf(40_000_000_000n);
    expect((await client.audit.list({ chain: tenantId })).entries).toHaveLength(1);
    const checks = [];
    for await (const state of await client.audit.verify({})) checks.push(state);
    expect(checks.at(-1)).toMatchObject({ done: true, entries: 1, findings: [] });
    const session = await nextState(await client.session.watch(), (state) => state.database.state === 'live');
    expect(session.operator).toMatchObject({ login: operator.login });
  } finally {
    await made.console.close();
    await pooler.stop();
  }
  return undefined;
});

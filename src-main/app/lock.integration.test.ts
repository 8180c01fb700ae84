/** What the lock ends, and what is told of the time behind it, against a real database. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { makeCap, makeOperator, makeTenant, type MadeOperator } from '../../src-platform/testing/factories.ts';
import { createRequestDesk, type RequestDesk } from '../../src-platform/testing/request-desk.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import { systemClock } from '../infra/clock.ts';
import { nextState } from '../testing/next-state.ts';
import { openTestConsole, type TestConsole } from '../testing/test-console.ts';

const PASSPHRASE = 'correct horse battery staple';

let db: TestDatabase;
let requests: RequestDesk;
let operator: MadeOperator;
let colleague: MadeOperator;
let asker: MadeOperator;
let made: TestConsole;

beforeAll(async () => {
  db = await createTestDatabase();
  requests = createRequestDesk(db);
  operator = await makeOperator(db, { role: 'operator' });
  asker = await makeOperator(db, { role: 'operator' });
  colleague = await makeOperator(db, { role: 'admin' });
});
afterEach(() => made.console.close());
afterAll(() => db.close());

/** Somebody asks for more for a client, of whom an alert is raised too. */
async function ask(): Promise<{ tenantId: string; requestId: string }> {
  const { id: tenantId } = await makeTenant(db);
  const capId = await makeCap(db, tenantId, { limitNanoUsd: 25_000_000_000n, period: 'day' });
  const asked = await requests.ask(asker, { tenantId, capId, amount: 1_000_000_000n });
  await db.owner.query(
    `insert into platform.cap_alerts (tenant_id, id, cap_id, period_start, period_end, threshold, raised_at, charged_nanousd, limit_nanousd)
     select tenant_id, $2, cap_id, period_start, period_end, 50, now(), charged_nanousd, limit_nanousd
     from platform.cap_periods where cap_id = $1`,
    [capId, randomUUID()],
  );
  return { tenantId, requestId: asked.requestId! };
}
const decline = (request: { tenantId: string; requestId: string }) =>
  requests.decide(colleague, { ...request, decision: 'decline', reason: 'Not now' });
/** All that is there came two hours ago. */
async function age(): Promise<void> {
  await db.owner.query(
    `update platform.increase_requests set requested_at = requested_at - interval '2 h', decided_at = decided_at - interval '2 h'`,
  );
  await db.owner.query(`update platform.cap_alerts set raised_at = raised_at - interval '2 h'`);
}
const signedIn = async (): Promise<unknown> =>
  nextState(await made.client.session.watch(), (told) => told.operator !== null);
async function connections(): Promise<number> {
  const { rows } = await db.owner.query<{ count: number }>(
    'select count(*)::int as count from pg_stat_activity where usename = $1',
    [operator.login],
  );
  return rows[0]!.count;
}

it('ends every connection, so that nothing is read, kept or told; unlocking tells what was missed, until it was seen', async () => {
  // The console's lock lasts an hour by the clock on the wall.
  let agoMs = 3_600_000;
  const clock = { ...systemClock, now: () => new Date(Date.now() - agoMs) };
  made = await openTestConsole({ ...operator, gatewayUrl: 'http://127.0.0.1:9', clock });
  const { client, console } = made;
  await client.vault.setUp({ passphrase: PASSPHRASE, keychain: false });
  await signedIn();
  await decline(await ask());
  await ask();
  await age();
  expect(await client.session.missed()).toBeNull();
  expect(await connections()).toBeGreaterThan(0);

  expect(await console.lock('screen')).toBe(true);
  expect(console.access.get()).toMatchObject({ locked: true, lock: { reason: 'screen' } });
  await expect.poll(connections, { timeout: 20_000 }).toBe(0);
  await decline(await ask());
  await ask();
  await ask();
  await expect(client.session.missed()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(await connections()).toBe(0);

  agoMs = 0;
  await client.vault.unlock({ way: 'passphrase', passphrase: PASSPHRASE });
  await signedIn();
  const missed = await client.session.missed();
  expect(missed).toMatchObject({ alerts: 3, requests: 2, decisions: 1 });
  expect(missed!.unlockedAt.getTime() - missed!.lockedAt.getTime()).toBeGreaterThanOrEqual(3_600_000);

  // Locked again before it was seen: the first lock still counts.
  await console.lock('command');
  await ask();
  await client.vault.unlock({ way: 'passphrase', passphrase: PASSPHRASE });
  await signedIn();
  expect(await client.session.missed()).toMatchObject({ lockedAt: missed!.lockedAt, requests: 3, decisions: 1 });
  await client.session.missedSeen();
  expect(await client.session.missed()).toBeNull();
});

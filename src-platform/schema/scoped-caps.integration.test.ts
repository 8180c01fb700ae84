import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCapDesk, refusalOf, type CapChanged, type CapDesk } from '../testing/cap-desk.ts';
import { makeCap, makeKey, makeOperator, makeTenant, makeWorkflow, type MadeOperator } from '../testing/factories.ts';
import { disagreements, makeGrantDesk, type GrantDesk } from '../testing/grant-desk.ts';
import { ledgerDrift } from '../testing/ledger-drift.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

const USD = 1_000_000_000n;
const usd = (amount: number): number => amount * 1_000_000_000;
let db: TestDatabase;
let caps: CapDesk;
let grants: GrantDesk;
let admin: MadeOperator;
let operator: MadeOperator;
/** Where calls were charged. */
const tenantIds: string[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  caps = createCapDesk(db);
  grants = await makeGrantDesk(db);
  admin = await makeOperator(db, { role: 'admin' });
  operator = await makeOperator(db, { role: 'operator', raiseLimitNanoUsd: 100n * USD });
});
afterAll(async () => {
  expect(await disagreements(db)).toEqual([]);
  expect(await ledgerDrift(db.owner, tenantIds)).toEqual([]);
  await db.close();
});

interface Place {
  tenantId: string;
  monthCap: string;
  key: string;
  workflow: string;
}
async function place(limitNanoUsd = 50n * USD): Promise<Place> {
  const { id: tenantId } = await makeTenant(db);
  const workflow = await makeWorkflow(db, tenantId, 'leads');
  const key = await makeKey(db, tenantId, { defaultWorkflowId: workflow });
  return { tenantId, workflow, key: key.id, monthCap: await makeCap(db, tenantId, { limitNanoUsd }) };
}

async function granted(capId: string): Promise<number> {
  const { rows } = await db.owner.query<{ granted: string }>(
    'select sum(granted_nanousd) as granted from platform.cap_periods where cap_id = $1',
    [capId],
  );
  return Number(rows[0]!.granted);
}

async function add(
  who: MadeOperator,
  tenantId: string,
  cap: { scope: string; of: string | null; period?: string; limit?: bigint; key?: string },
): Promise<CapChanged> {
  const { rows } = await db
    .connect(who.url)
    .query<{ answer: CapChanged }>('select platform.add_cap($1, $2, $3, $4, $5, $6, null) as answer', [
      tenantId,
      cap.scope,
      cap.of,
      cap.period ?? 'month',
      cap.limit ?? 5n * USD,
      cap.key ?? randomUUID(),
    ]);
  return rows[0]!.answer;
}

async function remove(who: MadeOperator, tenantId: string, capId: string, version = 1, key = randomUUID()) {
  const { rows } = await db
    .connect(who.url)
    .query<{ answer: CapChanged }>('select platform.remove_cap($1, $2, $3, $4, null) as answer', [
      tenantId,
      capId,
      version,
      key,
    ]);
  return rows[0]!.answer;
}

describe('a cap of a key or a workflow', () => {
  test('limits its own calls alone, from what was spent before it, and all caps give or none', async () => {
    const { tenantId, workflow, monthCap } = await place();
    tenantIds.push(tenantId);
    await grants.charge(tenantId, usd(2), { workflow_id: workflow });
    const made = await add(operator, tenantId, { scope: 'workflow', of: workflow });
    expect(made).toMatchObject({ version: 1, limit: usd(5), charged: usd(2), warning: null });

    const ask = { tenantId, workflowId: workflow };
    expect(await grants.take({ ...ask, need: usd(4) })).toMatchObject({ granted: false, failed: made.capId });
    expect(await granted(monthCap)).toBe(usd(2));
    expect(await grants.take({ ...ask, need: usd(3), want: usd(3) })).toMatchObject({ granted: true });
    expect(await granted(monthCap)).toBe(usd(5));
    expect(await grants.take({ tenantId, need: usd(4), want: usd(4) })).toMatchObject({ granted: true });
  });

  test('of a day and of a month stand beside each other; the refusal names the first', async () => {
    const { tenantId, key } = await place();
    const day = await add(operator, tenantId, { scope: 'key', of: key, period: 'day', limit: 1n * USD });
    const month = await add(operator, tenantId, { scope: 'key', of: key, limit: 2n * USD });
    const answer = await grants.take({ tenantId, keyId: key, need: usd(3) });
    expect(answer).toMatchObject({ granted: false, failed: month.capId });
    expect(await grants.take({ tenantId, keyId: key, need: usd(2) })).toMatchObject({ failed: day.capId });
  });

  test('is set, raised for a time and undone like any other', async () => {
    const { tenantId, key } = await place();
    const { capId } = await add(operator, tenantId, { scope: 'key', of: key });
    const target = { tenantId, capId };
    expect(await caps.set(operator, { ...target, limit: 6n * USD })).toMatchObject({ version: 2 });
    expect(await caps.undo(operator, { ...target, version: 2 })).toMatchObject({ limit: usd(5) });
    expect(await caps.add(operator, { ...target, version: 3, amount: USD })).toMatchObject({ inForce: usd(6) });
  });

  test('is there once: sent again it is the same answer, a second one a conflict that names it', async () => {
    const { tenantId, workflow } = await place();
    const key = randomUUID();
    const first = await add(operator, tenantId, { scope: 'workflow', of: workflow, key });
    expect(await add(operator, tenantId, { scope: 'workflow', of: workflow, key })).toEqual(first);
    const { code, detail } = await refusalOf(add(admin, tenantId, { scope: 'workflow', of: workflow, limit: USD }));
    expect(code).toBe('TD409');
    expect(JSON.parse(detail ?? '')).toMatchObject({ currentVersion: 1, changedBy: operator.login });
    const both = await Promise.allSettled([
      add(operator, tenantId, { scope: 'tenant', of: null, period: 'day' }),
      add(admin, tenantId, { scope: 'tenant', of: null, period: 'day' }),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test.each([
    { scope: 'key', of: null, code: 'TD400' },
    { scope: 'tenant', of: randomUUID(), code: 'TD400' },
    { scope: 'model', of: randomUUID(), code: 'TD400' },
    { scope: 'key', of: randomUUID(), code: 'TD404' },
    { scope: 'workflow', of: randomUUID(), code: 'TD404' },
    { scope: 'tenant', of: null, period: 'week', code: 'TD400' },
    { scope: 'tenant', of: null, period: 'day', limit: -1n, code: 'TD400' },
    { scope: 'tenant', of: null, period: 'day', limit: 9_000_001n * USD, code: 'TD400' },
  ])('$scope $of $period $limit is refused with $code', async ({ code, ...cap }) => {
    const { tenantId } = await place();
    expect(await refusalOf(add(operator, tenantId, cap))).toMatchObject({ code });
  });

  test("never of another tenant's key or workflow", async () => {
    const [mine, theirs] = [await place(), await place()];
    for (const cap of [
      { scope: 'key', of: theirs.key },
      { scope: 'workflow', of: theirs.workflow },
    ]) {
      expect(await refusalOf(add(operator, mine.tenantId, cap))).toMatchObject({ code: 'TD404' });
    }
  });
});

describe('a removed cap', () => {
  test('limits nothing, goes on counting, and is right at once when it comes back', async () => {
    const { tenantId, workflow } = await place();
    tenantIds.push(tenantId);
    const { capId } = await add(operator, tenantId, { scope: 'workflow', of: workflow, limit: USD });
    await caps.add(operator, { tenantId, capId, amount: USD });
    const removed = await remove(operator, tenantId, capId, 2);
    expect(removed).toMatchObject({ version: 3, limit: usd(50) });
    const ask = { tenantId, workflowId: workflow };
    expect(await grants.take({ ...ask, need: usd(3), want: usd(3) })).toMatchObject({ granted: true });
    await grants.charge(tenantId, usd(3), { workflow_id: workflow });
    expect(await refusalOf(caps.set(operator, { tenantId, capId, limit: USD, version: 3 }))).toMatchObject({
      code: 'TD404',
    });
    const back = await add(operator, tenantId, { scope: 'workflow', of: workflow, limit: 4n * USD });
    expect(back).toMatchObject({ capId, version: 4, inForce: usd(4), charged: usd(3) });
    expect(await grants.take({ ...ask, need: usd(2) })).toMatchObject({ granted: false, failed: capId });
  });

  test('counts as a raise up to the monthly cap: above the own limit an admin does it', async () => {
    const limited = await makeOperator(db, { role: 'operator', raiseLimitNanoUsd: 10n * USD });
    const { tenantId, workflow } = await place(50n * USD);
    const { capId } = await add(limited, tenantId, { scope: 'workflow', of: workflow });
    expect(await refusalOf(remove(limited, tenantId, capId))).toMatchObject({ code: 'TD403' });
    const { capId: larger } = await add(limited, tenantId, {
      scope: 'tenant',
      of: null,
      period: 'day',
      limit: 44n * USD,
    });
    await remove(limited, tenantId, larger);
    expect(await caps.set(limited, { tenantId, capId, limit: 10n * USD })).toMatchObject({ pending: true });
  });

  test('is never the monthly cap of a client, and never removed by who may only lower', async () => {
    const { tenantId, monthCap, key } = await place();
    expect(await refusalOf(remove(admin, tenantId, monthCap))).toMatchObject({ code: 'TD400' });
    const manager = await makeOperator(db, { role: 'account_manager', tenantIds: [tenantId] });
    const { capId } = await add(manager, tenantId, { scope: 'key', of: key });
    expect(await refusalOf(remove(manager, tenantId, capId))).toMatchObject({ code: '42501' });
  });
});

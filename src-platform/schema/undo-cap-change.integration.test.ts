import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCapDesk, refusalOf, type CapDesk } from '../testing/cap-desk.ts';
import { makeOperator, type MadeOperator } from '../testing/factories.ts';
import { disagreements, makeGrantDesk, type GrantDesk } from '../testing/grant-desk.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

const USD = 1_000_000_000n;
let db: TestDatabase;
let desk: GrantDesk;
let caps: CapDesk;
let admin: MadeOperator;

beforeAll(async () => {
  db = await createTestDatabase();
  desk = await makeGrantDesk(db);
  caps = createCapDesk(db);
  admin = await makeOperator(db, { role: 'admin' });
});
afterAll(async () => {
  expect(await disagreements(db)).toEqual([]);
  await db.close();
});

async function raised24h(who: MadeOperator): Promise<bigint> {
  const { rows } = await db
    .connect(who.url)
    .query<{ raised: bigint }>('select raised_24h_nanousd as raised from platform.whoami()');
  return rows[0]!.raised;
}

/** As if the cap's changes had been made so much earlier. */
async function makeOlder(tenantId: string, seconds: number): Promise<void> {
  await db.owner.query('alter table platform.cap_changes disable trigger cap_changes_append_only');
  await db.owner.query(`update platform.cap_changes set at = at - $2 * interval '1 second' where tenant_id = $1`, [
    tenantId,
    seconds,
  ]);
  await db.owner.query('alter table platform.cap_changes enable trigger cap_changes_append_only');
}

test('a raise is taken back: cap, running period, history, audit; the old limit is obeyed to the nano-dollar', async () => {
  const target = await caps.cappedTenant(100n);
  await desk.take({ tenantId: target.tenantId, need: 90 });
  expect(await caps.set(admin, { ...target, limit: 150n })).toMatchObject({ version: 2, undoSeconds: 30 });
  const undone = await caps.undo(admin, { ...target, version: 2 });
  expect(undone).toMatchObject({
    version: 3,
    limit: 100,
    previousLimit: 150,
    inForce: 100,
    granted: 90,
    warning: null,
  });
  expect(undone.undoSeconds).toBeUndefined();
  expect(await desk.take({ tenantId: target.tenantId, need: 11 })).toMatchObject({ granted: false });
  expect(await desk.take({ tenantId: target.tenantId, need: 10 })).toMatchObject({ granted: true });
  const { rows } = await db.owner.query(
    'select action, before, after from platform.audit_log where tenant_id = $1 order by seq',
    [target.tenantId],
  );
  expect(rows[1]).toEqual({
    action: 'cap.undo',
    before: { limitNanoUsd: 150, version: 2 },
    after: { limitNanoUsd: 100, version: 3, scope: 'tenant', period: 'month' },
  });
  const changes = await db.owner.query(
    'select version, kind from platform.cap_changes where tenant_id = $1 order by version',
    [target.tenantId],
  );
  expect(changes.rows).toEqual([
    { version: 2, kind: 'raise' },
    { version: 3, kind: 'undo' },
  ]);
});

test('announced like every change', async () => {
  const target = await caps.cappedTenant(100n);
  await caps.set(admin, { ...target, limit: 150n });
  const version = async (): Promise<bigint> =>
    (await db.owner.query<{ version: bigint }>(`select version from platform.versions where topic = 'caps'`)).rows[0]!
      .version;
  const before = await version();
  await caps.undo(admin, { ...target, version: 2 });
  expect(await version()).toBe(before + 1n);
});

describe('only', () => {
  test('by who made the change', async () => {
    const target = await caps.cappedTenant(100n);
    await caps.set(admin, { ...target, limit: 150n });
    const colleague = await makeOperator(db, { role: 'admin' });
    expect(await refusalOf(caps.undo(colleague, { ...target, version: 2 }))).toMatchObject({
      code: 'TD403',
      message: expect.stringContaining('Somebody else') as unknown,
    });
  });

  test('within thirty seconds by the database’s clock', async () => {
    const target = await caps.cappedTenant(100n);
    await caps.set(admin, { ...target, limit: 150n });
    await makeOlder(target.tenantId, 31);
    expect(await refusalOf(caps.undo(admin, { ...target, version: 2 }))).toMatchObject({
      code: 'TD403',
      message: expect.stringContaining('30 seconds') as unknown,
    });
    const other = await caps.cappedTenant(100n);
    await caps.set(admin, { ...other, limit: 150n });
    await makeOlder(other.tenantId, 25);
    expect(await caps.undo(admin, { ...other, version: 2 })).toMatchObject({ version: 3 });
  });

  test('while it is the current version: else a conflict with both values', async () => {
    const target = await caps.cappedTenant(100n);
    await caps.set(admin, { ...target, limit: 150n });
    const colleague = await makeOperator(db, { role: 'admin' });
    await caps.set(colleague, { ...target, limit: 170n, version: 2 });
    const conflict = await refusalOf(caps.undo(admin, { ...target, version: 2 }));
    expect(conflict.code).toBe('TD409');
    expect(JSON.parse(conflict.detail!)).toMatchObject({
      currentLimit: 170,
      currentVersion: 3,
      currentOverride: 0,
      changedBy: colleague.login,
    });
    expect((await refusalOf(caps.undo(admin, { ...target, version: 3 }))).code).toBe('TD403');
  });

  test('not after a temporary raise', async () => {
    const target = await caps.cappedTenant(100n);
    await caps.set(admin, { ...target, limit: 150n });
    await caps.add(admin, { ...target, amount: 5n, version: 2 });
    const conflict = await refusalOf(caps.undo(admin, { ...target, version: 2 }));
    expect(JSON.parse(conflict.detail!)).toMatchObject({ currentLimit: 150, currentVersion: 3, currentOverride: 5 });
    expect((await refusalOf(caps.undo(admin, { ...target, version: 3 }))).code).toBe('TD400');
  });

  test('once, and never of an undo, nor of a cap as it was made', async () => {
    const target = await caps.cappedTenant(100n);
    expect((await refusalOf(caps.undo(admin, { ...target, version: 1 }))).code).toBe('TD400');
    await caps.set(admin, { ...target, limit: 150n });
    await caps.undo(admin, { ...target, version: 2 });
    expect((await refusalOf(caps.undo(admin, { ...target, version: 2 }))).code).toBe('TD409');
    expect((await refusalOf(caps.undo(admin, { ...target, version: 3 }))).code).toBe('TD400');
  });

  test('with its cap, version and key named', async () => {
    const target = await caps.cappedTenant(100n);
    for (const part of [{ version: null }, { key: null }]) {
      expect((await refusalOf(caps.undo(admin, { ...target, version: 1, ...part }))).code).toBe('TD400');
    }
  });

  test('among the operator’s tenants, by a role that changes caps', async () => {
    const target = await caps.cappedTenant(100n);
    await caps.set(admin, { ...target, limit: 150n });
    const elsewhere = await makeOperator(db, { role: 'operator', tenantIds: [] });
    expect((await refusalOf(caps.undo(elsewhere, { ...target, version: 2 }))).code).toBe('TD404');
    for (const role of ['viewer', 'auditor'] as const) {
      const who = await makeOperator(db, { role });
      expect((await refusalOf(caps.undo(who, { ...target, version: 2 }))).code).toBe('42501');
    }
    expect((await refusalOf(caps.undo({ url: db.urlFor('td_admin') }, { ...target, version: 2 }))).code).toBe('TD403');
  });
});

test('an undone raise does not count in the 24 hours; one that was not still does', async () => {
  const who = await makeOperator(db, { role: 'operator', raiseLimitNanoUsd: 10n * USD });
  const target = await caps.cappedTenant(10n * USD);
  await caps.set(who, { ...target, limit: 18n * USD });
  expect(await raised24h(who)).toBe(8n * USD);
  await caps.undo(who, { ...target, version: 2 });
  expect(await raised24h(who)).toBe(0n);
  await caps.set(who, { ...target, limit: 20n * USD, version: 3 });
  expect(await raised24h(who)).toBe(10n * USD);
});

test('undoing a lowering needs no room in the limit, nor the right to raise', async () => {
  const who = await makeOperator(db, { role: 'operator', raiseLimitNanoUsd: 0n });
  const target = await caps.cappedTenant(10n * USD);
  await caps.set(who, { ...target, limit: 1n * USD });
  expect(await caps.undo(who, { ...target, version: 2 })).toMatchObject({ limit: 10_000_000_000 });
  expect(await raised24h(who)).toBe(0n);
  const manager = await makeOperator(db, { role: 'account_manager', tenantIds: [target.tenantId] });
  await caps.set(manager, { ...target, limit: 2n * USD, version: 3 });
  expect(await caps.undo(manager, { ...target, version: 4 })).toMatchObject({ limit: 10_000_000_000 });
});

test('sent twice it has one effect and one answer, also late; with other figures it is an error', async () => {
  const target = await caps.cappedTenant(100n);
  await caps.set(admin, { ...target, limit: 150n });
  const undo = { ...target, version: 2, key: randomUUID() };
  const answers = await Promise.all(Array.from({ length: 6 }, () => caps.undo(admin, undo)));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  await makeOlder(target.tenantId, 3_600);
  expect(await caps.undo(admin, undo)).toEqual(answers[0]);
  expect((await refusalOf(caps.undo(admin, { ...undo, version: 3 }))).code).toBe('TD422');
  const setKey = randomUUID();
  await caps.set(admin, { ...target, limit: 160n, version: 3, key: setKey });
  expect((await refusalOf(caps.undo(admin, { ...target, version: 4, key: setKey }))).code).toBe('TD422');
});

import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { makeCap, makeOperator, makeTenant, type MadeOperator } from '../testing/factories.ts';
import { disagreements, makeGrantDesk, type GrantDesk } from '../testing/grant-desk.ts';

const USD = 1_000_000_000n;
let db: TestDatabase;
let desk: GrantDesk;
let admin: MadeOperator;

beforeAll(async () => {
  db = await createTestDatabase();
  desk = await makeGrantDesk(db);
  admin = await makeOperator(db, { role: 'admin' });
});
afterAll(async () => {
  expect(await disagreements(db)).toEqual([]);
  await db.close();
});

interface Change {
  tenantId: string;
  capId: string;
  limit: bigint | number | null;
  version?: number | null;
  key?: string | null;
  reason?: string | null;
}
interface Changed {
  capId: string;
  version: number;
  limit: number;
  previousLimit: number;
  charged: number;
  granted: number;
  warning: string | null;
  auditId: number;
  changedAt: string;
  pending?: boolean;
}
interface Refused {
  code: string;
  message: string;
  detail?: string;
}

async function setCap(who: { url: string }, change: Change): Promise<Changed> {
  const { rows } = await db
    .connect(who.url)
    .query<{ answer: Changed }>('select platform.set_cap($1, $2, $3, $4, $5, $6) as answer', [
      change.tenantId,
      change.capId,
      change.limit,
      change.version === undefined ? 1 : change.version,
      change.key === undefined ? randomUUID() : change.key,
      change.reason ?? null,
    ]);
  return rows[0]!.answer;
}

const refusal = (promise: Promise<unknown>): Promise<Refused> =>
  promise.then(
    () => Promise.reject(new Error('It was not refused.')),
    (error: Refused) => error,
  );

async function cappedTenant(limitNanoUsd = 25n * USD): Promise<{ tenantId: string; capId: string }> {
  const { id } = await makeTenant(db);
  return { tenantId: id, capId: await makeCap(db, id, { limitNanoUsd }) };
}

async function traces(tenantId: string): Promise<Record<string, unknown>> {
  const { rows } = await db.owner.query<Record<string, unknown>>(
    `select (select count(*)::int from platform.audit_log where tenant_id = $1) as audit,
       (select count(*)::int from platform.cap_changes where tenant_id = $1) as changes,
       (select limit_nanousd from platform.caps where tenant_id = $1) as cap, (select version from platform.caps where tenant_id = $1) as version`,
    [tenantId],
  );
  return rows[0]!;
}

test('a change is one transaction: cap, running period, history, audit, version and announcement', async () => {
  const { tenantId, capId } = await cappedTenant();
  await desk.charge(tenantId, 400);
  const listener = new Client({ connectionString: db.gatewayUrl });
  await listener.connect();
  await listener.query('listen platform_changed');
  const heard = new Promise<string>((resolve) => {
    listener.on('notification', ({ payload = '' }) => payload.includes(tenantId) && resolve(payload));
  });
  const topic = async (): Promise<bigint> =>
    (await db.owner.query<{ version: bigint }>(`select version from platform.versions where topic = 'caps'`)).rows[0]!
      .version;
  const before = await topic();

  const changed = await setCap(admin, { tenantId, capId, limit: 30n * USD, reason: 'Month end' });
  expect(changed).toMatchObject({
    capId,
    version: 2,
    limit: 30_000_000_000,
    previousLimit: 25_000_000_000,
    charged: 400,
    granted: 400,
    warning: null,
  });
  expect(JSON.parse(await heard)).toEqual({ topic: 'caps', tenant_id: tenantId, version: Number(before + 1n) });
  await listener.end();
  expect(await topic()).toBe(before + 1n);
  expect(await traces(tenantId)).toEqual({ audit: 1, changes: 1, cap: 30n * USD, version: 2 });
  const { rows } = await db.owner.query(
    'select limit_nanousd, charged_nanousd from platform.cap_periods where tenant_id = $1',
    [tenantId],
  );
  expect(rows).toEqual([{ limit_nanousd: 30n * USD, charged_nanousd: 400n }]);
  const audit = await db.owner.query(
    'select id, login, action, target, before, after, reason from platform.audit_log where tenant_id = $1',
    [tenantId],
  );
  expect(audit.rows).toEqual([
    {
      id: BigInt(changed.auditId),
      login: admin.login,
      action: 'cap.set',
      target: `cap:${capId}`,
      before: { limitNanoUsd: 25_000_000_000, version: 1 },
      after: { limitNanoUsd: 30_000_000_000, version: 2, scope: 'tenant', period: 'month' },
      reason: 'Month end',
    },
  ]);
});

test('what was refused at the cap passes after the raise, to the nano-dollar', async () => {
  const { tenantId, capId } = await cappedTenant(100n);
  await desk.take({ tenantId, need: 100 });
  expect(await desk.take({ tenantId, need: 1 })).toMatchObject({ granted: false });
  await setCap(admin, { tenantId, capId, limit: 150n });
  expect(await desk.take({ tenantId, need: 51 })).toMatchObject({ granted: false });
  expect(await desk.take({ tenantId, need: 50 })).toMatchObject({ granted: true });
});

test('a cap below what is spent is allowed, with a warning, and refuses', async () => {
  const { tenantId, capId } = await cappedTenant(1_000n);
  await desk.charge(tenantId, 600);
  expect(await setCap(admin, { tenantId, capId, limit: 600n })).toMatchObject({ warning: null });
  expect(await setCap(admin, { tenantId, capId, limit: 599n, version: 2 })).toMatchObject({
    warning: 'below_committed',
    charged: 600,
  });
  expect(await desk.take({ tenantId, need: 1 })).toMatchObject({ granted: false });
});

describe('refused, and nothing changed', () => {
  test.each([
    ['nothing', null],
    ['a negative amount', -1n],
    ['more than 9 million USD', 9_000_000n * USD + 1n],
  ])('%s', async (_, limit) => {
    const target = await cappedTenant();
    expect((await refusal(setCap(admin, { ...target, limit }))).code).toBe('TD400');
    expect(await traces(target.tenantId)).toMatchObject({ audit: 0, changes: 0, version: 1 });
  });

  test('no version, no key, a long reason, the same amount', async () => {
    const target = await cappedTenant();
    for (const change of [{ version: null }, { key: null }, { reason: 'x'.repeat(501) }, { limit: 25n * USD }]) {
      expect((await refusal(setCap(admin, { ...target, limit: 26n * USD, ...change }))).code).toBe('TD400');
    }
    expect(await traces(target.tenantId)).toMatchObject({ audit: 0, changes: 0, version: 1 });
  });

  test('the largest cap is 9 million USD, the smallest nothing', async () => {
    const target = await cappedTenant();
    await setCap(admin, { ...target, limit: 9_000_000n * USD });
    await setCap(admin, { ...target, limit: 0n, version: 2 });
  });

  test('an unknown cap, and a cap of a tenant that is not this operator’s, look the same', async () => {
    const mine = await cappedTenant();
    const theirs = await cappedTenant();
    const operator = await makeOperator(db, { role: 'operator', tenantIds: [mine.tenantId] });
    const answers = await Promise.all([
      refusal(setCap(operator, { ...theirs, limit: 1n })),
      refusal(setCap(operator, { tenantId: randomUUID(), capId: randomUUID(), limit: 1n })),
      refusal(setCap(operator, { ...mine, capId: theirs.capId, limit: 1n })),
    ]);
    expect(new Set(answers.map(({ code, message }) => `${code} ${message}`))).toEqual(
      new Set(['TD404 There is no such cap among your tenants.']),
    );
  });

  test('a stale version: both values, who and when', async () => {
    const target = await cappedTenant();
    const first = await setCap(admin, { ...target, limit: 27n * USD });
    const conflict = await refusal(setCap(admin, { ...target, limit: 30n * USD }));
    expect(conflict).toMatchObject({ code: 'TD409', message: expect.stringContaining('27.00 USD') as unknown });
    expect(JSON.parse(conflict.detail!)).toEqual({
      currentLimit: 27_000_000_000,
      currentVersion: 2,
      currentOverride: 0,
      changedBy: admin.login,
      changedAt: first.changedAt,
    });
  });

  test('ten operators change the same version at once: one of them does', async () => {
    const target = await cappedTenant();
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => setCap(admin, { ...target, limit: BigInt(i + 1) * USD })),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await traces(target.tenantId)).toMatchObject({ audit: 1, changes: 1, version: 2 });
  });
});

describe('sent twice', () => {
  test('the same change gets its first answer and has one effect, also at once', async () => {
    const target = await cappedTenant();
    const change = { ...target, limit: 30n * USD, key: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 8 }, () => setCap(admin, change)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await setCap(admin, { ...target, limit: 31n * USD, version: 2 });
    expect(await setCap(admin, change)).toEqual(answers[0]);
    expect(await traces(target.tenantId)).toMatchObject({ audit: 2, changes: 2, version: 3, cap: 31n * USD });
  });

  test('with other figures it is an error; another operator’s key is another key', async () => {
    const target = await cappedTenant();
    const key = randomUUID();
    await setCap(admin, { ...target, limit: 30n * USD, key });
    for (const other of [{ limit: 31n * USD }, { version: 2 }, { reason: 'why' }]) {
      expect((await refusal(setCap(admin, { ...target, limit: 30n * USD, key, ...other }))).code).toBe('TD422');
    }
    const colleague = await makeOperator(db, { role: 'admin' });
    expect(await setCap(colleague, { ...target, limit: 32n * USD, version: 2, key })).toMatchObject({ version: 3 });
  });

  test('a refused change is not remembered: the key can be used when the reason is gone', async () => {
    const target = await cappedTenant();
    const key = randomUUID();
    await refusal(setCap(admin, { ...target, limit: 30n * USD, version: 7, key }));
    expect(await setCap(admin, { ...target, limit: 30n * USD, version: 1, key })).toMatchObject({ version: 2 });
  });
});

describe('who may', () => {
  test('viewers and auditors may not call it; a login without an operator is told so', async () => {
    const target = await cappedTenant();
    for (const role of ['viewer', 'auditor'] as const) {
      const who = await makeOperator(db, { role });
      expect((await refusal(setCap(who, { ...target, limit: 1n }))).code).toBe('42501');
    }
    expect((await refusal(setCap({ url: db.gatewayUrl }, { ...target, limit: 1n }))).code).toBe('42501');
    expect((await refusal(setCap({ url: db.urlFor('td_admin') }, { ...target, limit: 1n }))).code).toBe('TD403');
    const disabled = await makeOperator(db, { role: 'admin' });
    await db.owner.query('update platform.operators set disabled_at = now() where id = $1', [disabled.id]);
    expect((await refusal(setCap(disabled, { ...target, limit: 1n }))).code).toBe('TD403');
  });

  test('account managers lower the caps of their tenants and raise none', async () => {
    const target = await cappedTenant();
    const who = await makeOperator(db, { role: 'account_manager', tenantIds: [target.tenantId] });
    expect((await refusal(setCap(who, { ...target, limit: 26n * USD }))).code).toBe('TD403');
    expect(await setCap(who, { ...target, limit: 24n * USD })).toMatchObject({ version: 2 });
    expect((await refusal(setCap(who, { ...(await cappedTenant()), limit: 1n * USD }))).code).toBe('TD404');
  });

  test('operators raise up to their limit, summed gross over 24 hours; lowering does not win it back', async () => {
    const target = await cappedTenant();
    const who = await makeOperator(db, { role: 'operator', raiseLimitNanoUsd: 10n * USD });
    await setCap(who, { ...target, limit: 31n * USD });
    await setCap(who, { ...target, limit: 25n * USD, version: 2 });
    const above = { ...target, limit: 30n * USD, version: 3 };
    expect(await setCap(who, above)).toMatchObject({ pending: true, version: 3, limit: 25_000_000_000 });
    await setCap(who, { ...target, limit: 29n * USD, version: 3 });
    const { rows } = await db
      .connect(who.url)
      .query('select role, raise_limit_nanousd, raised_24h_nanousd from platform.whoami()');
    expect(rows).toEqual([{ role: 'operator', raise_limit_nanousd: 10n * USD, raised_24h_nanousd: 10n * USD }]);
    expect(await setCap(who, { ...target, limit: 29n * USD + 1n, version: 4 })).toMatchObject({ pending: true });
    expect(await setCap(admin, { ...target, limit: 1_000n * USD, version: 4 })).toMatchObject({ version: 5 });
  });

  test('many raises at once over many tenants do not pass the limit together', async () => {
    const who = await makeOperator(db, { role: 'operator', raiseLimitNanoUsd: 5n * USD });
    const targets = await Promise.all(Array.from({ length: 10 }, () => cappedTenant()));
    const answers = await Promise.allSettled(targets.map((target) => setCap(who, { ...target, limit: 26n * USD })));
    expect(answers.filter((answer) => answer.status === 'fulfilled' && answer.value.pending !== true)).toHaveLength(5);
  });

  test('whoami has no row for a login that is no operator', async () => {
    const { rows } = await db.connect(db.urlFor('td_admin')).query('select * from platform.whoami()');
    expect(rows).toEqual([]);
  });
});

test('operator_of_token: the operator and tenants of a token, nobody’s for an expired or unknown one', async () => {
  const { tenantId } = await cappedTenant();
  const who = await makeOperator(db, { role: 'account_manager', tenantIds: [tenantId] });
  const ask = (token: string) =>
    db
      .connect(db.gatewayUrl)
      .query(`select * from platform.operator_of_token(sha256(convert_to($1, 'UTF8')))`, [token])
      .then(({ rows }) => rows as unknown[]);
  expect(await ask(who.gatewayToken)).toEqual([
    { operator_id: who.id, role: 'account_manager', tenant_ids: [tenantId] },
  ]);
  expect(await ask('tdo_unknown')).toEqual([]);
  await db.owner.query(`update platform.operator_tokens set expires_at = now() where operator_id = $1`, [who.id]);
  expect(await ask(who.gatewayToken)).toEqual([]);
});

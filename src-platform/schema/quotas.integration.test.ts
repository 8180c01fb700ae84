import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCapDesk, refusalOf, type CapDesk } from '../testing/cap-desk.ts';
import { makeCap, makeOperator, makePrice, makeTenant, type MadeOperator } from '../testing/factories.ts';
import { makeGrantDesk, type GrantDesk } from '../testing/grant-desk.ts';
import { ledgerRecord } from '../testing/ledger-record.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

const USD = 1_000_000_000n;
const usd = (amount: number): number => Math.round(amount * 1_000_000_000);
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
afterAll(() => db.close());

async function answer<T>(who: { url: string }, call: string, values: unknown[]): Promise<T> {
  const { rows } = await db.connect(who.url).query<{ answer: T }>(`select platform.${call} as answer`, values);
  return rows[0]!.answer;
}

describe('a quota', () => {
  const set = (
    tenantId: string,
    quota: string,
    limit: number | null,
    { follows = 'own', version = 0, key = randomUUID(), who = admin } = {},
  ) =>
    answer<{ version: number; limit: number | null; follows: string }>(who, 'set_quota($1, $2, $3, $4, $5, $6, null)', [
      tenantId,
      quota,
      follows,
      limit,
      version,
      key,
    ]);

  async function inForce(tenantId: string) {
    const { rows } = await db.connect(admin.url).query<{
      quota: string;
      limit_count: bigint | null;
      plan_limit: bigint | null;
      version: number;
      used: bigint | null;
    }>('select quota, limit_count, plan_limit, version, used from platform.quota_usage($1)', [tenantId]);
    return new Map(rows.map((row) => [row.quota, row]));
  }

  test("is the plan's until somebody sets one, and the plan's again when they say so", async () => {
    const { id } = await makeTenant(db, { planId: 'free' });
    expect((await inForce(id)).get('requests_per_minute')).toMatchObject({ limit_count: 600n, version: 0 });
    expect((await inForce(id)).get('max_tokens_per_message')).toMatchObject({ limit_count: 2000n, used: null });
    expect(await set(id, 'requests_per_minute', 5)).toMatchObject({ version: 1, limit: 5 });
    expect(await set(id, 'requests_per_minute', null, { version: 1 })).toMatchObject({ version: 2, limit: null });
    expect((await inForce(id)).get('requests_per_minute')).toMatchObject({ limit_count: null, plan_limit: 600n });
    const back = await set(id, 'requests_per_minute', null, { follows: 'plan', version: 2 });
    expect(back).toMatchObject({ version: 3, limit: 600, follows: 'plan' });
  });

  test('is set once a key, audited, and never over somebody else’s', async () => {
    const { id } = await makeTenant(db);
    const key = randomUUID();
    const first = await set(id, 'tokens_per_day', 1_000, { key });
    expect(await set(id, 'tokens_per_day', 1_000, { key })).toEqual(first);
    const { code, detail } = await refusalOf(set(id, 'tokens_per_day', 2_000));
    expect([code, JSON.parse(detail ?? '')]).toEqual([
      'TD409',
      { currentLimit: 1_000, currentFollows: 'own', currentVersion: 1 },
    ]);
    const { rows } = await db.owner.query<{ after: { limit: number } }>(
      `select after from platform.audit_log where tenant_id = $1 and action = 'quota.set'`,
      [id],
    );
    expect(rows.map(({ after }) => after.limit)).toEqual([1_000]);
  });

  test.each([
    ['requests_per_week', 5, {}, 'TD400'],
    ['tokens_per_day', -1, {}, 'TD400'],
    ['max_tokens_per_message', 0, {}, 'TD400'],
    ['max_tokens_per_message', null, {}, 'TD400'],
    ['tokens_per_day', 5, { follows: 'plan' }, 'TD400'],
    ['tokens_per_day', null, { follows: 'plan' }, 'TD400'],
    ['tokens_per_day', 5, { version: 3 }, 'TD409'],
  ])('%s = %s %j is refused with %4$s', async (quota, limit, more, code) => {
    const { id } = await makeTenant(db);
    expect(await refusalOf(set(id, quota, limit, more))).toMatchObject({ code });
  });

  test('counts what the ledger has since its window began', async () => {
    const { id } = await makeTenant(db);
    const record = { input_tokens: 30, output_tokens: 12, session: 'visitor', occurred_at: new Date().toISOString() };
    await desk.ingest({ records: [ledgerRecord(id, record), ledgerRecord(id, record)] });
    const found = await inForce(id);
    expect(found.get('requests_per_day')?.used).toBe(2n);
    expect(found.get('tokens_per_month')?.used).toBe(84n);
    expect(found.get('concurrent_sessions')?.used).toBe(1n);
  });
});

describe('alerts', () => {
  interface Alert {
    id: string;
    threshold: number;
    cap_id: string;
  }
  async function alerts(tenantId: string): Promise<Alert[]> {
    const { rows } = await db
      .connect(admin.url)
      .query<Alert>('select id, threshold, cap_id from platform.alerts where tenant_id = $1 order by threshold', [
        tenantId,
      ]);
    return rows;
  }
  const thresholds = async (tenantId: string) => (await alerts(tenantId)).map(({ threshold }) => threshold);
  async function raised(tenantId: string): Promise<number[]> {
    const { rows } = await db.owner.query<{ threshold: number }>(
      'select threshold from platform.cap_alerts where tenant_id = $1 order by raised_at',
      [tenantId],
    );
    return rows.map(({ threshold }) => threshold);
  }

  test('come once a threshold; a jump over several is one', async () => {
    const { id } = await makeTenant(db);
    await makeCap(db, id, { limitNanoUsd: 10n * USD });
    await desk.charge(id, usd(4.999));
    expect(await thresholds(id)).toEqual([]);
    await desk.charge(id, usd(0.001));
    for (let call = 0; call < 3; call += 1) await desk.charge(id, usd(0.1));
    expect(await thresholds(id)).toEqual([50]);
    await desk.charge(id, usd(4.3));
    expect(await thresholds(id)).toEqual([95]);
    await desk.charge(id, usd(0.4));
    expect(await raised(id)).toEqual([50, 95, 100]);
  });

  test('say that a cap is reached when a call finds no room in it, near its end', async () => {
    const { id } = await makeTenant(db);
    const capId = await makeCap(db, id, { limitNanoUsd: 10n * USD });
    const refused = (capUsd: bigint) =>
      desk.ingest({
        refusals: [
          {
            tenant_id: id,
            request_id: randomUUID(),
            refused_at: new Date().toISOString(),
            key_id: null,
            workflow_id: null,
            model: 'gpt-4o',
            http_status: 402,
            type: 'budget_exceeded',
            code: 'tenant_month_cap',
            facts: { cap_id: capId, cap_nanousd: Number(capUsd * USD) },
          },
        ],
      });
    await desk.charge(id, usd(9.4));
    await refused(10n);
    expect(await thresholds(id)).toEqual([80]);
    await desk.charge(id, usd(0.2));
    await refused(9n);
    expect(await thresholds(id)).toEqual([95]);
    await refused(10n);
    await refused(10n);
    expect(await raised(id)).toEqual([80, 95, 100]);
    expect(await thresholds(id)).toEqual([100]);
    await caps.set(admin, { tenantId: id, capId, limit: 20n * USD });
    expect(await thresholds(id)).toEqual([]);
  });

  test('come once however many gateways ingest at once', async () => {
    const { id } = await makeTenant(db);
    await makeCap(db, id, { limitNanoUsd: 10n * USD });
    const others = await Promise.all([makeGrantDesk(db), makeGrantDesk(db), makeGrantDesk(db)]);
    await Promise.all(others.flatMap((other) => Array.from({ length: 8 }, () => other.charge(id, usd(0.25)))));
    expect(await raised(id)).toEqual([50]);
  });

  test('are resolved when the cap is raised, and come again for the raised one', async () => {
    const { id: tenantId } = await makeTenant(db);
    const capId = await makeCap(db, tenantId, { limitNanoUsd: 10n * USD });
    await desk.charge(tenantId, usd(8));
    expect(await thresholds(tenantId)).toEqual([80]);
    await caps.set(admin, { tenantId, capId, limit: 20n * USD });
    expect(await thresholds(tenantId)).toEqual([]);
    await desk.charge(tenantId, usd(2));
    expect(await thresholds(tenantId)).toEqual([50]);
    await caps.add(admin, { tenantId, capId, version: 2, amount: 10n * USD });
    expect(await thresholds(tenantId)).toEqual([]);
    await caps.set(admin, { tenantId, capId, version: 3, limit: 1n * USD });
    expect(await thresholds(tenantId)).toEqual([80]);
  });

  test('are of any cap, and leave the inbox when somebody has seen to them, the lower ones too', async () => {
    const { id } = await makeTenant(db);
    const month = await makeCap(db, id, { limitNanoUsd: 10n * USD });
    const day = await makeCap(db, id, { limitNanoUsd: 8n * USD, period: 'day' });
    await desk.charge(id, usd(4));
    await desk.charge(id, usd(4));
    const open = await alerts(id);
    expect(open.map(({ cap_id, threshold }) => [cap_id, threshold])).toEqual([
      [month, 80],
      [day, 100],
    ]);
    const key = randomUUID();
    const done = await answer(admin, 'acknowledge_alert($1, $2, $3)', [id, open[1]!.id, key]);
    expect(await answer(admin, 'acknowledge_alert($1, $2, $3)', [id, open[1]!.id, key])).toEqual(done);
    expect(await thresholds(id)).toEqual([80]);
    await desk.charge(id, usd(0.1));
    expect(await thresholds(id)).toEqual([80]);
    const again = answer(admin, 'acknowledge_alert($1, $2, $3)', [id, open[1]!.id, randomUUID()]);
    expect(await refusalOf(again)).toMatchObject({ code: 'TD409' });
  });

  test('forecast once that a cap will not last, until it is raised', async () => {
    const { id: tenantId } = await makeTenant(db);
    await db.owner.query(`update platform.tenants set created_at = now() - interval '30 days' where id = $1`, [
      tenantId,
    ]);
    const capId = await makeCap(db, tenantId, { limitNanoUsd: 3n * USD });
    await desk.charge(tenantId, usd(1));
    // As if the week had cost so much that not even the last moment of the period fits.
    const week = `update platform.board_figures set spent_seven_days_nanousd = 9000000000000000000 / 1000 where tenant_id = $1`;
    await db.owner.query(week, [tenantId]);
    const look = () => answer<number>({ url: db.gatewayUrl }, 'forecast_cap_alerts(100)', []);
    const counts = await Promise.all([look(), look(), look()]);
    expect(counts.reduce((sum, count) => sum + count)).toBe(1);
    expect(await thresholds(tenantId)).toEqual([0]);
    await caps.set(admin, { tenantId, capId, limit: 6n * USD });
    expect(await thresholds(tenantId)).toEqual([]);
  });
});

describe('a cheaper model', () => {
  const set = (tenantId: string, model: string, to: string | null, percent: number | null, version = 0) =>
    answer<{ version: number; toModel: string | null }>(admin, 'set_model_downgrade($1, $2, $3, $4, $5, $6, null)', [
      tenantId,
      model,
      to,
      percent,
      version,
      randomUUID(),
    ]);

  test('is one that the same provider has a price for; a rule is changed by its version and taken away', async () => {
    await makePrice(db, { model: 'dear' });
    await makePrice(db, { model: 'cheap' });
    const { id } = await makeTenant(db);
    expect(await refusalOf(set(id, 'dear', 'unheard-of', 80))).toMatchObject({ code: 'TD400' });
    expect(await refusalOf(set(id, 'dear', 'dear', 80))).toMatchObject({ code: 'TD400' });
    expect(await refusalOf(set(id, 'dear', 'cheap', 101))).toMatchObject({ code: 'TD400' });
    expect(await set(id, 'dear', 'cheap', 80)).toMatchObject({ version: 1, toModel: 'cheap' });
    expect(await refusalOf(set(id, 'dear', 'cheap', 90))).toMatchObject({ code: 'TD409' });
    expect(await set(id, 'dear', null, null, 1)).toMatchObject({ version: 2, toModel: null });
    expect(await refusalOf(set(id, 'dear', null, null, 2))).toMatchObject({ code: 'TD400' });
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { makeCap, makeOperator, makeTenant, makeWorkflow } from '../testing/factories.ts';
import { createCapDesk } from '../testing/cap-desk.ts';
import { makeGrantDesk, type GrantDesk } from '../testing/grant-desk.ts';

let db: TestDatabase;
let desk: GrantDesk;
let viewerUrl: string;
beforeAll(async () => {
  db = await createTestDatabase();
  desk = await makeGrantDesk(db);
  viewerUrl = (await makeOperator(db, { role: 'viewer' })).url;
});
afterAll(() => db.close());

async function row(tenantId: string): Promise<Record<string, unknown>> {
  const { rows } = await db
    .connect(viewerUrl)
    .query<Record<string, unknown>>('select * from platform.board where tenant_id = $1', [tenantId]);
  return rows[0]!;
}

/** Noon, so many days ago, in the tenant's zone. */
async function noon(zone: string, daysAgo: number): Promise<string> {
  const { rows } = await db.owner.query<{ at: Date }>(
    `select timezone($1, timezone($1, now())::date - $2::int + time '12:00') as at`,
    [zone, daysAgo],
  );
  return rows[0]!.at.toISOString();
}

test('figures by hand: spent, today, burn, refusals', async () => {
  const zone = 'Asia/Kathmandu';
  const { id } = await makeTenant(db, { timeZone: zone, slug: 'by-hand' });
  await db.owner.query(`update platform.tenants set created_at = now() - interval '90 days' where id = $1`, [id]);
  const capId = await makeCap(db, id, { limitNanoUsd: 1_000_000n });
  const workflow = await makeWorkflow(db, id);
  await desk.charge(id, 500);
  await desk.charge(id, 200, { workflow_id: workflow, model: 'gpt-5' });
  await desk.charge(id, 700, { occurred_at: await noon(zone, 1) });
  await desk.charge(id, 10_000, { occurred_at: await noon(zone, 6) });
  await desk.charge(id, 900_000, { occurred_at: await noon(zone, 7) }); // the eighth day: not in the burn
  const refused = (minutesAgo: number, code: string) => ({
    tenant_id: id,
    request_id: randomUUID(),
    refused_at: new Date(Date.now() - minutesAgo * 60_000),
    http_status: 402,
    type: 'budget_exceeded',
    code,
  });
  await desk.ingest({ refusals: [refused(5, 'tenant_month_cap'), refused(30, 'key_month_cap'), refused(61, 'x')] });
  const found = await row(id);
  expect(found).toMatchObject({
    slug: 'by-hand',
    status: 'active',
    plan_id: 'pro',
    time_zone: zone,
    cap_id: capId,
    cap_version: 1,
    limit_nanousd: 1_000_000n,
    thresholds: [50, 80, 95, 100],
    spent_today_nanousd: 700n,
    refusals_last_hour: 2,
    last_refusal_code: 'tenant_month_cap',
  });
  // 11,400 over six days and the part of today that has passed
  const burn = Number(found['burn_nanousd_per_day']);
  expect(burn).toBeGreaterThanOrEqual(Math.floor(11_400 / 7));
  expect(burn).toBeLessThanOrEqual(11_400 / 6);
  const ledger = await db.owner.query<{ cost: bigint }>(
    `select coalesce(sum(u.cost_nanousd), 0)::bigint as cost from platform.usage_records u
     where u.tenant_id = $1 and u.occurred_at >= $2 and u.occurred_at < $3`,
    [id, found['period_start'], found['period_end']],
  );
  expect(found['charged_nanousd']).toBe(ledger.rows[0]!.cost);
});

test('a young tenant’s burn counts from its beginning, a day at least', async () => {
  const { id } = await makeTenant(db);
  await desk.charge(id, 4_000);
  expect(await row(id)).toMatchObject({ burn_nanousd_per_day: 4_000n });
});

test('a cap that has no period yet shows its bounds and what was spent in them', async () => {
  const { id } = await makeTenant(db);
  await desk.charge(id, 321);
  await makeCap(db, id, { limitNanoUsd: 1_000n });
  const found = await row(id);
  expect(found).toMatchObject({ charged_nanousd: 321n, granted_nanousd: null });
  await desk.take({ tenantId: id, need: 1 });
  expect(await row(id)).toMatchObject({
    charged_nanousd: 321n,
    granted_nanousd: 322n,
    period_start: found['period_start'],
    period_end: found['period_end'],
  });
});

test('a daily cap stands beside the monthly one, with its own day, version and raises', async () => {
  const { id } = await makeTenant(db, { timeZone: 'Asia/Kathmandu' });
  await desk.charge(id, 700, { occurred_at: await noon('Asia/Kathmandu', 1) });
  await desk.charge(id, 300);
  expect(await row(id)).toMatchObject({ day_cap_id: null, day_charged_nanousd: null, day_period_start: null });
  await makeCap(db, id, { limitNanoUsd: 10_000n });
  const dayCap = await makeCap(db, id, { limitNanoUsd: 1_000n, period: 'day' });
  const { rows } = await db.owner.query<{ period_start: Date; period_end: Date }>(
    `select * from platform.period_bounds('day', 'Asia/Kathmandu', 1, now())`,
  );
  const day = {
    day_cap_id: dayCap,
    day_cap_version: 1,
    day_limit_nanousd: 1_000n,
    day_thresholds: [50, 80, 95, 100],
    day_period_start: rows[0]!.period_start,
    day_period_end: rows[0]!.period_end,
    day_charged_nanousd: 300n,
    day_override_nanousd: 0n,
    override_nanousd: 0n,
  };
  expect(await row(id)).toMatchObject({ ...day, limit_nanousd: 10_000n, day_granted_nanousd: null });
  await desk.take({ tenantId: id, need: 1 });
  expect(await row(id)).toMatchObject({ ...day, day_granted_nanousd: 301n });
  const admin = await makeOperator(db, { role: 'admin' });
  await createCapDesk(db).add(admin, { tenantId: id, capId: dayCap, amount: 50n });
  expect(await row(id)).toMatchObject({
    ...day,
    day_cap_version: 2,
    day_override_nanousd: 50n,
    day_override_count: 1,
    day_override_next_end: null,
  });
});

test('no cap: no cap figures, never a zero; archived tenants are gone; suspended ones stay', async () => {
  const { id } = await makeTenant(db);
  expect(await row(id)).toMatchObject({
    cap_id: null,
    limit_nanousd: null,
    charged_nanousd: null,
    period_start: null,
    spent_today_nanousd: 0n,
    refusals_last_hour: 0,
    last_refused_at: null,
  });
  const archived = await makeTenant(db, { status: 'archived' });
  expect(await row(archived.id)).toBeUndefined();
  const suspended = await makeTenant(db, { status: 'suspended' });
  expect(await row(suspended.id)).toMatchObject({ status: 'suspended' });
});

test('it never reads the ledger', async () => {
  const { rows } = await db.connect(viewerUrl).query<{ 'QUERY PLAN': string }>('explain select * from platform.board');
  expect(rows.map((line) => line['QUERY PLAN']).join('\n')).not.toContain('usage_records');
});

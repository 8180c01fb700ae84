/** A daily cap beside the monthly one: all caps or none, each in its own period of the tenant's zone. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCapDesk } from '../testing/cap-desk.ts';
import { eventually } from '../testing/eventually.ts';
import { makeCap, makeOperator } from '../testing/factories.ts';
import type { Gateway } from './create-gateway.ts';
import { callAtOnce, callForADime, DIME, makeDimeTenant, priceDimes } from './testing/dime-calls.ts';
import { knownAt, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
let gateways: Gateway[];
let addresses: string[];

beforeAll(async () => {
  site = await createTestSite();
  await priceDimes(site.db);
  gateways = await Promise.all([site.startGateway(), site.startGateway({ name: 'second' })]);
  addresses = gateways.map(({ address }) => address);
});
afterAll(async () => {
  await site?.close();
});

interface Made extends TestTenant {
  readonly dayCapId: string;
  readonly timeZone: string;
}

async function made(monthDimes: bigint, dayDimes: bigint, timeZone = zoneAtNoon()): Promise<Made> {
  const tenant = await makeDimeTenant(site.db, { dimes: monthDimes, timeZone });
  const dayCapId = await makeCap(site.db, tenant.id, { limitNanoUsd: dayDimes * DIME, period: 'day' });
  for (const address of addresses) await knownAt(address, tenant.key, 2);
  return { ...tenant, dayCapId, timeZone };
}

/** A zone in which it is about noon, so that no test runs over its midnight. */
function zoneAtNoon(): string {
  const ahead = 12 - new Date().getUTCHours();
  return `Etc/GMT${ahead > 0 ? `-${ahead}` : `+${-ahead}`}`;
}

/** Of each cap, what its period has; a cap without an open one is not among them. */
async function periods(tenant: Made): Promise<Record<string, { granted: bigint; charged: bigint }>> {
  const { rows } = await site.db.owner.query<{ period: string; granted: bigint; charged: bigint }>(
    `select c.period, p.granted_nanousd as granted, p.charged_nanousd as charged
     from platform.cap_periods p join platform.caps c on c.tenant_id = p.tenant_id and c.id = p.cap_id
     where p.tenant_id = $1 and p.period_start <= now() and p.period_end > now()`,
    [tenant.id],
  );
  return Object.fromEntries(rows.map(({ period, ...figures }) => [period, figures]));
}

async function call(tenant: Made, at = 0): Promise<{ status: number; error?: Record<string, unknown> }> {
  const answer = await callForADime(addresses[at]!, tenant);
  const body = (await answer.json()) as { error?: Record<string, unknown> };
  return { status: answer.status, ...body };
}

/** When the day of that zone ends, by PostgreSQL: "2026-11-21T00:00:00". */
async function nextMidnight(timeZone: string): Promise<string> {
  const { rows } = await site.db.owner.query<{ at: string }>(
    `select to_char(timezone($1, period_end), 'YYYY-MM-DD"T"HH24:MI:SS') as at
     from platform.period_bounds('day', $1, 1, now())`,
    [timeZone],
  );
  return rows[0]!.at;
}

/** Opens a day of which so much is spent; `end`: SQL for when it ends. */
async function dayThatEnds(tenant: Made, end: string, spent: bigint): Promise<Date> {
  const { rows } = await site.db.owner.query<{ end: Date }>(
    `insert into platform.cap_periods (tenant_id, cap_id, period_start, period_end, limit_nanousd, granted_nanousd, charged_nanousd)
     values ($1, $2, now() - interval '1 day', ${end}, 0, $3, $3) returning period_end as "end"`,
    [tenant.id, tenant.dayCapId, spent],
  );
  return rows[0]!.end;
}

test('the day’s cap refuses with month room left: 402 until midnight in the tenant’s zone, and the month is not touched', async () => {
  const tenant = await made(50n, 3n, 'Asia/Kathmandu');
  expect(await callAtOnce(addresses, tenant, 40)).toEqual({ 200: 3, 402: 37 });
  const { error } = await call(tenant);
  expect(error).toMatchObject({
    type: 'budget_exceeded',
    code: 'tenant_day_cap',
    period: 'day',
    cap_id: tenant.dayCapId,
    cap_usd: '0.30',
    held_usd: '0.00',
    resets_at: `${await nextMidnight('Asia/Kathmandu')}+05:45`,
  });
  await eventually(async () =>
    expect(await periods(tenant)).toEqual({
      month: { granted: 3n * DIME, charged: 3n * DIME },
      day: { granted: 3n * DIME, charged: 3n * DIME },
    }),
  );
});

test('the month’s cap refuses with day room left, and the day is not touched', async () => {
  const tenant = await made(2n, 50n);
  expect(await callAtOnce(addresses, tenant, 20)).toEqual({ 200: 2, 402: 18 });
  expect((await call(tenant)).error).toMatchObject({ code: 'tenant_month_cap', cap_id: tenant.capId });
  await eventually(async () =>
    expect(await periods(tenant)).toEqual({
      month: { granted: 2n * DIME, charged: 2n * DIME },
      day: { granted: 2n * DIME, charged: 2n * DIME },
    }),
  );
});

test('a gateway lives through the end of the day: the next call passes', async () => {
  const tenant = await made(50n, 1n);
  // As if somebody had moved the tenant's zone: its day ends in a moment, the next is what is left of the new one.
  const end = await dayThatEnds(tenant, `clock_timestamp() + interval '2 seconds'`, 0n);
  expect((await call(tenant)).status).toBe(200);
  for (const at of [0, 1]) expect((await call(tenant, at)).error).toMatchObject({ code: 'tenant_day_cap' });
  await createCapDesk(site.db).untilPassed(end.toISOString());
  // No more than that: real periods end on quarter hours, by which the ledger finds them, and this one does not.
  await expect.poll(() => call(tenant).then(({ status }) => status), { interval: 10, timeout: 5_000 }).toBe(200);
});

test('what was spent the day before counts for the month alone', async () => {
  const tenant = await made(50n, 2n);
  // Days end on quarter hours in every zone; this one did at the last.
  await dayThatEnds(tenant, `date_bin('15 minutes', clock_timestamp(), '2001-01-01')`, 2n * DIME);
  expect(await callAtOnce(addresses, tenant, 20)).toEqual({ 200: 2, 402: 18 });
  await eventually(async () =>
    expect(await periods(tenant)).toEqual({
      month: { granted: 2n * DIME, charged: 2n * DIME },
      day: { granted: 2n * DIME, charged: 2n * DIME },
    }),
  );
});

test('a raise of the day’s cap is obeyed, and the tenant’s own budget shows both', async () => {
  const tenant = await made(50n, 0n);
  expect((await call(tenant)).error).toMatchObject({ code: 'tenant_day_cap' });
  const admin = await makeOperator(site.db, { role: 'admin' });
  const desk = createCapDesk(site.db);
  await desk.set(admin, { tenantId: tenant.id, capId: tenant.dayCapId, limit: DIME });
  await expect.poll(() => call(tenant).then(({ status }) => status), { interval: 10, timeout: 1_000 }).toBe(200);
  expect((await call(tenant)).error).toMatchObject({ code: 'tenant_day_cap' });
  const answer = await fetch(`${addresses[0]}/v1/budget`, { headers: { authorization: `Bearer ${tenant.key}` } });
  const { caps } = (await answer.json()) as { caps: Record<string, unknown>[] };
  expect(caps.find(({ period }) => period === 'day')).toMatchObject({ cap_usd: '0.10', remaining_usd: '0.00' });
  expect(caps.find(({ period }) => period === 'month')).toMatchObject({ cap_usd: '5.00', remaining_usd: '4.90' });
});

test('before the first call of a period the budget shows the limit in force, with what raises it for a time', async () => {
  const tenant = await made(50n, 2n);
  const admin = await makeOperator(site.db, { role: 'admin' });
  const desk = createCapDesk(site.db);
  await desk.add(admin, { tenantId: tenant.id, capId: tenant.dayCapId, amount: 3n * DIME });
  await site.db.owner.query('delete from platform.cap_periods where tenant_id = $1', [tenant.id]);
  const fresh = await site.startGateway({ name: 'third' });
  const budget = async (): Promise<unknown> => {
    const answer = await fetch(`${fresh.address}/v1/budget`, { headers: { authorization: `Bearer ${tenant.key}` } });
    const { caps } = (await answer.json()) as { caps: Record<string, unknown>[] };
    return caps.find(({ period }) => period === 'day');
  };
  await expect.poll(budget).toMatchObject({ cap_usd: '0.50', committed_nanousd: null });
});

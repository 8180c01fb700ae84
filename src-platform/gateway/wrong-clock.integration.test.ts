/** The gateway's host has a wrong clock: periods, ends of keys, windows of quotas and the ledger go by the database's time all the same. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { makeCap, makeKey, makeQuota } from '../testing/factories.ts';
import { startGatewayChild, type GatewayChild } from './testing/gateway-child.ts';
import { chatAgain, knownAt, ledgerOf, makeCappedTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

const USD = 1_000_000_000n;
let site: TestSite;
let gateway: GatewayChild;
beforeAll(async () => {
  site = await createTestSite();
});
afterAll(() => site?.close());

/** A gateway whose calendar is so many hours ahead (negative: behind) in everything that it runs. */
async function startWithClock(hours: number): Promise<void> {
  const script = `
    const Right = Date, off = ${hours} * 3600e3;
    globalThis.Date = class Date extends Right {
      constructor(...of) { if (of.length === 0) super(Right.now() + off); else super(...of); }
      static now() { return Right.now() + off; }
    };`;
  const url = `data:text/javascript,${encodeURIComponent(script)}`;
  gateway = await startGatewayChild(site, { env: { NODE_OPTIONS: `--import "${url}"` } });
}

async function one<T extends object>(text: string, values: unknown[] = []): Promise<T> {
  const { rows } = await site.db.owner.query<T>(text, values);
  return rows[0]!;
}

/** A zone in which it is about noon, so that no test runs over its midnight. */
function zoneAtNoon(): string {
  const ahead = 12 - new Date().getUTCHours();
  return `Etc/GMT${ahead > 0 ? `-${ahead}` : `+${-ahead}`}`;
}

describe.each([31, -31])('%i hours off', (hours) => {
  beforeAll(() => startWithClock(hours));
  afterAll(() => gateway?.child.stop());

  test('its log has the wrong time, calls are of the day and period that the database has', async () => {
    const logged = JSON.parse(site.log.findLast((line) => line.startsWith('{"at"')) ?? '{}') as { at: string };
    expect(Math.abs(Date.parse(logged.at) - Date.now() - hours * 3_600_000)).toBeLessThan(600_000);

    const tenant = await makeCappedTenant(site.db, 10n * USD, { timeZone: zoneAtNoon() });
    await makeCap(site.db, tenant.id, { limitNanoUsd: USD, period: 'day' });
    await knownAt(gateway.address, tenant.key, 2);
    const answer = await chatAgain(gateway.address, tenant.key);
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
    await eventually(async () => expect(await ledgerOf(site.db, tenant.id)).toHaveLength(1));
    const { age, today, inside } = await one<{ age: number; today: boolean; inside: boolean }>(
      `select abs(extract(epoch from now() - u.occurred_at))::float8 as age,
         (select day = timezone(t.time_zone, now())::date from platform.usage_tenant_daily d where d.tenant_id = t.id) as today,
         (select bool_and(p.charged_nanousd = u.cost_nanousd and now() between p.period_start and p.period_end)
          from platform.cap_periods p where p.tenant_id = t.id) as inside
       from platform.usage_records u join platform.tenants t on t.id = u.tenant_id where t.id = $1`,
      [tenant.id],
    );
    expect(age).toBeLessThan(60);
    expect({ today, inside }).toEqual({ today: true, inside: true });
  });

  test('a key ends when the database says, and a quota resumes then', async () => {
    const tenant = await makeCappedTenant(site.db, null, { timeZone: zoneAtNoon() });
    const { later, soon } = await one<{ later: Date; soon: Date }>(
      `select clock_timestamp() + interval '20 hours' as later, clock_timestamp() + interval '1 second' as soon`,
    );
    const lasting = await makeKey(site.db, tenant.id, { validUntil: later });
    const ending = await makeKey(site.db, tenant.id, { validUntil: soon });
    await knownAt(gateway.address, lasting.key, 0);
    const first = await chatAgain(gateway.address, lasting.key);
    expect(first.status, 'not over yet').toBe(200);
    await first.arrayBuffer();
    await site.db.owner.query(
      'select pg_sleep(greatest(0, extract(epoch from $1::timestamptz - clock_timestamp())) + 0.5)',
      [soon],
    );
    const last = await chatAgain(gateway.address, ending.key);
    expect(last.status, 'over').toBe(401);
    expect(await last.json()).toMatchObject({ error: { code: 'key_revoked' } });

    await makeQuota(site.db, tenant.id, 'requests_per_day', 3);
    await eventually(async () => {
      const answer = await chatAgain(gateway.address, tenant.key);
      await answer.arrayBuffer();
      expect(answer.status).toBe(429);
    });
    const refused = await chatAgain(gateway.address, tenant.key);
    const { left } = await one<{ left: string }>(
      `select extract(epoch from b.period_end - clock_timestamp()) as left from platform.tenants t
       cross join lateral platform.period_bounds('day', t.time_zone, t.anchor_day, now()) b where t.id = $1`,
      [tenant.id],
    );
    expect(Math.abs(Number(refused.headers.get('retry-after')) - Number(left))).toBeLessThan(10);
  });
});

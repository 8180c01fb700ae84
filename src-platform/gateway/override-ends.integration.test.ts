import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCapDesk, type CapDesk } from '../testing/cap-desk.ts';
import { eventually } from '../testing/eventually.ts';
import { makeOperator, type MadeOperator } from '../testing/factories.ts';
import type { Gateway } from './create-gateway.ts';
import { capPeriodOf, chat, makeCappedTenant, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
let gateways: Gateway[];
let caps: CapDesk;
let admin: MadeOperator;

beforeAll(async () => {
  site = await createTestSite();
  gateways = [await site.startGateway(), await site.startGateway({ name: 'second' })];
  caps = createCapDesk(site.db);
  admin = await makeOperator(site.db, { role: 'admin' });
});
afterAll(async () => {
  await site?.close();
});

/** A call that costs about a thousandth of a dollar: 100 tokens of answer. */
async function call(tenant: TestTenant, at = 0): Promise<number> {
  const answer = await chat(gateways[at]!.address, tenant.key, { script: { answer: 100, prompt: 10 } });
  await answer.text();
  return answer.status;
}

test('an override raises what passes, its end lowers it at the instant, with money of it idle in two gateways', async () => {
  // Nothing of its own: every call that passes is the override's.
  const tenant = await makeCappedTenant(site.db, 0n);
  const target = { tenantId: tenant.id, capId: tenant.capId };
  await expect.poll(() => call(tenant)).toBe(402);
  const added = await caps.add(admin, {
    ...target,
    amount: 5_000_000_000n,
    until: 'date',
    endsLocal: await caps.localIn(tenant.id, 2_500),
  });
  const ends = Date.parse(added.endsAt!);
  await expect.poll(() => call(tenant, 0), { interval: 10 }).toBe(200);
  await expect.poll(() => call(tenant, 1), { interval: 10 }).toBe(200);
  // Both hold idle money of the override when it ends: they call until then.
  const passed = { before: 0, after: 0 };
  while (Date.now() < ends + 600) {
    for (const at of [0, 1]) {
      const sent = Date.now();
      const status = await call(tenant, at);
      // The test's clock is the database's; a gateway knows that only to some milliseconds.
      if (status === 200) passed[sent > ends + 150 ? 'after' : 'before'] += 1;
    }
  }
  expect(passed.before).toBeGreaterThan(0);
  expect(passed.after).toBe(0);
});

test('after the end the whole cap is there: idle money of the override comes back before a call is refused', async () => {
  const nothing = await makeCappedTenant(site.db, 0n);
  await expect.poll(() => call(nothing)).toBe(402);
  const refused = await chat(gateways[0]!.address, nothing.key, { script: { answer: 100, prompt: 10 } });
  const { error } = (await refused.json()) as { error: { estimate_nanousd: number } };
  const bound = BigInt(error.estimate_nanousd);

  const tenant = await makeCappedTenant(site.db, 10n * bound);
  const target = { tenantId: tenant.id, capId: tenant.capId };
  const added = await caps.add(admin, {
    ...target,
    amount: 30n * bound,
    until: 'date',
    endsLocal: await caps.localIn(tenant.id, 2_000),
  });
  // Until both gateways know of the tenant; two calls of ten, and idle money ahead of both.
  await expect.poll(() => call(tenant, 0), { interval: 10 }).toBe(200);
  await expect.poll(() => call(tenant, 1), { interval: 10 }).toBe(200);
  await caps.untilPassed(added.endsAt!);
  const answers: number[] = [];
  for (let n = 0; n < 8; n += 1) answers.push(await call(tenant, n % 2));
  expect(answers).toEqual(Array.from({ length: 8 }, () => 200));
  for (const at of [0, 1]) while ((await call(tenant, at)) === 200);
  await eventually(async () => {
    const { charged, granted, limit } = await capPeriodOf(site.db, tenant.id);
    expect(limit).toBe(10n * bound);
    expect(granted).toBeLessThanOrEqual(limit);
    expect(charged).toBeGreaterThan(9n * bound);
  });
});

test('an undone raise is obeyed like any lowering', async () => {
  const tenant = await makeCappedTenant(site.db, 0n);
  const target = { tenantId: tenant.id, capId: tenant.capId };
  await caps.set(admin, { ...target, limit: 1_000_000_000n });
  await expect.poll(() => call(tenant), { interval: 10 }).toBe(200);
  await caps.undo(admin, { ...target, version: 2 });
  await expect.poll(() => call(tenant), { interval: 10 }).toBe(402);
});

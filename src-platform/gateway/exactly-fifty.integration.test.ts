/** 1,000 callers at once on a cap of 5 USD with calls that cost their bound of 0.10 USD: exactly 50 pass. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import type { Gateway } from './create-gateway.ts';
import { callAtOnce, makeDimeTenant, priceDimes } from './testing/dime-calls.ts';
import { capPeriodOf, knownAt, ledgerOf } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

const ROUNDS = 2;
let site: TestSite;
let gateways: Gateway[];

beforeAll(async () => {
  site = await createTestSite();
  await priceDimes(site.db);
  gateways = await Promise.all([site.startGateway(), site.startGateway({ name: 'second' })]);
});
afterAll(async () => {
  await site?.close();
});

test.each([1, 2])('with %i gateway(s), every time', async (count) => {
  const addresses = gateways.slice(0, count).map(({ address }) => address);
  for (let round = 0; round < ROUNDS; round += 1) {
    const tenant = await makeDimeTenant(site.db);
    for (const address of addresses) await knownAt(address, tenant.key);
    expect(await callAtOnce(addresses, tenant, 1_000)).toEqual({ 200: 50, 402: 950 });
    await eventually(async () => expect(await ledgerOf(site.db, tenant.id)).toHaveLength(50));
    const { charged, granted, limit } = await capPeriodOf(site.db, tenant.id);
    expect([charged, granted]).toEqual([limit, limit]);
  }
});

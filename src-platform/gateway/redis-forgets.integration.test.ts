/** Redis is flushed, or comes back from an old file: no cap and no quota is passed for it, nobody is refused for it, and gauges are the ledger. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { makeQuota } from '../testing/factories.ts';
import type { Gateway } from './create-gateway.ts';
import { DIME, makeDimeTenant, priceDimes, statusOfADime } from './testing/dime-calls.ts';
import { chatAgain, knownAt, ledgerOf, makeCappedTenant, sumOf, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
let gateways: Gateway[];
let redis: Redis;

beforeAll(async () => {
  site = await createTestSite();
  await priceDimes(site.db);
  gateways = [await site.startGateway(), await site.startGateway({ name: 'second' })];
  redis = new Redis(site.redis.url);
});
afterAll(async () => {
  redis?.disconnect();
  await site?.close();
});

/** What Redis has of the tenant now. @returns sets it back to that, and everything else to nothing */
async function remember(tenant: TestTenant): Promise<() => Promise<void>> {
  const keys = (await redis.keys(`td:{${tenant.id}}:*`)).toSorted();
  const hashes: [string, Record<string, string>][] = [];
  for (const key of keys) {
    if ((await redis.type(key)) === 'hash') hashes.push([key, await redis.hgetall(key)]);
  }
  expect(hashes.length).toBeGreaterThan(0);
  return async () => {
    await redis.flushall();
    for (const [key, hash] of hashes) await redis.hset(key, hash);
  };
}

async function call(tenant: TestTenant, at: number): Promise<number> {
  const answer = await chatAgain(gateways[at % 2]!.address, tenant.key, { script: { answer: 5, prompt: 5 } });
  await answer.arrayBuffer();
  return answer.status;
}

/** One after the other, over both gateways: how many of so many passed; the ledger has them. */
async function passedOf(calls: number, tenant: TestTenant, make: (index: number) => Promise<number>): Promise<number> {
  const known = (await ledgerOf(site.db, tenant.id)).length;
  let passed = 0;
  for (let index = 0; index < calls; index += 1) if ((await make(index)) === 200) passed += 1;
  await eventually(async () => expect((await ledgerOf(site.db, tenant.id)).length).toBe(known + passed));
  return passed;
}

async function gaugeOf(tenant: TestTenant, at: number): Promise<{ committed_nanousd: number; held_nanousd: number }> {
  const answer = await fetch(`${gateways[at]!.address}/v1/budget`, {
    headers: { authorization: `Bearer ${tenant.key}` },
  });
  const { caps } = (await answer.json()) as { caps: { committed_nanousd: number; held_nanousd: number }[] };
  return caps[0]!;
}

test.each(['flushed', 'set back'] as const)('%s: the cap holds to the dime, and gauges are the ledger', async (how) => {
  const tenant = await makeDimeTenant(site.db, { dimes: 12n });
  for (const { address } of gateways) await knownAt(address, tenant.key);
  const dime = (index: number): Promise<number> => statusOfADime(gateways[index % 2]!.address, tenant);
  expect(await passedOf(3, tenant, dime)).toBe(3);
  await eventually(async () => expect((await redis.keys(`td:{${tenant.id}}:*`)).length).toBeGreaterThan(0));
  const setBack = await remember(tenant);
  expect(await passedOf(5, tenant, dime)).toBe(5);
  await (how === 'flushed' ? redis.flushall() : setBack());
  expect(await passedOf(8, tenant, dime)).toBe(4);
  const spent = sumOf(await ledgerOf(site.db, tenant.id));
  expect(spent).toBe(12n * DIME);
  for (const at of [0, 1]) {
    await eventually(async () =>
      expect(await gaugeOf(tenant, at)).toMatchObject({ committed_nanousd: Number(spent), held_nanousd: 0 }),
    );
  }
});

test.each(['flushed', 'set back'] as const)('%s: the quota of a day is not handed out again', async (how) => {
  const ahead = 12 - new Date().getUTCHours();
  const tenant = await makeCappedTenant(site.db, null, {
    timeZone: `Etc/GMT${ahead > 0 ? `-${ahead}` : `+${-ahead}`}`,
  });
  await makeQuota(site.db, tenant.id, 'requests_per_day', 30);
  for (const { address } of gateways) {
    await knownAt(address, tenant.key, 0);
    await eventually(async () => {
      const answer = await fetch(`${address}/v1/budget`, { headers: { authorization: `Bearer ${tenant.key}` } });
      expect(await answer.json()).toMatchObject({ quotas: [{ quota: 'requests_per_day', limit: 30 }] });
    });
  }
  expect(await passedOf(4, tenant, (index) => call(tenant, index))).toBe(4);
  const setBack = await remember(tenant);
  expect(await passedOf(20, tenant, (index) => call(tenant, index))).toBe(20);
  await eventually(async () => expect(await ledgerOf(site.db, tenant.id)).toHaveLength(24));
  await (how === 'flushed' ? redis.flushall() : setBack());
  const passed = await passedOf(20, tenant, (index) => call(tenant, index));
  expect(passed).toBeLessThanOrEqual(6);
  // What the gateways held idle then may be counted twice: an eighth of what was left, for each.
  expect(passed).toBeGreaterThanOrEqual(how === 'flushed' ? 5 : 1);
});

test('flushed: sessions that a gateway knows keep their places', async () => {
  const tenant = await makeCappedTenant(site.db, null);
  await makeQuota(site.db, tenant.id, 'concurrent_sessions', 2);
  const { address } = gateways[0]!;
  await knownAt(address, tenant.key, 0);
  const statusOf = async (session: string): Promise<number> => {
    const answer = await chatAgain(address, tenant.key, { headers: { 'x-tenantdesk-session': session } });
    await answer.arrayBuffer();
    return answer.status;
  };
  await eventually(async () => {
    const answer = await fetch(`${address}/v1/budget`, { headers: { authorization: `Bearer ${tenant.key}` } });
    expect(JSON.stringify(await answer.json())).toContain('concurrent_sessions');
  });
  for (const session of ['a', 'b']) expect(await statusOf(session)).toBe(200);
  expect(await statusOf('c')).toBe(429);
  await redis.flushall();
  expect(await statusOf('d')).toBe(429);
  expect(await statusOf('a')).toBe(200);
});

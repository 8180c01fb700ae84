/** Rate windows and live figures over a real Redis Cluster of three masters, one of which is killed. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { makeQuota } from '../testing/factories.ts';
import type { Gateway } from './create-gateway.ts';
import { startRedisCluster, type RedisCluster } from './testing/redis-cluster.ts';
import { chat, knownAt, ledgerOf, makeCappedTenant, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

const USD = 1_000_000_000n;
const TENANTS = 6;
const QUOTA = 12;
const FIRST = 4;
const real = inject('testRedis').program !== undefined;

let site: TestSite;
let cluster: RedisCluster;
let gateways: Gateway[];
let tenants: TestTenant[];

beforeAll(async () => {
  if (!real) return;
  [site, cluster] = await Promise.all([createTestSite(), startRedisCluster(inject('testRedis'))]);
  const redisUrl = cluster.urls;
  gateways = await Promise.all([site.startGateway({ redisUrl }), site.startGateway({ redisUrl, name: 'second' })]);
  const ahead = 12 - new Date().getUTCHours();
  const timeZone = `Etc/GMT${ahead > 0 ? `-${ahead}` : `+${-ahead}`}`;
  tenants = await Promise.all(
    Array.from({ length: TENANTS }, async () => {
      // No cap: what is tried here is no money.
      const tenant = await makeCappedTenant(site.db, null, { timeZone });
      await makeQuota(site.db, tenant.id, 'requests_per_day', QUOTA);
      return tenant;
    }),
  );
  for (const { address } of gateways) {
    for (const tenant of tenants) {
      await knownAt(address, tenant.key, 0);
      await eventually(async () => {
        const answer = await fetch(`${address}/v1/budget`, { headers: { authorization: `Bearer ${tenant.key}` } });
        expect(await answer.json()).toMatchObject({ quotas: [{ quota: 'requests_per_day', limit: QUOTA }] });
      });
    }
  }
});
afterAll(async () => {
  await site?.close();
  await cluster?.close();
});

/** So many calls of each tenant at once, over both gateways: how many passed, by tenant; none may end otherwise than passed or refused. */
async function callAll(calls: number): Promise<Map<string, number>> {
  const passed = new Map<string, number>();
  await Promise.all(
    tenants.flatMap((tenant) =>
      Array.from({ length: calls }, async (_, index) => {
        const { address } = gateways[index % gateways.length]!;
        const answer = await chat(address, tenant.key, { script: { answer: 5, prompt: 5 } });
        await answer.arrayBuffer();
        expect([200, 429]).toContain(answer.status);
        if (answer.status === 200) passed.set(tenant.id, (passed.get(tenant.id) ?? 0) + 1);
      }),
    ),
  );
  return passed;
}

test.runIf(real)(
  'windows are exact over the cluster, and with a master gone every tenant is still served and bounded',
  async () => {
    const first = await callAll(FIRST);
    for (const { id } of tenants) expect(first.get(id)).toBe(FIRST);
    await eventually(async () => {
      for (const { id } of tenants) expect(await ledgerOf(site.db, id)).toHaveLength(FIRST);
    });

    const [unlucky] = tenants;
    await cluster.killMasterOf(`td:{${unlucky!.id}}:quota`);
    const second = await callAll(QUOTA);
    for (const { id } of tenants) {
      const total = FIRST + (second.get(id) ?? 0);
      // Who lies on a master that lives is counted together; the others by each gateway alone, from what it heard last.
      expect(total).toBeGreaterThanOrEqual(QUOTA);
      expect(total).toBeLessThanOrEqual(QUOTA + QUOTA - FIRST);
    }
    const exact = tenants.filter(({ id }) => second.get(id) === QUOTA - FIRST);
    expect(exact.length).toBeGreaterThan(0);
    const third = await callAll(4);
    for (const { id } of exact) expect(third.get(id) ?? 0).toBe(0);
  },
  60_000,
);

interface Gauge {
  readonly committed_nanousd: number | null;
  readonly held_nanousd: number | null;
}

async function gaugeAt(gateway: Gateway, tenant: TestTenant): Promise<Gauge | undefined> {
  const answer = await fetch(`${gateway.address}/v1/budget`, { headers: { authorization: `Bearer ${tenant.key}` } });
  const { caps } = (await answer.json()) as { caps: Gauge[] };
  return caps[0];
}

/** What is held by an open call is known to its own gateway and told over Redis, nowhere else. */
test.runIf(real).each([true, false])(
  'with that master gone live figures cross between gateways, of a tenant whose own master lives: %s',
  async (lives) => {
    let tenant = await makeCappedTenant(site.db, 100n * USD);
    while ((await cluster.serves(`td:{${tenant.id}}:live`)) !== lives) {
      tenant = await makeCappedTenant(site.db, 100n * USD);
    }
    for (const { address } of gateways) await knownAt(address, tenant.key);
    const leave = new AbortController();
    const open = await chat(gateways[0]!.address, tenant.key, {
      script: { answer: 30, gapMs: 2_000 },
      body: { stream: true },
      signal: leave.signal,
    });
    await eventually(async () => expect((await gaugeAt(gateways[1]!, tenant))?.held_nanousd).toBeGreaterThan(0));
    const quick = await chat(gateways[0]!.address, tenant.key);
    await quick.arrayBuffer();
    await eventually(async () => {
      const [line] = await ledgerOf(site.db, tenant.id);
      expect(await gaugeAt(gateways[1]!, tenant)).toMatchObject({ committed_nanousd: Number(line?.cost_nanousd) });
    });
    leave.abort();
    await open.text().catch(() => undefined);
  },
);

/** PostgreSQL fails over in the middle of calls: a promoted standby takes its place, and no call is lost, doubled, refused or passed wrongly. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { ledgerDrift } from '../testing/ledger-drift.ts';
import { startReplicatedCluster, type ReplicatedCluster } from '../testing/replicated-cluster.ts';
import type { Gateway } from './create-gateway.ts';
import { callForADime, DIME, makeDimeTenant, priceDimes, statusOfADime } from './testing/dime-calls.ts';
import { capPeriodOf, knownAt, ledgerOf } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

const DIMES = 400;
const CALLERS = 8;

let replicated: ReplicatedCluster;
let site: TestSite;
let gateways: Gateway[];

beforeAll(async () => {
  replicated = await startReplicatedCluster();
  site = await createTestSite(replicated.cluster);
  await priceDimes(site.db);
  gateways = [await site.startGateway(), await site.startGateway({ name: 'second' })];
});
afterAll(async () => {
  await site?.close();
  await replicated?.stop();
});

test('all of the cap is used, to the dime, and every answered call is in the ledger of the new server once', async () => {
  const tenant = await makeDimeTenant(site.db, { dimes: BigInt(DIMES) });
  for (const { address } of gateways) await knownAt(address, tenant.key);
  const answered: string[] = [];
  const statuses = new Set<number>();
  let over = false;
  async function caller(index: number): Promise<void> {
    while (!over) {
      const answer = await callForADime(gateways[index % 2]!.address, tenant);
      await answer.arrayBuffer();
      statuses.add(answer.status);
      if (answer.status === 200) answered.push(answer.headers.get('x-tenantdesk-request-id') ?? '');
      else if (answer.status === 402) over = true;
    }
  }
  const calling = Promise.all(Array.from({ length: CALLERS }, (_, index) => caller(index)));
  await eventually(() => expect(answered.length).toBeGreaterThan(DIMES / 10));
  await replicated.failOver();
  const answeredThen = answered.length;
  expect(answeredThen).toBeLessThan(DIMES);
  await calling;

  expect([...statuses].every((status) => [200, 402, 503].includes(status))).toBe(true);
  expect(answered).toHaveLength(DIMES);
  await eventually(async () => expect(await ledgerOf(site.db, tenant.id)).toHaveLength(DIMES));
  const ledger = await ledgerOf(site.db, tenant.id);
  expect(ledger.map((line) => line.request_id).toSorted()).toEqual(answered.toSorted());
  const { limit, granted, charged } = await capPeriodOf(site.db, tenant.id);
  expect([granted, charged, charged]).toEqual([limit, limit, BigInt(DIMES) * DIME]);
  expect(await ledgerDrift(site.db.owner, [tenant.id])).toEqual([]);
});

test('announcements of the new server are heard', async () => {
  const tenant = await makeDimeTenant(site.db, { dimes: 3n });
  for (const { address } of gateways) {
    await knownAt(address, tenant.key);
    expect(await statusOfADime(address, tenant)).toBe(200);
  }
});

/** Announcements get lost: what operators change is obeyed all the same, by the look at the versions each second. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientInput, createClientDesk, newSecret, partsOf, type ClientDesk } from '../testing/client-desk.ts';
import { createCapDesk, type CapDesk } from '../testing/cap-desk.ts';
import { eventually } from '../testing/eventually.ts';
import { makeOperator, type MadeOperator } from '../testing/factories.ts';
import { startFaultProxy, type FaultProxy } from '../testing/fault-proxy.ts';
import type { Gateway } from './create-gateway.ts';
import { DIME, makeDimeTenant, priceDimes, statusOfADime } from './testing/dime-calls.ts';
import { capPeriodOf, chat, knownAt } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
/** Between the gateway's ear and the database; everything else goes straight. */
let ear: FaultProxy;
let gateway: Gateway;
let admin: MadeOperator;
let clients: ClientDesk;
let caps: CapDesk;

beforeAll(async () => {
  site = await createTestSite();
  await priceDimes(site.db);
  ear = await startFaultProxy(site.db.gatewayUrl);
  gateway = await site.startGateway({ directUrl: ear.url });
  admin = await makeOperator(site.db, { role: 'admin' });
  clients = createClientDesk(site.db);
  caps = createCapDesk(site.db);
});
afterAll(async () => {
  await site?.close();
  await ear?.close();
});

/** Refused: it can't dial either. Silent: it believes for a while that it listens. */
const WAYS = ['refuse', 'silent'] as const;

test.each(WAYS)('%s: a revoked key, a suspended client, a resumed one', async (way) => {
  ear.set('forward');
  const secret = newSecret();
  const { tenantId, keyId } = await clients.create(admin, clientInput({ key: { name: 'bot', ...partsOf(secret) } }));
  const statusOf = async (): Promise<number> => {
    const answer = await chat(gateway.address, secret);
    await answer.arrayBuffer();
    return answer.status;
  };
  await eventually(async () => expect(await statusOf()).toBe(200));
  ear.set(way);
  await clients.setStatus(admin, { tenantId, status: 'suspended' });
  await eventually(async () => expect(await statusOf()).toBe(403));
  await clients.setStatus(admin, { tenantId, status: 'active', version: 2 });
  await eventually(async () => expect(await statusOf()).toBe(200));
  await clients.revoke(admin, { tenantId, keyId });
  await eventually(async () => expect(await statusOf()).toBe(401));
});

test.each(WAYS)('%s: a lowered cap takes idle money back, a raised one is used', async (way) => {
  ear.set('forward');
  const tenant = await makeDimeTenant(site.db, { dimes: 50n });
  await knownAt(gateway.address, tenant.key);
  const statusOf = (): Promise<number> => statusOfADime(gateway.address, tenant);
  // Far from the cap: money lies idle in the gateway.
  for (let calls = 0; calls < 5; calls += 1) expect(await statusOf()).toBe(200);
  ear.set(way);
  const lowered = await caps.set(admin, { tenantId: tenant.id, capId: tenant.capId, limit: 5n * DIME, version: 1 });
  // Before any call asks for it.
  await eventually(async () => expect((await capPeriodOf(site.db, tenant.id)).granted).toBe(5n * DIME));
  expect(await statusOf()).toBe(402);
  await caps.set(admin, { tenantId: tenant.id, capId: tenant.capId, limit: 50n * DIME, version: lowered.version });
  await eventually(async () => expect(await statusOf()).toBe(200));
});

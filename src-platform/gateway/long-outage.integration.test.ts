/** PostgreSQL is away for minutes: grants that are held are spent for ten minutes, then nothing passes, and all of it is in the ledger afterwards. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { startFaultProxy, type FaultProxy } from '../testing/fault-proxy.ts';
import { ledgerDrift } from '../testing/ledger-drift.ts';
import { callForADime, DIME, makeDimeTenant, priceDimes } from './testing/dime-calls.ts';
import { capPeriodOf, knownAt, ledgerOf, makeCappedTenant, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

const MINUTE_MS = 60_000;
let site: TestSite;
let proxy: FaultProxy;
beforeAll(async () => {
  site = await createTestSite();
  await priceDimes(site.db);
  proxy = await startFaultProxy(site.db.gatewayUrl);
});
afterAll(async () => {
  await site?.close();
  await proxy?.close();
});

test('for nine minutes on what is held, not after ten; back, everything is in the ledger and calls pass', async () => {
  // The gateway's steady clock, which these minutes pass on.
  let passedMs = 0;
  const gateway = await site.startGateway({
    databaseUrl: proxy.url,
    clock: { monotonic: () => performance.now() + passedMs },
  });
  const capped = await makeDimeTenant(site.db, { dimes: 100n });
  const free = await makeCappedTenant(site.db, null);
  await knownAt(gateway.address, capped.key);
  await knownAt(gateway.address, free.key, 0);
  let answered = 0;
  const statusOf = async (tenant: TestTenant): Promise<number> => {
    const answer = await callForADime(gateway.address, tenant);
    await answer.arrayBuffer();
    if (tenant === capped && answer.status === 200) answered += 1;
    return answer.status;
  };
  await eventually(async () => expect(await statusOf(capped)).toBe(200));
  expect(await statusOf(free)).toBe(200);
  await eventually(async () => expect(await ledgerOf(site.db, capped.id)).toHaveLength(answered));
  const heldThen = (await capPeriodOf(site.db, capped.id)).granted;

  proxy.set('refuse');
  passedMs = 9 * MINUTE_MS;
  expect(await statusOf(free), 'nothing of it is bounded by money').toBe(200);
  const statuses: number[] = [];
  while (statuses.at(-1) !== 503) statuses.push(await statusOf(capped));
  expect(statuses.every((status) => status === 200 || status === 503)).toBe(true);
  expect(BigInt(answered) * DIME <= heldThen, 'no more than it held').toBe(true);
  expect((await fetch(`${gateway.address}/readyz`)).status).toBe(200);

  passedMs = 10 * MINUTE_MS + 10_000;
  expect(await statusOf(free), 'what it remembers is too old').toBe(503);
  const ready = await fetch(`${gateway.address}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ missing: ['policy is too old: the database has been away too long'] });

  // These minutes did not pass for the database: its clock has been set back, as far as the gateway can know.
  proxy.set('forward');
  await eventually(async () => expect(await statusOf(free)).toBe(200));
  await eventually(async () => expect(await statusOf(capped)).toBe(200));
  await eventually(async () => expect(await ledgerOf(site.db, capped.id)).toHaveLength(answered));
  await gateway.close();
  const { granted, charged } = await capPeriodOf(site.db, capped.id);
  expect(granted).toBe(charged);
  expect(await ledgerDrift(site.db.owner, [capped.id, free.id])).toEqual([]);
});

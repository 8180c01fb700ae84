/** The disk of the journal is full: no call that can't be kept safe is passed, no open one is lost or counted twice, and all is well when there is room. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { ledgerDrift } from '../testing/ledger-drift.ts';
import { canLimitFiles, giveRoom, startGatewayChild, type GatewayChild } from './testing/gateway-child.ts';
import {
  capPeriodOf,
  chat,
  knownAt,
  ledgerOf,
  makeCappedTenant,
  sumOf,
  type TestTenant,
} from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

/** Room for some twenty calls. */
const FILE_BYTES = 24 * 1024;
const canRun = canLimitFiles();

let site: TestSite;
let gateway: GatewayChild;
beforeAll(async () => {
  site = await createTestSite();
});
afterEach(() => gateway?.child.stop());
afterAll(() => site?.close());

const idOf = (answer: Response): string => answer.headers.get('x-tenantdesk-request-id') ?? '';

/** Calls one after the other until one is refused; answers those that passed. */
async function callUntilFull(tenant: TestTenant): Promise<string[]> {
  const passed: string[] = [];
  for (let calls = 0; calls < 200; calls += 1) {
    const answer = await chat(gateway.address, tenant.key);
    if (answer.status === 200) {
      await answer.arrayBuffer();
      passed.push(idOf(answer));
    } else {
      expect(answer.status).toBe(503);
      // The database may be slow as well, on a busy machine.
      if ((await readiness()).status === 200) continue;
      expect(await answer.json()).toMatchObject({ error: { type: 'budget_unverifiable' } });
      return passed;
    }
  }
  throw new Error('The file never became full.');
}

const readiness = async (): Promise<{ status: number; missing: unknown }> => {
  const answer = await fetch(`${gateway.address}/readyz`);
  const { missing } = (await answer.json()) as { missing: unknown };
  return { status: answer.status, missing };
};

/** The ledger has exactly what the provider billed for these, and everything that sums it up agrees. */
async function expectBilledOnce(tenant: TestTenant, requestIds: readonly string[]): Promise<void> {
  const bill = new Map(site.provider.bill.map((call) => [call.requestId, call.costNanoUsd]));
  await eventually(async () => expect(await ledgerOf(site.db, tenant.id)).toHaveLength(requestIds.length));
  const ledger = await ledgerOf(site.db, tenant.id);
  expect(ledger.every(({ kind }) => kind === 'charge')).toBe(true);
  expect(new Map(ledger.map((line) => [line.request_id, line.cost_nanousd]))).toEqual(
    new Map(requestIds.map((id) => [id, bill.get(id)])),
  );
  expect((await capPeriodOf(site.db, tenant.id)).charged).toBe(sumOf(ledger));
  expect(await ledgerDrift(site.db.owner, [tenant.id])).toEqual([]);
}

test.runIf(canRun)(
  'calls that end on a full disk are counted once, also when the gateway is killed there',
  async () => {
    const dataFolder = site.newFolder();
    const tenant = await makeCappedTenant(site.db, 1_000_000_000n);
    const logFile = path.join(dataFolder, 'gateway.log');
    // Not even its log has room.
    writeFileSync(logFile, Buffer.alloc(FILE_BYTES, 'x'));
    gateway = await startGatewayChild(site, { dataFolder, fileBytes: FILE_BYTES, logFile });
    await knownAt(gateway.address, tenant.key);
    expect((await readiness()).status).toBe(200);
    const open = await Promise.all(
      Array.from({ length: 5 }, () =>
        chat(gateway.address, tenant.key, { script: { answer: 40, gapMs: 700 }, body: { stream: true } }),
      ),
    );
    const passed = await callUntilFull(tenant);
    expect(passed.length).toBeGreaterThan(5);
    expect(await readiness()).toEqual({ status: 503, missing: ['the journal cannot be written: is the disk full?'] });
    const arrived = site.provider.requests.length;
    const refused = await Promise.all(Array.from({ length: 20 }, () => chat(gateway.address, tenant.key)));
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]));
    expect(site.provider.requests.length, 'none of those was forwarded').toBe(arrived);
    for (const answer of open) expect(await answer.text()).toContain('[DONE]');
    const all = [...passed, ...open.map(idOf)];
    await expectBilledOnce(tenant, all);

    await gateway.child.kill();
    gateway = await startGatewayChild(site, { dataFolder });
    await expectBilledOnce(tenant, all);
    const period = await capPeriodOf(site.db, tenant.id);
    expect(period.granted).toBe(period.charged);
  },
);

test.runIf(canRun)('room that is back is noticed without a restart', async () => {
  const dataFolder = site.newFolder();
  const tenant = await makeCappedTenant(site.db, 1_000_000_000n);
  gateway = await startGatewayChild(site, { dataFolder, fileBytes: FILE_BYTES });
  await knownAt(gateway.address, tenant.key);
  const passed = await callUntilFull(tenant);
  giveRoom(gateway);
  await eventually(async () => expect((await readiness()).status).toBe(200));
  const answer = await chat(gateway.address, tenant.key);
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
  await expectBilledOnce(tenant, [...passed, idOf(answer)]);
  await gateway.child.stop();
  expect(await gateway.child.exited).toEqual({ code: 0, signal: null });
  const period = await capPeriodOf(site.db, tenant.id);
  expect(period.granted).toBe(period.charged);
});

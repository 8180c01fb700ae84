import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { ledgerDrift } from '../testing/ledger-drift.ts';
import type { Gateway } from './create-gateway.ts';
import { callUntilRefused, type Refused } from './testing/call-until-refused.ts';
import { startGatewayChild } from './testing/gateway-child.ts';
import { capPeriodOf, knownAt, ledgerOf, makeCappedTenant, sumOf, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

const DOLLAR = 1_000_000_000n;

let site: TestSite;
let gateway: Gateway;

beforeAll(async () => {
  site = await createTestSite();
  gateway = await site.startGateway();
});
afterAll(async () => {
  await site?.close();
});

/** The ledger has caught up with what the provider billed for these. */
async function untilInLedger(tenant: TestTenant, calls: number): Promise<void> {
  await vi.waitFor(
    async () => {
      expect(await ledgerOf(site.db, tenant.id)).toHaveLength(calls);
    },
    { timeout: 10_000, interval: 50 },
  );
}

describe('64 callers on one tenant', () => {
  test('stop at the cap, use at least 97 % of it, and the bill equals the ledger call by call', async () => {
    const cap = 700_000_000n;
    const tenant = await makeCappedTenant(site.db, cap);
    await knownAt(gateway.address, tenant.key);
    const billedBefore = site.provider.bill.length;
    const refusals: Refused[] = [];
    const passed = await Promise.all(
      Array.from({ length: 64 }, (_, caller) =>
        callUntilRefused(() => gateway.address, tenant, caller * 7_919 + 1, refusals),
      ),
    );
    const bill = site.provider.bill.slice(billedBefore);
    expect(bill).toHaveLength(passed.reduce((sum, { whole }) => sum + whole.length, 0));
    await untilInLedger(tenant, bill.length);

    const ledger = await ledgerOf(site.db, tenant.id);
    const spent = sumOf(ledger);
    expect(new Map(ledger.map((line) => [line.request_id, line.cost_nanousd]))).toEqual(
      new Map(bill.map((call) => [call.requestId, call.costNanoUsd])),
    );
    expect(ledger.every(({ kind, outcome }) => kind === 'charge' && outcome === 'ok')).toBe(true);
    expect(spent <= cap).toBe(true);
    expect(Number(spent) / Number(cap)).toBeGreaterThanOrEqual(0.97);
    const period = await capPeriodOf(site.db, tenant.id);
    expect(period.charged).toBe(spent);
    expect(period.granted <= cap).toBe(true);

    expect(refusals.length).toBeGreaterThanOrEqual(128);
    for (const { status, retry, error } of refusals) {
      expect({ status, retry, type: error['type'], code: error['code'] }).toEqual({
        status: 402,
        retry: 'false',
        type: 'budget_exceeded',
        code: 'tenant_month_cap',
      });
      expect(error).toMatchObject({ cap_nanousd: Number(cap), cap_usd: '0.70', period: 'month', tenant: tenant.slug });
      const { committed_nanousd: committed, held_nanousd: held, estimate_nanousd: estimate } = error;
      expect(Number(committed) + Number(held) + Number(estimate)).toBeGreaterThan(Number(cap));
      expect(Number(committed) + Number(held)).toBeLessThanOrEqual(Number(cap));
      expect(error['resets_at']).toMatch(/^\d{4}-\d\d-01T00:00:00\+05:30$/);
      expect(Date.parse(String(error['resets_at']))).toBe(period.periodEnd.getTime());
    }
  });

  test('on each of two gateways, for the last dollar: the cap holds, and 97 % of it are used', async () => {
    const second = await site.startGateway({ name: 'second' });
    const tenant = await makeCappedTenant(site.db, DOLLAR);
    const addresses = [gateway.address, second.address];
    for (const address of addresses) await knownAt(address, tenant.key);
    const refusals: Refused[] = [];
    const passed = await Promise.all(
      Array.from({ length: 128 }, (_, caller) =>
        callUntilRefused(() => addresses[caller % 2] ?? '', tenant, caller * 104_729 + 1, refusals),
      ),
    );
    await untilInLedger(
      tenant,
      passed.reduce((sum, { whole }) => sum + whole.length, 0),
    );
    const spent = sumOf(await ledgerOf(site.db, tenant.id));
    expect(spent <= DOLLAR).toBe(true);
    expect(Number(spent) / Number(DOLLAR)).toBeGreaterThanOrEqual(0.97);
    expect(refusals.every(({ status }) => status === 402)).toBe(true);
    await second.close();
  });

  test('on each of two gateways, one of which is killed and comes back: the same, and every call is in the ledger once', async () => {
    const tenant = await makeCappedTenant(site.db, DOLLAR);
    const dataFolder = site.newFolder();
    const [stays, first] = await Promise.all([startGatewayChild(site), startGatewayChild(site, { dataFolder })]);
    let killed = first;
    const addressOf = (caller: number): string => (caller % 2 === 0 ? stays : killed).address;
    for (const { address } of [stays, first]) await knownAt(address, tenant.key);
    const billedBefore = site.provider.bill.length;
    const refusals: Refused[] = [];
    const calling = Promise.all(
      Array.from({ length: 128 }, (_, caller) =>
        callUntilRefused(() => addressOf(caller), tenant, caller * 15_485_863 + 1, refusals),
      ),
    );
    // In the middle of it.
    await eventually(() => expect(site.provider.bill.length - billedBefore).toBeGreaterThan(150));
    await first.child.kill();
    killed = await startGatewayChild(site, { dataFolder });
    const calls = await calling;

    const bill = new Map(site.provider.bill.slice(billedBefore).map((call) => [call.requestId, call.costNanoUsd]));
    const whole = calls.flatMap((caller) => caller.whole);
    expect(
      calls.some(({ broken }) => broken > 0),
      'it was killed in the middle',
    ).toBe(true);
    await eventually(async () => {
      const known = new Set((await ledgerOf(site.db, tenant.id)).map((line) => line.request_id));
      expect([...bill.keys()].filter((id) => !known.has(id))).toEqual([]);
    });
    const ledger = await ledgerOf(site.db, tenant.id);
    expect(new Set(ledger.map((line) => line.request_id)).size).toBe(ledger.length);
    const charges = new Map(ledger.filter(({ kind }) => kind === 'charge').map((line) => [line.request_id, line]));
    for (const id of whole) expect(charges.get(id)?.cost_nanousd, id).toBe(bill.get(id));
    for (const { request_id: id, cost_nanousd: cost } of ledger) expect(cost >= (bill.get(id) ?? 0n), id).toBe(true);
    const spent = sumOf(ledger);
    expect(spent <= DOLLAR).toBe(true);
    expect(Number(spent) / Number(DOLLAR)).toBeGreaterThanOrEqual(0.97);
    expect(await ledgerDrift(site.db.owner, [tenant.id])).toEqual([]);
    await Promise.all([stays.child.stop(), killed.child.stop()]);
    const period = await capPeriodOf(site.db, tenant.id);
    expect(period.granted).toBe(period.charged);
  });
});

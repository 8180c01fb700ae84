import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Gateway } from './create-gateway.ts';
import { capPeriodOf, chat, ledgerOf, makeCappedTenant, sumOf, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';
import { eventually } from '../testing/eventually.ts';

let site: TestSite;
let gateway: Gateway;

beforeAll(async () => {
  site = await createTestSite();
  gateway = await site.startGateway();
});
afterAll(async () => {
  await site?.close();
});

interface Refused {
  readonly status: number;
  readonly retry: string | null;
  readonly error: Record<string, unknown>;
}

/**
 * Calls until refused twice in a row; every answer is read to its end. 503 is no refusal but "try again", as SDKs do: a machine that is busy
 * otherwise may keep the other gateway from answering in time.
 */
async function callUntilRefused(
  address: string,
  tenant: TestTenant,
  seed: number,
  refusals: Refused[],
): Promise<number> {
  let passed = 0;
  let random = seed;
  const next = (most: number): number => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return 1 + (random % most);
  };
  for (let refused = 0; refused < 2;) {
    const maxTokens = 20 + next(380);
    const answer = await chat(address, tenant.key, {
      script: { answer: next(maxTokens), cached: next(10), prompt: 10 + next(20) },
      body: { max_tokens: maxTokens, stream: next(2) === 1 },
    });
    const text = await answer.text();
    if (answer.status === 200) {
      refused = 0;
      passed += 1;
    } else if (answer.status !== 503) {
      refused += 1;
      const { error } = JSON.parse(text) as { error: Record<string, unknown> };
      refusals.push({ status: answer.status, retry: answer.headers.get('x-should-retry'), error });
    }
  }
  return passed;
}

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
    await eventually(async () => {
      const budget = await fetch(`${gateway.address}/v1/budget`, {
        headers: { authorization: `Bearer ${tenant.key}` },
      });
      expect(((await budget.json()) as { caps: unknown[] }).caps).toHaveLength(1);
    });
    const billedBefore = site.provider.bill.length;
    const refusals: Refused[] = [];
    const passed = await Promise.all(
      Array.from({ length: 64 }, (_, caller) =>
        callUntilRefused(gateway.address, tenant, caller * 7_919 + 1, refusals),
      ),
    );
    const bill = site.provider.bill.slice(billedBefore);
    expect(bill).toHaveLength(passed.reduce((sum, count) => sum + count, 0));
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

  test('on two gateways at once stop at the cap as well', async () => {
    const second = await site.startGateway({ name: 'second' });
    const cap = 300_000_000n;
    const tenant = await makeCappedTenant(site.db, cap);
    const refusals: Refused[] = [];
    await eventually(async () => {
      const budget = await fetch(`${second.address}/v1/budget`, { headers: { authorization: `Bearer ${tenant.key}` } });
      expect(((await budget.json()) as { caps: unknown[] }).caps).toHaveLength(1);
    });
    const passed = await Promise.all(
      Array.from({ length: 32 }, (_, caller) =>
        callUntilRefused(caller % 2 === 0 ? gateway.address : second.address, tenant, caller * 104_729 + 1, refusals),
      ),
    );
    await untilInLedger(
      tenant,
      passed.reduce((sum, count) => sum + count, 0),
    );
    const spent = sumOf(await ledgerOf(site.db, tenant.id));
    expect(spent <= cap).toBe(true);
    expect(Number(spent) / Number(cap)).toBeGreaterThanOrEqual(0.97);
    expect(refusals.every(({ status }) => status === 402)).toBe(true);
    await second.close();
  });
});

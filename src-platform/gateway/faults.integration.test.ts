import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startChild } from '../process/child.ts';
import { startFaultProxy, type FaultProxy } from '../testing/fault-proxy.ts';
import type { Gateway } from './create-gateway.ts';
import { startGatewayChild } from './testing/gateway-child.ts';
import { capPeriodOf, chat, ledgerOf, makeCappedTenant, sumOf, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';
import { eventually } from '../testing/eventually.ts';

let site: TestSite;

beforeAll(async () => {
  site = await createTestSite();
});
afterAll(async () => {
  await site?.close();
});

async function untilKnown(address: string, tenant: TestTenant): Promise<void> {
  await eventually(async () => {
    const answer = await fetch(`${address}/v1/budget`, { headers: { authorization: `Bearer ${tenant.key}` } });
    expect(((await answer.json()) as { caps?: unknown[] }).caps).toHaveLength(1);
  });
}

describe('a gateway process', () => {
  test('killed with calls in flight: each completed call is in the ledger once, each open one an estimate', async () => {
    const folder = site.newFolder();
    const tenant = await makeCappedTenant(site.db, 1_000_000_000n);
    const completed = new Map<string, bigint>();
    const open: string[] = [];
    let first = await startGatewayChild(site, { dataFolder: folder });
    await untilKnown(first.address, tenant);
    for (let round = 0; round < 3; round += 1) {
      const { address } = first;
      const billed = site.provider.bill.length;
      const quick = Array.from({ length: 20 }, async (_, index) => {
        const answer = await chat(address, tenant.key, {
          script: { answer: 10 + index },
          body: { stream: index % 2 === 0 },
        });
        await answer.text();
        const requestId = answer.headers.get('x-tenantdesk-request-id') ?? '';
        completed.set(requestId, site.provider.bill.find((call) => call.requestId === requestId)?.costNanoUsd ?? -1n);
      });
      const slow = Array.from({ length: 10 }, (_, index) =>
        chat(address, tenant.key, { script: { answer: 70, gapMs: 5_000, prompt: index }, body: { stream: true } }),
      );
      const streams = await Promise.all(slow);
      await Promise.all(quick);
      expect(site.provider.bill.length - billed).toBe(30);
      await first.child.kill();
      await Promise.allSettled(streams.map((answer) => answer.text()));
      open.push(...streams.map(({ headers }) => headers.get('x-tenantdesk-request-id') ?? ''));
      first = await startGatewayChild(site, { dataFolder: folder });
    }

    const ledger = await ledgerOf(site.db, tenant.id);
    const charges = ledger.filter(({ kind }) => kind === 'charge');
    expect(new Map(charges.map((line) => [line.request_id, line.cost_nanousd]))).toEqual(completed);
    const estimates = ledger.filter(({ kind }) => kind === 'estimate');
    expect(estimates.map((line) => line.request_id).toSorted()).toEqual(open.toSorted());
    for (const { request_id: requestId, cost_nanousd: cost, outcome } of estimates) {
      expect(outcome).toBe('unknown');
      expect(cost >= site.provider.bill.find((call) => call.requestId === requestId)!.costNanoUsd).toBe(true);
    }
    expect(ledger).toHaveLength(completed.size + open.length);
    const period = await capPeriodOf(site.db, tenant.id);
    expect(period.charged).toBe(sumOf(ledger));
    expect(period.granted).toBe(period.charged);
    const { rows } = await site.db.owner.query('select distinct state from platform.grants where tenant_id = $1', [
      tenant.id,
    ]);
    expect(rows).toEqual([{ state: 'closed' }]);
    await first.child.stop();
  });

  test('ends cleanly on SIGTERM: open calls finish, grants are closed, nothing is left in the journal', async () => {
    const folder = site.newFolder();
    const tenant = await makeCappedTenant(site.db, 1_000_000_000n);
    const { child, address } = await startGatewayChild(site, { dataFolder: folder });
    await untilKnown(address, tenant);
    const answer = await chat(address, tenant.key, { script: { answer: 33, gapMs: 60 }, body: { stream: true } });
    // Opened ahead, as browsers and SDKs do, and never used.
    const unused = connect(Number(new URL(address).port), '127.0.0.1');
    const closed = once(unused, 'close');
    await once(unused, 'connect');
    const stoppedAt = performance.now();
    const [text] = await Promise.all([answer.text(), child.stop(), closed]);
    expect(performance.now() - stoppedAt, 'less than its patience with open calls').toBeLessThan(5_000);
    expect(text).toContain('[DONE]');
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(await ledgerOf(site.db, tenant.id)).toMatchObject([{ kind: 'charge', outcome: 'ok', output_tokens: 33n }]);
    const period = await capPeriodOf(site.db, tenant.id);
    expect(period.granted).toBe(period.charged);
  });

  test('refuses to start on a folder that another one uses, and without its settings, in words', async () => {
    const folder = site.newFolder();
    const { child } = await startGatewayChild(site, { dataFolder: folder });
    await expect(startGatewayChild(site, { dataFolder: folder })).rejects.toThrow(/Another gateway/);
    await child.stop();
    const bare = startChild({
      name: 'gateway',
      command: process.execPath,
      args: [path.join(import.meta.dirname, 'main.ts')],
      stopSignal: 'SIGTERM',
      ready: /^\{"ready":true/,
      env: { PATH: process.env['PATH'] },
    });
    await expect(bare).rejects.toThrow(/TENANTDESK_DATABASE_URL is missing/);
  });
});

describe('the stores fail', () => {
  let proxy: FaultProxy;
  let gateway: Gateway;

  beforeAll(async () => {
    proxy = await startFaultProxy(site.db.gatewayUrl);
    gateway = await site.startGateway({ databaseUrl: proxy.url });
  });
  afterAll(async () => {
    proxy.set('forward');
    await gateway.close();
    await proxy.close();
  });

  test.each(['refuse', 'silent'] as const)(
    'PostgreSQL away (%s): held grants are spent, then 503 within a second or so, and all is well when it is back',
    async (mode) => {
      const tenant = await makeCappedTenant(site.db, 1_000_000_000n);
      await untilKnown(gateway.address, tenant);
      await (await chat(gateway.address, tenant.key)).text();
      proxy.set(mode);
      const statuses: number[] = [];
      let slowest = 0;
      for (let call = 0; call < 12; call += 1) {
        const startedAt = performance.now();
        const answer = await chat(gateway.address, tenant.key, { script: { answer: 100 } });
        slowest = Math.max(slowest, performance.now() - startedAt);
        statuses.push(answer.status);
        if (answer.status === 503) {
          const { error } = (await answer.json()) as { error: Record<string, unknown> };
          expect(error).toMatchObject({ type: 'budget_unverifiable', code: 'budget_unverifiable' });
        }
      }
      expect(statuses[0]).toBe(200);
      expect(statuses.at(-1)).toBe(503);
      expect(new Set(statuses)).toEqual(new Set([200, 503]));
      expect(slowest).toBeLessThan(2_500);
      proxy.set('forward');
      await vi.waitFor(async () => expect((await chat(gateway.address, tenant.key)).status).toBe(200), {
        timeout: 8_000,
        interval: 100,
      });
      const passed = statuses.filter((status) => status === 200).length;
      await vi.waitFor(
        async () => {
          const ledger = await ledgerOf(site.db, tenant.id);
          expect(ledger).toHaveLength(passed + 2);
          expect((await capPeriodOf(site.db, tenant.id)).charged).toBe(sumOf(ledger));
        },
        { timeout: 8_000, interval: 100 },
      );
    },
  );

  test('Redis away: calls go on', async () => {
    const tenant = await makeCappedTenant(site.db, 1_000_000_000n);
    await untilKnown(gateway.address, tenant);
    await site.redis.child.kill();
    for (let call = 0; call < 5; call += 1) {
      expect((await chat(gateway.address, tenant.key)).status).toBe(200);
    }
    await eventually(async () => expect(await ledgerOf(site.db, tenant.id)).toHaveLength(5));
  });
});

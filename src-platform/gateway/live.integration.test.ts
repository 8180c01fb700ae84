import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeOperator } from '../testing/factories.ts';
import type { Gateway } from './create-gateway.ts';
import type { LiveTenant } from './live/live-report.ts';
import { chat, ledgerOf, makeCappedTenant, sumOf, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';
import { eventually } from '../testing/eventually.ts';

let site: TestSite;
let gateway: Gateway;
let second: Gateway;

beforeAll(async () => {
  site = await createTestSite();
  [gateway, second] = await Promise.all([site.startGateway({ name: 'first' }), site.startGateway({ name: 'second' })]);
});
afterAll(async () => {
  await site?.close();
});

interface Frame {
  readonly type: string;
  readonly at: string;
  readonly gateways: { readonly id: string; readonly name: string; readonly silentMs: number }[];
  readonly tenants: LiveTenant[];
}

interface Listening {
  readonly frames: { readonly frame: Frame; readonly heardAt: number }[];
  /** Rows as they stand after all frames. */
  readonly rows: Map<string, LiveTenant>;
  readonly ended: Promise<unknown>;
  readonly stop: () => void;
}

async function listen(address: string, token: string): Promise<Listening> {
  const leave = new AbortController();
  const answer = await fetch(`${address}/admin/v1/live`, {
    headers: { authorization: `Bearer ${token}` },
    signal: leave.signal,
  });
  expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
  const frames: Listening['frames'] = [];
  const rows = new Map<string, LiveTenant>();
  const body = answer.body;
  if (body === null) throw new Error('no body');
  const lines = createInterface({ input: Readable.fromWeb(body) });
  const ended = (async () => {
    for await (const line of lines) {
      const frame = JSON.parse(line) as Frame;
      frames.push({ frame, heardAt: performance.now() });
      if (frame.type === 'snapshot') rows.clear();
      for (const row of frame.tenants) rows.set(row.id, row);
    }
  })().catch(() => undefined);
  return { frames, rows, ended, stop: () => leave.abort() };
}

async function knownTenant(limit: bigint): Promise<TestTenant> {
  const tenant = await makeCappedTenant(site.db, limit);
  for (const { address } of [gateway, second]) {
    await eventually(async () => {
      const answer = await fetch(`${address}/v1/budget`, { headers: { authorization: `Bearer ${tenant.key}` } });
      expect(((await answer.json()) as { caps?: unknown[] }).caps).toHaveLength(1);
    });
  }
  return tenant;
}

describe('the live stream', () => {
  test('shows an operator their own tenants and nothing of others', async () => {
    const [mine, other] = [await knownTenant(1_000_000_000n), await knownTenant(1_000_000_000n)];
    const assigned = await makeOperator(site.db, { role: 'account_manager', tenantIds: [mine.id] });
    const all = await makeOperator(site.db, { role: 'operator' });
    const [narrow, wide] = [
      await listen(gateway.address, assigned.gatewayToken),
      await listen(gateway.address, all.gatewayToken),
    ];
    for (const tenant of [mine, other]) await (await chat(gateway.address, tenant.key)).text();
    await eventually(() => {
      expect(wide.rows.get(other.id)?.callsLastMinute).toBe(1);
      expect(narrow.rows.get(mine.id)?.callsLastMinute).toBe(1);
    });
    expect([...narrow.rows.keys()]).toEqual([mine.id]);
    expect(JSON.stringify(narrow.frames)).not.toContain(other.id);

    // Assigned to the other as well: seen at once, on the same stream.
    await site.db.owner.query('insert into platform.operator_tenants (tenant_id, operator_id) values ($1, $2)', [
      other.id,
      assigned.id,
    ]);
    await site.db.owner.query(`select platform.announce('operators', null)`);
    await eventually(() => expect(narrow.rows.has(other.id)).toBe(true));

    // Disabled: the stream ends, and no new one begins.
    await site.db.owner.query('update platform.operators set disabled_at = now() where id = $1', [assigned.id]);
    await site.db.owner.query(`select platform.announce('operators', null)`);
    await narrow.ended;
    const again = await fetch(`${gateway.address}/admin/v1/live`, {
      headers: { authorization: `Bearer ${assigned.gatewayToken}` },
    });
    expect(again.status).toBe(401);
    wide.stop();
  });

  test('shows at once what the other gateway spends of a cap that was never met here', async () => {
    const tenant = await knownTenant(1_000_000_000n);
    const operator = await makeOperator(site.db, { role: 'viewer' });
    const here = await listen(second.address, operator.gatewayToken);
    await (await chat(gateway.address, tenant.key)).text();
    // Caps are read anew every ten seconds anyway.
    const look = { timeout: 3_000, interval: 20 };
    await vi.waitFor(() => expect(here.rows.get(tenant.id)?.caps[0]?.committed).toBeGreaterThan(0), look);
    here.stop();
  });

  test('agrees with the ledger, over two gateways, and shows what is held while a call is open', async () => {
    const tenant = await knownTenant(1_000_000_000n);
    const operator = await makeOperator(site.db, { role: 'viewer' });
    const listening = [
      await listen(gateway.address, operator.gatewayToken),
      await listen(second.address, operator.gatewayToken),
    ];
    const slow = await chat(second.address, tenant.key, { script: { gapMs: 300 }, body: { stream: true } });
    for (let call = 0; call < 6; call += 1) {
      const { address } = call % 2 === 0 ? gateway : second;
      await (await chat(address, tenant.key, { script: { answer: 10 * call } })).text();
    }
    await (await chat(gateway.address, tenant.key, { script: { fail: 500 } })).text();
    await eventually(() => {
      for (const { rows } of listening) expect(rows.get(tenant.id)?.caps[0]?.held).toBeGreaterThan(1_000_000);
    });
    await slow.text();
    await vi.waitFor(
      async () => {
        const ledger = await ledgerOf(site.db, tenant.id);
        expect(ledger).toHaveLength(8);
        for (const { rows } of listening) {
          const row = rows.get(tenant.id);
          expect(row).toMatchObject({
            callsLastMinute: 8,
            failedLastMinute: 1,
            refusedLastHour: 0,
            refusingSince: null,
          });
          expect(row?.caps).toMatchObject([
            {
              capId: tenant.capId,
              scope: 'tenant',
              period: 'month',
              limit: 1_000_000_000,
              held: 0,
              committed: Number(sumOf(ledger)),
            },
          ]);
        }
      },
      { timeout: 5_000 },
    );
    for (const { frames, stop } of listening) {
      expect(
        frames
          .at(-1)
          ?.frame.gateways.map(({ name }) => name)
          .toSorted(),
      ).toEqual(['first', 'second']);
      stop();
    }
  });

  test('says since when a tenant is refused, and that it no longer is', async () => {
    const tenant = await knownTenant(1_000n);
    const operator = await makeOperator(site.db, { role: 'admin' });
    const { rows, stop } = await listen(second.address, operator.gatewayToken);
    await (await chat(gateway.address, tenant.key)).text();
    await eventually(() => expect(rows.get(tenant.id)?.refusingSince).toMatch(/Z$/));
    expect(rows.get(tenant.id)?.refusedLastHour).toBe(1);
    await site.db
      .connect(operator.url, 1)
      .query(`select platform.set_cap($1, $2, 1000000000, 1, gen_random_uuid(), 'test')`, [tenant.id, tenant.capId]);
    await eventually(() => expect(rows.get(tenant.id)?.caps[0]?.limit).toBe(1_000_000_000));
    await eventually(() => expect(rows.get(tenant.id)?.refusingSince).toBeNull());
    expect((await chat(gateway.address, tenant.key)).status).toBe(200);
    stop();
  });

  test('comes at most four times a second, and at least once', async () => {
    const tenant = await knownTenant(1_000_000_000n);
    const operator = await makeOperator(site.db, { role: 'auditor' });
    const { frames, stop } = await listen(gateway.address, operator.gatewayToken);
    const until = performance.now() + 2_500;
    while (performance.now() < until) await (await chat(gateway.address, tenant.key)).text();
    const during = frames.length;
    expect(during).toBeGreaterThan(3);
    expect(during).toBeLessThanOrEqual(12);
    await vi.waitFor(() => expect(frames.length).toBeGreaterThan(during + 2), { timeout: 5_000 });
    const gaps = frames.slice(1).map(({ heardAt }, index) => heardAt - (frames[index]?.heardAt ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(2_000);
    stop();
  });

  test('is for operators alone', async () => {
    const tenant = await knownTenant(1n);
    for (const token of [tenant.key, 'tdo_unknown', '']) {
      for (const path of ['live', 'status']) {
        const answer = await fetch(`${gateway.address}/admin/v1/${path}`, {
          headers: { authorization: `Bearer ${token}` },
        });
        expect(answer.status).toBe(401);
      }
    }
    const operator = await makeOperator(site.db, { role: 'viewer' });
    const status = await fetch(`${gateway.address}/admin/v1/status`, {
      headers: { 'x-api-key': operator.gatewayToken },
    });
    expect(await status.json()).toMatchObject({
      id: gateway.id,
      openCalls: 0,
      stores: { postgres: true, redis: true },
    });
    const ready = await fetch(`${gateway.address}/readyz`);
    expect(await ready.json()).toMatchObject({ ready: true, missing: [] });
  });
});

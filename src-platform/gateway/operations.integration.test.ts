import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeGateway, makeOperator } from '../testing/factories.ts';
import { eventually } from '../testing/eventually.ts';
import type { Gateway } from './create-gateway.ts';
import { chat, knownAt, ledgerOf, makeCappedTenant, sumOf, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
let gateway: Gateway;

beforeAll(async () => {
  site = await createTestSite();
  gateway = await site.startGateway();
});
afterAll(async () => {
  await site?.close();
});

async function knownTenant(limitNanoUsd: bigint): Promise<TestTenant> {
  const tenant = await makeCappedTenant(site.db, limitNanoUsd);
  await knownAt(gateway.address, tenant.key);
  return tenant;
}

async function asViewer(address: string, route: string, method = 'GET'): Promise<Response> {
  const { gatewayToken } = await makeOperator(site.db, { role: 'viewer' });
  return fetch(`${address}${route}`, { method, headers: { authorization: `Bearer ${gatewayToken}` } });
}

/** Every sample of a metric: its labels as they stand in the text, and its value. */
async function samples(address: string, name: string): Promise<Map<string, number>> {
  const text = await (await asViewer(address, '/metrics')).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return new Map(lines.map((line) => [line.slice(name.length, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

describe('/metrics', () => {
  test('count calls, tokens, money and refusals as ledger and caller know them', async () => {
    const counting = await site.startGateway();
    const tenant = await makeCappedTenant(site.db, 1_000_000_000n);
    await knownAt(counting.address, tenant.key);
    for (let index = 0; index < 3; index += 1) {
      const answer = await chat(counting.address, tenant.key, {
        script: { answer: 10, prompt: 20, delayMs: 60 },
        body: { stream: index === 0 },
      });
      await answer.text();
    }
    expect((await chat(counting.address, tenant.key, { script: { fail: 500 } })).status).toBe(500);
    expect((await chat(counting.address, 'td_nobody')).status).toBe(401);
    expect((await chat(counting.address, tenant.key, { body: { model: 'nobody-priced' } })).status).toBe(400);
    expect((await chat(counting.address, tenant.key, { body: { messages: 'none' } })).status).toBe(400);
    await eventually(async () => expect(await ledgerOf(site.db, tenant.id)).toHaveLength(4));

    const model = 'gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o"';
    const of = (name: string) => samples(counting.address, name);
    const duration = 'gen_ai_client_operation_duration_seconds';
    expect(await of(`${duration}_count`)).toEqual(
      new Map([
        [`{${model}}`, 3],
        [`{${model},error_type="provider_error"}`, 1],
      ]),
    );
    const buckets = [...(await of(`${duration}_bucket`))].filter(([labels]) => !labels.includes('error_type'));
    expect(buckets.map(([, value]) => value)).toEqual(buckets.map(([, value]) => value).toSorted((a, b) => a - b));
    expect(buckets.find(([labels]) => labels.startsWith('{le="0.04"'))?.[1]).toBe(0);
    expect(buckets.find(([labels]) => labels.startsWith('{le="+Inf"'))?.[1]).toBe(3);
    expect(await of('gen_ai_client_token_usage_sum')).toEqual(
      new Map([
        [`{${model},gen_ai_token_type="input"}`, 60],
        [`{${model},gen_ai_token_type="output"}`, 30],
      ]),
    );
    const cost = Number(sumOf(await ledgerOf(site.db, tenant.id))) / 1e9;
    expect((await of('tenantdesk_cost_usd_total')).get(`{${model}}`)).toBeCloseTo(cost, 9);
    expect(await of('tenantdesk_refusals_total')).toEqual(
      new Map([
        ['{code="key_unknown",http_response_status_code="401"}', 1],
        ['{code="unpriced_model",http_response_status_code="400"}', 1],
        ['{code="invalid_request",http_response_status_code="400"}', 1],
      ]),
    );
    const now = async (name: string) => (await of(name)).get('');
    await eventually(async () => expect(await now('tenantdesk_ledger_waiting_rows')).toBe(0));
    expect(await now('tenantdesk_ready')).toBe(1);
    expect(await now('tenantdesk_grants')).toBe(1);
    expect(await now('tenantdesk_grants_idle_usd')).toBeGreaterThan(0);
    expect(await now('tenantdesk_journal_bytes')).toBeGreaterThan(0);
    expect(await now('nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0);
    expect(await of('tenantdesk_provider_up')).toEqual(new Map([['{gen_ai_provider_name="openai"}', 1]]));
    expect(await of('tenantdesk_store_up')).toEqual(
      new Map(['postgresql', 'listen', 'redis'].map((store) => [`{store="${store}"}`, 1])),
    );
    await counting.close();
  });

  test('know open calls and streams while they are open', async () => {
    const tenant = await knownTenant(1_000_000_000n);
    const leave = new AbortController();
    const stream = await chat(gateway.address, tenant.key, {
      script: { answer: 90, gapMs: 5_000 },
      body: { stream: true },
      signal: leave.signal,
    });
    const now = async (name: string) => (await samples(gateway.address, name)).get('');
    expect(await now('tenantdesk_open_streams')).toBe(1);
    expect(await now('tenantdesk_open_calls')).toBe(1);
    expect(await now('tenantdesk_grants_held_usd')).toBeGreaterThan(0);
    leave.abort();
    await stream.text().catch(() => undefined);
  });

  test('hold no client, no key and no content, and are for those who may see every client', async () => {
    const tenant = await knownTenant(1_000_000_000n);
    const body = { messages: [{ role: 'user', content: 'canary-content' }] };
    await (
      await chat(gateway.address, tenant.key, { body, headers: { 'x-tenantdesk-session': 'canary-session' } })
    ).text();
    const text = await (await asViewer(gateway.address, '/metrics')).text();
    for (const secret of [tenant.id, tenant.slug, tenant.key, tenant.keyId, 'canary', 'sk-provider-secret']) {
      expect(text).not.toContain(secret);
    }
    const manager = await makeOperator(site.db, { role: 'account_manager', tenantIds: [tenant.id] });
    const statusOf = async (token: string) => {
      const answer = await fetch(`${gateway.address}/metrics`, { headers: { authorization: `Bearer ${token}` } });
      return answer.status;
    };
    expect(await statusOf(manager.gatewayToken)).toBe(403);
    expect(await statusOf(tenant.key)).toBe(401);
    expect((await fetch(`${gateway.address}/metrics`)).status).toBe(401);
    expect(await statusOf('m'.repeat(40)), 'no token for metrics is set here').toBe(401);
    const open = await site.startGateway({ metricsToken: 'm'.repeat(40) });
    const answer = await fetch(`${open.address}/metrics`, { headers: { authorization: `Bearer ${'m'.repeat(40)}` } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    await open.close();
  });
});

describe('drift', () => {
  test('of a rollup and of a cap is found, told with its figures, and gone when it is put right', async () => {
    const tenant = await knownTenant(1_000_000_000n);
    await (await chat(gateway.address, tenant.key, { script: { answer: 10 } })).text();
    await eventually(async () => expect(await ledgerOf(site.db, tenant.id)).toHaveLength(1));
    const cost = Number(sumOf(await ledgerOf(site.db, tenant.id)));
    const reconcile = async () => {
      const answer = await asViewer(gateway.address, '/admin/v1/reconcile', 'POST');
      const { drift } = (await answer.json()) as { drift: { tenant_id: string; figure: string }[] };
      return drift.filter(({ tenant_id: id }) => id === tenant.id);
    };
    expect(await reconcile()).toEqual([]);
    const add = async (nanoUsd: number) => {
      await site.db.owner.query(
        'update platform.usage_tenant_daily set cost_nanousd = cost_nanousd + $2 where tenant_id = $1',
        [tenant.id, nanoUsd],
      );
      await site.db.owner.query(
        `update platform.cap_periods set charged_nanousd = charged_nanousd + $2, granted_nanousd = granted_nanousd + $2 where tenant_id = $1`,
        [tenant.id, nanoUsd],
      );
    };
    await add(7);
    expect(await reconcile()).toEqual([
      { tenant_id: tenant.id, figure: `cap:${tenant.capId}`, wanted_nanousd: cost, found_nanousd: cost + 7 },
      { tenant_id: tenant.id, figure: 'tenant_days', wanted_nanousd: cost, found_nanousd: cost + 7 },
      { tenant_id: tenant.id, figure: 'tenant_month', wanted_nanousd: cost + 7, found_nanousd: cost },
    ]);
    expect((await samples(gateway.address, 'tenantdesk_drift_figures')).get('')).toBe(3);
    expect((await samples(gateway.address, 'tenantdesk_drift_usd')).get('')).toBeCloseTo(21e-9, 12);
    expect(
      site.log.filter((line) => line.includes('differs from the ledger') && line.includes(tenant.id)),
    ).toHaveLength(3);
    await add(-7);
    expect(await reconcile()).toEqual([]);
    expect((await samples(gateway.address, 'tenantdesk_drift_figures')).get('')).toBe(0);
  });

  test('is not looked for alone: what a gateway that does not return holds is counted too', async () => {
    const tenant = await knownTenant(1_000_000_000n);
    const silent = await makeGateway(site.db);
    await site.db.owner.query(
      `insert into platform.grants (tenant_id, id, gateway_id, cap_ids, period_starts, amount_nanousd, charged_nanousd, state)
       select p.tenant_id, gen_random_uuid(), $2, array[p.cap_id], array[p.period_start], 5000, 2000, 'orphaned'
       from (select id as cap_id, tenant_id, now() as period_start from platform.caps where tenant_id = $1) p`,
      [tenant.id, silent],
    );
    await eventually(async () => {
      expect((await samples(gateway.address, 'tenantdesk_orphaned_grants')).get('')).toBe(1);
      expect((await samples(gateway.address, 'tenantdesk_orphaned_usd')).get('')).toBeCloseTo(3e-6, 12);
    });
  });
});

describe('/healthz and /readyz', () => {
  test('tell each part', async () => {
    const parts = { postgresql: 'ok', redis: 'ok', journal: 'ok', prices: 'ok' };
    await eventually(async () => {
      const ready = await fetch(`${gateway.address}/readyz`);
      expect(ready.status).toBe(200);
      expect(await ready.json()).toEqual({ ready: true, missing: [], draining: false, parts });
    });
    expect(await (await fetch(`${gateway.address}/healthz`)).json()).toEqual({ ok: true, draining: false, parts });
  });

  test('without a price that a registered provider sells no calls should come here', async () => {
    await site.db.owner.query(`update platform.providers set id = 'elsewhere'`);
    await site.db.owner.query(`select platform.announce('providers', null)`);
    const answer = async () => {
      const ready = await fetch(`${gateway.address}/readyz`);
      return { status: ready.status, body: (await ready.json()) as { missing: string[]; parts: { prices: string } } };
    };
    try {
      await eventually(async () => expect((await answer()).status).toBe(503));
      const { body } = await answer();
      expect(body.parts.prices).toBe('none');
      expect(body.missing).toEqual([expect.stringContaining('platform:prices')]);
      expect((await fetch(`${gateway.address}/healthz`)).status, 'alive all the same').toBe(200);
    } finally {
      await site.db.owner.query(`update platform.providers set id = 'openai'`);
      await site.db.owner.query(`select platform.announce('providers', null)`);
    }
    await eventually(async () => expect((await answer()).status).toBe(200));
  });
});

describe('draining', () => {
  test('tells the balancer first, takes calls until it has looked elsewhere, then ends the open ones', async () => {
    const leaving = await site.startGateway({ drain: { noticeMs: 4_000, patienceMs: 20_000 } });
    const tenant = await makeCappedTenant(site.db, 1_000_000_000n);
    await knownAt(leaving.address, tenant.key);
    expect((await fetch(`${leaving.address}/readyz`)).status).toBe(200);
    const open = await chat(leaving.address, tenant.key, { script: { answer: 40, gapMs: 60 }, body: { stream: true } });
    const closed = leaving.close();
    const ready = await fetch(`${leaving.address}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({
      ready: false,
      draining: true,
      missing: [expect.stringMatching(/^draining/)],
    });
    const late = await chat(leaving.address, tenant.key, { script: { answer: 5 } });
    expect(late.status, 'a call that the balancer had sent already').toBe(200);
    await late.text();
    expect(await open.text()).toContain('[DONE]');
    await closed;
    expect((await ledgerOf(site.db, tenant.id)).map(({ outcome, kind }) => [kind, outcome])).toEqual([
      ['charge', 'ok'],
      ['charge', 'ok'],
    ]);
    const { rows } = await site.db.owner.query(
      `select distinct state, amount_nanousd = charged_nanousd as settled from platform.grants where tenant_id = $1`,
      [tenant.id],
    );
    expect(rows).toEqual([{ state: 'closed', settled: true }]);
    await expect(fetch(`${leaving.address}/readyz`)).rejects.toThrow();
  });

  test('nobody who looks, nobody to wait for', async () => {
    const dataFolder = site.newFolder();
    const leaving = await site.startGateway({ dataFolder, drain: { noticeMs: 600_000, patienceMs: 20_000 } });
    await leaving.close();
    const again = await site.startGateway({ dataFolder });
    expect(again.id, 'its folder is free again').toBe(leaving.id);
    await again.close();
  });
});

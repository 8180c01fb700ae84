/** What an operator is told of refusals: the record of each, explained at the admin side, and since when a tenant is refused. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeCap, makeKey, makeOperator, makeWorkflow, type MadeOperator } from '../testing/factories.ts';
import type { Gateway } from './create-gateway.ts';
import { chat, knownAt, makeCappedTenant, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';
import { eventually } from '../testing/eventually.ts';

const USD = 1_000_000_000;
let site: TestSite;
let gateway: Gateway;
let second: Gateway;
let operator: MadeOperator;

beforeAll(async () => {
  site = await createTestSite();
  [gateway, second] = await Promise.all([site.startGateway({ name: 'first' }), site.startGateway({ name: 'second' })]);
  operator = await makeOperator(site.db, { role: 'operator' });
});
afterAll(async () => {
  await site?.close();
});

interface Told {
  readonly refusingSince: string | null;
  readonly refusedLastHour: number;
  readonly caps: {
    readonly capId: string;
    readonly limit: number;
    readonly committed: number;
    readonly held: number;
  }[];
}

/** The first frame of the live stream: how the tenant stands now. */
async function told(tenantId: string, at: Gateway = gateway): Promise<{ row: Told | undefined; stores: unknown }> {
  const leave = new AbortController();
  const answer = await fetch(`${at.address}/admin/v1/live`, {
    headers: { authorization: `Bearer ${operator.gatewayToken}` },
    signal: leave.signal,
  });
  let text = '';
  for await (const part of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes('\n')) break;
  }
  leave.abort();
  const frame = JSON.parse(text.slice(0, text.indexOf('\n'))) as {
    tenants: (Told & { id: string })[];
    stores: unknown;
  };
  return { row: frame.tenants.find(({ id }) => id === tenantId), stores: frame.stores };
}

async function knownEverywhere(tenant: TestTenant, caps: number): Promise<void> {
  for (const { address } of [gateway, second]) await knownAt(address, tenant.key, caps);
}

function explain(requestId: string, token = operator.gatewayToken): Promise<Response> {
  return fetch(`${gateway.address}/admin/v1/refusals/${encodeURIComponent(requestId)}`, {
    headers: { authorization: `Bearer ${token}` },
  });
}

/** The refusal's own id, when it is on record. */
async function onRecord(answer: Response): Promise<string> {
  const requestId = answer.headers.get('x-tenantdesk-request-id')!;
  await answer.text();
  await eventually(async () => expect((await explain(requestId)).status).toBe(200));
  return requestId;
}

const raise = (tenant: TestTenant, limit: number, version = 1) =>
  site.db
    .connect(operator.url, 1)
    .query(`select platform.set_cap($1, $2, $3, $4, gen_random_uuid(), 'test')`, [
      tenant.id,
      tenant.capId,
      limit,
      version,
    ]);

describe('a refusal explained', () => {
  test('names every scope with its figures and window, the one that failed, and how they stand now', async () => {
    const tenant = await makeCappedTenant(site.db, BigInt(USD));
    const workflowId = await makeWorkflow(site.db, tenant.id, 'triage');
    const day = await makeCap(site.db, tenant.id, { limitNanoUsd: 500_000_000n, period: 'day' });
    const key = await makeCap(site.db, tenant.id, { limitNanoUsd: 400_000_000n, keyId: tenant.keyId });
    const workflow = await makeCap(site.db, tenant.id, { limitNanoUsd: 100n, workflowId });
    await knownEverywhere(tenant, 4);
    await (await chat(gateway.address, tenant.key)).text();
    const headers = { 'x-tenantdesk-workflow': 'triage' };
    const answer = await chat(gateway.address, tenant.key, { headers });
    expect(answer.status).toBe(402);
    const requestId = await onRecord(answer);
    const facts = (await (await explain(requestId)).json()) as {
      estimate: number;
      scopes: { capId: string; refused: boolean; committed: number; now: { granted: number } }[];
    };
    expect(facts).toMatchObject({
      tenantId: tenant.id,
      timeZone: 'Asia/Kolkata',
      requestId,
      status: 402,
      type: 'budget_exceeded',
      code: 'workflow_month_cap',
      model: 'gpt-4o',
      workflow: 'Workflow triage',
      keyName: 'test key',
      remaining: 100,
    });
    expect(facts.estimate).toBeGreaterThan(1_000_000);
    expect(facts.scopes.map(({ capId, refused }) => [capId, refused])).toEqual([
      [tenant.capId, false],
      [day, false],
      [key, false],
      [workflow, true],
    ]);
    const [month] = facts.scopes;
    expect(month).toMatchObject({
      scope: 'tenant',
      period: 'month',
      limit: USD,
      held: 0,
      now: { version: 1, limit: USD },
    });
    expect(month!.committed).toBeGreaterThan(0);
    expect(facts.scopes[3]).toMatchObject({ limit: 100, committed: 0, held: 0, now: { limit: 100, charged: 0 } });
  });

  test('is for operators alone, each for their own tenants', async () => {
    const tenant = await makeCappedTenant(site.db, 1_000n);
    await knownEverywhere(tenant, 1);
    const requestId = await onRecord(await chat(gateway.address, tenant.key));
    const other = await makeCappedTenant(site.db, 1_000n);
    const theirs = await makeOperator(site.db, { role: 'account_manager', tenantIds: [other.id] });
    const assigned = await makeOperator(site.db, { role: 'account_manager', tenantIds: [tenant.id] });
    const viewer = await makeOperator(site.db, { role: 'viewer' });
    expect((await explain(requestId, theirs.gatewayToken)).status).toBe(404);
    expect((await explain(requestId, assigned.gatewayToken)).status).toBe(200);
    for (const token of [tenant.key, 'tdo_unknown', '']) expect((await explain(requestId, token)).status).toBe(401);
    // A viewer sees no keys, so not the name of one either.
    expect(await (await explain(requestId, viewer.gatewayToken)).json()).toMatchObject({ key: null, keyName: null });
    expect((await explain('no-such-request')).status).toBe(404);
    for (const bad of ['with space', '\u0000', "';drop table platform.refusals;--\n"]) {
      expect((await explain(bad)).status).toBe(400);
    }
    expect((await explain('a'.repeat(201))).status).toBe(414);
  });

  test('the tenant is told of the cap that failed, not of the others', async () => {
    const tenant = await makeCappedTenant(site.db, 1_000n);
    await makeCap(site.db, tenant.id, { limitNanoUsd: 500_000_000n, period: 'day' });
    await knownEverywhere(tenant, 2);
    const { error } = (await (await chat(gateway.address, tenant.key)).json()) as { error: object };
    expect(error).toMatchObject({ code: 'tenant_month_cap', cap_nanousd: 1_000 });
    expect(Object.keys(error)).not.toContain('scopes');
  });

  test('a model without a price and a revoked key are on record too', async () => {
    const tenant = await makeCappedTenant(site.db, BigInt(USD));
    await knownEverywhere(tenant, 1);
    const unpriced = await onRecord(await chat(gateway.address, tenant.key, { body: { model: 'nobody-9' } }));
    expect(await (await explain(unpriced)).json()).toMatchObject({
      code: 'unpriced_model',
      model: 'nobody-9',
      scopes: [],
    });
    const { key } = await makeKey(site.db, tenant.id, { name: 'old bot', revokedAt: new Date(0) });
    let answer = await chat(gateway.address, key);
    // Until the gateway has heard of it, it is nobody's key.
    await eventually(async () => {
      answer = await chat(gateway.address, key);
      expect(await answer.clone().text()).toContain('key_revoked');
    });
    const revoked = await onRecord(answer);
    expect(await (await explain(revoked)).json()).toMatchObject({
      code: 'key_revoked',
      status: 401,
      model: null,
      keyName: 'old bot',
      keyRevokedAt: '1970-01-01T00:00:00+00:00',
    });
  });
});

describe('refusing', () => {
  test('stays from the first refusal on while smaller calls pass, on every gateway, until a raise is enough', async () => {
    // Room for some calls of 100 tokens, never for one of 16,000.
    const tenant = await makeCappedTenant(site.db, 100_000_000n, { trimsLastCall: false, planId: 'enterprise' });
    await knownEverywhere(tenant, 1);
    const large = { body: { max_tokens: 16_000 } };
    expect((await chat(gateway.address, tenant.key, large)).status).toBe(402);
    const since = (await told(tenant.id)).row?.refusingSince;
    expect(since).toMatch(/Z$/);
    for (let call = 0; call < 4; call += 1) {
      const answer = await chat(call % 2 === 0 ? gateway.address : second.address, tenant.key);
      expect(answer.status).toBe(200);
      await answer.text();
      expect((await told(tenant.id)).row?.refusingSince).toBe(since);
    }
    expect((await chat(second.address, tenant.key, large)).status).toBe(402);
    for (const at of [gateway, second]) {
      await eventually(async () =>
        expect((await told(tenant.id, at)).row).toMatchObject({ refusedLastHour: 2, refusingSince: since }),
      );
    }
    await raise(tenant, 110_000_000);
    await eventually(async () => expect((await told(tenant.id)).row?.caps[0]?.limit).toBe(110_000_000));
    expect((await told(tenant.id)).row?.refusingSince).toBe(since);
    await raise(tenant, USD, 2);
    for (const at of [gateway, second]) {
      await eventually(async () => expect((await told(tenant.id, at)).row?.refusingSince).toBeNull());
    }
    expect((await chat(gateway.address, tenant.key, large)).status).toBe(200);
  });

  test('ends when an open call gave back what the refused one wanted', async () => {
    const tenant = await makeCappedTenant(site.db, 170_000_000n, { planId: 'enterprise' });
    await knownEverywhere(tenant, 1);
    const large = { max_tokens: 16_000 };
    const open = await chat(gateway.address, tenant.key, { body: { ...large, stream: true }, script: { gapMs: 300 } });
    expect((await chat(second.address, tenant.key, { body: large })).status).toBe(402);
    expect((await told(tenant.id, second)).row?.refusingSince).toMatch(/Z$/);
    await open.text();
    for (const at of [gateway, second]) {
      await vi.waitFor(async () => expect((await told(tenant.id, at)).row?.refusingSince).toBeNull(), {
        timeout: 5_000,
      });
    }
    expect((await chat(second.address, tenant.key, { body: large })).status).toBe(200);
  });

  test('does not end with a trimmed call: it is held for what it was trimmed to, and as large a one would not pass', async () => {
    const tenant = await makeCappedTenant(site.db, 100_000_000n, { planId: 'enterprise' });
    await knownEverywhere(tenant, 1);
    const stream = (max: number) =>
      chat(gateway.address, tenant.key, { body: { max_tokens: max, stream: true }, script: { gapMs: 100 } });
    const held = async () => (await told(tenant.id)).row!.caps[0]!.held;
    const open = await stream(9_000);
    const rest = 100_000_000 - (await held());
    const requestId = await onRecord(await stream(16_000));
    expect(await (await explain(requestId)).json()).toMatchObject({ remaining: rest, scopes: [{ refused: true }] });
    const since = (await told(tenant.id)).row?.refusingSince;
    expect(since).toMatch(/Z$/);
    await open.text();
    const trimmed = await stream(16_000);
    expect(Number(trimmed.headers.get('x-tenantdesk-trimmed'))).toBeLessThan(10_000);
    expect((await held()) / 100_000_000).toBeCloseTo(1, 1);
    expect(await held()).toBeLessThanOrEqual(100_000_000);
    await trimmed.text();
    expect((await told(tenant.id)).row?.refusingSince).toBe(since);
  });

  test('what a silent gateway still holds is no room: refused until it is released', async () => {
    const tenant = await makeCappedTenant(site.db, 200_000_000n, { trimsLastCall: false });
    await knownEverywhere(tenant, 1);
    const gone = '00000000-0000-4000-8000-00000000dead';
    const admin = site.db.connect(site.db.gatewayUrl, 1);
    await admin.query(`select platform.gateway_start($1, 'gone', '0', 'x')`, [gone]);
    const grant = '00000000-0000-4000-8000-00000000beef';
    await admin.query('select platform.take_grant($1, $2, null, null, $3, now(), 150000000, 150000000)', [
      gone,
      tenant.id,
      grant,
    ]);
    const silentFor = (time: string) =>
      site.db.owner.query(`update platform.gateways set heartbeat_at = now() - $2::interval where id = $1`, [
        gone,
        time,
      ]);
    const large = { body: { max_tokens: 16_000 } };
    await silentFor('10 seconds');
    expect((await chat(gateway.address, tenant.key, large)).status, 'it may be back in a moment').toBe(503);
    await silentFor('3 minutes');
    await eventually(async () => {
      const { rows } = await site.db.owner.query('select state from platform.grants where id = $1', [grant]);
      expect(rows).toEqual([{ state: 'orphaned' }]);
    });
    await site.db.owner.query(`select platform.announce('caps', $1)`, [tenant.id]);
    expect((await chat(gateway.address, tenant.key, large)).status).toBe(402);
    // Longer than figures need to be believed: nothing is spent or held, and still there is no room.
    await eventually(async () => expect((await told(tenant.id)).row?.caps[0]).toMatchObject({ committed: 0, held: 0 }));
    const { promise: later, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, 1_300);
    await later;
    expect((await told(tenant.id)).row?.refusingSince).toMatch(/Z$/);
    await site.db
      .connect(operator.url, 1)
      .query('select platform.release_orphaned_grant($1, $2, gen_random_uuid(), null)', [tenant.id, grant]);
    await eventually(async () => expect((await told(tenant.id)).row?.refusingSince).toBeNull());
    expect((await chat(gateway.address, tenant.key, large)).status).toBe(200);
  });
});

test('frames say which stores the gateway stands on', async () => {
  const tenant = await makeCappedTenant(site.db, BigInt(USD));
  await eventually(async () => expect((await told(tenant.id)).stores).toEqual({ postgres: true, redis: true }));
});

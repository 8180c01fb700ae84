/** A tenant's calls and refusals, refusals explained and orphaned grants released: through the console's router, on a real database. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  makeCap,
  makeKey,
  makeOperator,
  makeTenant,
  makeWorkflow,
  type MadeOperator,
  type OperatorRole,
} from '../../src-platform/testing/factories.ts';
import { makeGrantDesk, type GrantDesk } from '../../src-platform/testing/grant-desk.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import { nextState } from '../testing/next-state.ts';
import { startScriptedGateway } from '../testing/scripted-gateway.ts';
import { openTestConsole, type ConsoleClient } from '../testing/test-console.ts';

const USD = 1_000_000_000;
let db: TestDatabase;
let desk: GrantDesk;
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  desk = await makeGrantDesk(db);
});
afterEach(async () => {
  for (let last = opened.pop(); last; last = opened.pop()) await last.close();
});
afterAll(() => db.close());

async function open(operator: MadeOperator, gatewayUrl = 'http://127.0.0.1:9'): Promise<ConsoleClient> {
  const made = await openTestConsole({ ...operator, gatewayUrl });
  opened.push(made.console);
  return made.client;
}

const clientOf = async (role: OperatorRole, tenantIds?: readonly string[]) =>
  open(await makeOperator(db, { role, tenantIds }));

interface Made {
  id: string;
  capId: string;
  keyId: string;
  workflowId: string;
}

async function tenant(limit = USD): Promise<Made> {
  const { id } = await makeTenant(db, { name: 'Clinic B' });
  const workflowId = await makeWorkflow(db, id, 'triage');
  const key = await makeKey(db, id, { name: 'website bot' });
  return { id, workflowId, keyId: key.id, capId: await makeCap(db, id, { limitNanoUsd: BigInt(limit) }) };
}

/** A refusal as gateways record it, for a call that could cost 0.04 USD. */
async function refuse(of: Made, over: object = {}): Promise<string> {
  const requestId = randomUUID();
  const scope = {
    cap_id: of.capId,
    scope: 'tenant',
    period: 'month',
    hard: true,
    refused: true,
    limit_nanousd: USD,
    committed_nanousd: 960_000_000,
    held_nanousd: 5_000_000,
    granted_nanousd: 975_000_000,
    period_start: '2026-11-01T00:00:00+05:30',
    resets_at: '2026-12-01T00:00:00+05:30',
  };
  await desk.ingest({
    refusals: [
      {
        tenant_id: of.id,
        request_id: requestId,
        refused_at: new Date(),
        key_id: of.keyId,
        workflow_id: of.workflowId,
        model: 'gpt-4o',
        http_status: 402,
        type: 'budget_exceeded',
        code: 'tenant_month_cap',
        facts: { estimate_nanousd: 40_000_000, remaining_nanousd: 25_000_000, scopes: [scope] },
        ...over,
      },
    ],
  });
  return requestId;
}

describe('the last calls and refusals of a tenant', () => {
  it('are the newest fifty, and move when the gateways’ counters do', async () => {
    const made = await tenant();
    const operator = await makeOperator(db, { role: 'viewer' });
    const gateway = await startScriptedGateway(operator.gatewayToken, 500);
    opened.push(gateway);
    const client = await open(operator, gateway.url);
    await Promise.all(Array.from({ length: 52 }, () => desk.charge(made.id, 7, { workflow_id: made.workflowId })));
    const stream = await client.tenants.watch({ tenantId: made.id });
    const first = await nextState(stream, ({ calls }) => calls.length > 0);
    expect(first.calls).toHaveLength(50);
    expect(first).toMatchObject({ refusals: [], trouble: null });
    expect(first.calls[0]).toMatchObject({
      workflowName: 'Workflow triage',
      costNanoUsd: 7n,
      kind: 'charge',
      outcome: 'ok',
    });
    const times = first.calls.map(({ at }) => at.getTime());
    expect(times).toEqual(times.toSorted((a, b) => b - a));

    await nextState(await client.session.watch(), ({ gateway: { state } }) => state === 'live');
    const requestId = await refuse(made);
    const began = performance.now();
    gateway.changes([
      {
        id: made.id,
        at: new Date().toISOString(),
        caps: [],
        callsLastMinute: 0,
        failedLastMinute: 0,
        refusedLastHour: 1,
        refusingSince: new Date().toISOString(),
      },
    ]);
    const next = await nextState(stream, ({ refusals }) => refusals.length > 0);
    expect(next.refusals).toMatchObject([{ requestId, code: 'tenant_month_cap', workflowName: 'Workflow triage' }]);
    expect(performance.now() - began).toBeLessThan(4_000);
    await stream.return();
  });

  it('are for those who see the tenant', async () => {
    const [mine, other] = [await tenant(), await tenant()];
    const client = await clientOf('account_manager', [mine.id]);
    await expect(client.tenants.watch({ tenantId: other.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const requestId = await refuse(other);
    for (const tenantId of [mine.id, other.id]) {
      await expect(client.tenants.explainRefusal({ tenantId, requestId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });
});

describe('a refusal explained', () => {
  it('has each scope then and now, and the raise that is just enough; after it a call like that passes', async () => {
    const made = await tenant();
    await desk.charge(made.id, 970_000_000, { key_id: made.keyId });
    const client = await clientOf('operator');
    const requestId = await refuse(made);
    const explained = await client.tenants.explainRefusal({ tenantId: made.id, requestId });
    expect(explained).toMatchObject({
      httpStatus: 402,
      workflowName: 'Workflow triage',
      keyLabel: expect.stringMatching(/^website bot, td_.*….{4}$/),
      estimateNanoUsd: 40_000_000n,
      remainingNanoUsd: 25_000_000n,
      passesNow: false,
      scopes: [
        {
          capId: made.capId,
          refused: true,
          committedNanoUsd: 960_000_000n,
          heldNanoUsd: 5_000_000n,
          idleNanoUsd: 10_000_000n,
          periodEnd: new Date('2026-11-30T18:30:00Z'),
          now: { version: 1, limitNanoUsd: BigInt(USD), raiseToNanoUsd: 1_010_000_000n },
        },
      ],
    });
    await client.caps.change({
      tenantId: made.id,
      capId: made.capId,
      expectedVersion: 1,
      idempotencyKey: randomUUID(),
      change: { kind: 'set', limitNanoUsd: 1_010_000_000n },
    });
    const after = await client.tenants.explainRefusal({ tenantId: made.id, requestId });
    expect(after).toMatchObject({ passesNow: true, scopes: [{ now: { version: 2, raiseToNanoUsd: null } }] });
    expect(await desk.take({ tenantId: made.id, need: 40_000_000 })).toMatchObject({ granted: true });
    expect(await desk.take({ tenantId: made.id, need: 1 })).toMatchObject({ granted: false });
  });

  it('of no cap has no scopes, and tells a viewer no key', async () => {
    const made = await tenant();
    const requestId = await refuse(made, {
      http_status: 400,
      type: 'invalid_request_error',
      code: 'unpriced_model',
      facts: {},
    });
    const client = await clientOf('viewer');
    expect(await client.tenants.explainRefusal({ tenantId: made.id, requestId })).toMatchObject({
      code: 'unpriced_model',
      scopes: [],
      passesNow: null,
      estimateNanoUsd: null,
      keyLabel: null,
    });
  });

  it('recorded with one scope only is explained by that', async () => {
    const made = await tenant();
    const facts = {
      scope: 'tenant',
      period: 'month',
      cap_id: made.capId,
      cap_nanousd: 5,
      committed_nanousd: 4,
      held_nanousd: 0,
      estimate_nanousd: 3,
      period_start: '2026-11-01T00:00:00+05:30',
      resets_at: '2026-12-01T00:00:00+05:30',
    };
    const requestId = await refuse(made, { facts });
    const client = await clientOf('admin');
    expect(await client.tenants.explainRefusal({ tenantId: made.id, requestId })).toMatchObject({
      scopes: [{ refused: true, limitNanoUsd: 5n, committedNanoUsd: 4n, idleNanoUsd: 0n }],
      passesNow: true,
    });
  });
});

describe('an orphaned grant', () => {
  async function orphan(made: Made): Promise<string> {
    const silent = await makeGrantDesk(db);
    const grantId = randomUUID();
    await silent.take({ tenantId: made.id, grantId, need: 300_000_000 });
    await db.owner.query(`update platform.gateways set heartbeat_at = now() - interval '3 minutes' where id = $1`, [
      silent.gatewayId,
    ]);
    await desk.pool.query('select platform.gateway_heartbeat($1)', [desk.gatewayId]);
    return grantId;
  }

  it('is shown and released once, by those who may; everybody hears it', async () => {
    const made = await tenant();
    const grantId = await orphan(made);
    const client = await clientOf('operator', [made.id]);
    const viewer = await clientOf('viewer', [made.id]);
    const stream = await viewer.grants.watchOrphaned();
    const { grants } = await nextState(stream, (state) => state.grants.length > 0);
    expect(grants).toMatchObject([{ tenantId: made.id, tenantName: 'Clinic B', grantId, heldNanoUsd: 300_000_000n }]);
    const change = { tenantId: made.id, grantId, idempotencyKey: randomUUID() };
    await expect(viewer.grants.release(change)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const released = await client.grants.release(change);
    expect(released).toMatchObject({ grantId, gatewayName: 'test', releasedNanoUsd: 300_000_000n });
    expect(await client.grants.release(change)).toEqual(released);
    await expect(client.grants.release({ ...change, idempotencyKey: randomUUID() })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'This grant is released already.',
    });
    await nextState(stream, (state) => state.grants.length === 0);
    await stream.return();
    const { entries } = await client.audit.list({ chain: made.id });
    expect(entries).toMatchObject([{ action: 'grant.release', target: `grant:${grantId}` }]);
  });

  it('of a tenant that is not theirs is neither shown nor released', async () => {
    const [mine, other] = [await tenant(), await tenant()];
    const grantId = await orphan(other);
    const client = await clientOf('operator', [mine.id]);
    const { grants } = await nextState(await client.grants.watchOrphaned(), ({ asOf }) => asOf !== null);
    expect(grants).toEqual([]);
    const change = { tenantId: other.id, grantId, idempotencyKey: randomUUID() };
    await expect(client.grants.release(change)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

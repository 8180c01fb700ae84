import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  makeCap,
  makeOperator,
  makeTenant,
  makeWorkflow,
  type MadeOperator,
  type OperatorRole,
} from '../../src-platform/testing/factories.ts';
import { makeGrantDesk } from '../../src-platform/testing/grant-desk.ts';
import { ledgerRecord } from '../../src-platform/testing/ledger-record.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import type { AuditPlace } from '../contract/audit.ts';
import type { BoardRow } from '../contract/board.ts';
import { startFaultProxy } from '../../src-platform/testing/fault-proxy.ts';
import { nextState } from '../testing/next-state.ts';
import { startScriptedGateway, type ScriptedGateway } from '../testing/scripted-gateway.ts';
import { mergeFrame, openTestConsole, type ConsoleClient, type TestConsole } from '../testing/test-console.ts';

const USD = 1_000_000_000n;

let db: TestDatabase;
let clinic: { id: string; cap: string };
let salon: { id: string; cap: string };
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  clinic = await tenantWithCap('Clinic B', 25n * USD);
  salon = await tenantWithCap('Salon A', 12n * USD);
});

afterEach(async () => {
  for (let last = opened.pop(); last; last = opened.pop()) await last.close();
});

afterAll(() => db.close());

async function tenantWithCap(name: string, limitNanoUsd: bigint): Promise<{ id: string; cap: string }> {
  const { id } = await makeTenant(db, { name });
  return { id, cap: await makeCap(db, id, { limitNanoUsd }) };
}

async function operatorOf(role: OperatorRole, tenantIds?: readonly string[]): Promise<MadeOperator> {
  return makeOperator(db, { role, tenantIds });
}

async function open(
  operator: MadeOperator,
  over: { url?: string; gateway?: ScriptedGateway } = {},
): Promise<TestConsole> {
  const gatewayUrl = over.gateway?.url ?? 'http://127.0.0.1:9';
  const made = await openTestConsole({ ...operator, url: over.url ?? operator.url, gatewayUrl });
  opened.push(made.console);
  return made;
}

async function gatewayFor(operator: MadeOperator): Promise<ScriptedGateway> {
  const gateway = await startScriptedGateway(operator.gatewayToken, 500);
  opened.push(gateway);
  return gateway;
}

/** Follows the board until the merged rows satisfy the test. */
async function board(
  client: ConsoleClient,
  wanted: (rows: Map<string, BoardRow>) => boolean,
): Promise<Map<string, BoardRow>> {
  const rows = new Map<string, BoardRow>();
  const stream = await client.board.watch();
  try {
    await nextState(stream, (frame) => wanted(mergeFrame(rows, frame)));
    return rows;
  } finally {
    await stream.return();
  }
}

async function capRow(capId: string): Promise<{ limit: bigint; version: number }> {
  const { rows } = await db.owner.query<{ limit_nanousd: bigint; version: number }>(
    'select limit_nanousd, version from platform.caps where id = $1',
    [capId],
  );
  return { limit: rows[0]!.limit_nanousd, version: rows[0]!.version };
}

const click = (cap: { id: string; cap: string }, expectedVersion: number, percent = 10) => ({
  tenantId: cap.id,
  capId: cap.cap,
  expectedVersion,
  idempotencyKey: randomUUID() as string,
  change: { kind: 'percent' as const, percent },
});

describe('what an operator sees', () => {
  it.each<[OperatorRole, 'all' | 'assigned']>([
    ['viewer', 'all'],
    ['operator', 'all'],
    ['admin', 'all'],
    ['auditor', 'all'],
    ['account_manager', 'assigned'],
    ['operator', 'assigned'],
  ])('%s: %s tenants', async (role, sees) => {
    const operator = await operatorOf(role, sees === 'assigned' ? [clinic.id] : undefined);
    const { client } = await open(operator);
    const rows = await board(client, (found) => found.size > 0);
    expect([...rows.keys()].sort()).toEqual((sees === 'all' ? [clinic.id, salon.id] : [clinic.id]).sort());
    expect(rows.get(clinic.id)).toMatchObject({
      name: 'Clinic B',
      source: 'ledger',
      heldNanoUsd: null,
      committedNanoUsd: 0n,
    });
    expect((await client.tenants.detail({ tenantId: clinic.id })).tenantId).toBe(clinic.id);
    if (sees === 'assigned') {
      await expect(client.tenants.detail({ tenantId: salon.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    const session = await nextState(await client.session.watch(), (state) => state.operator !== null);
    expect(session.operator).toMatchObject({ login: operator.login, role });
    expect(session).toMatchObject({ database: { state: 'live', reason: null }, shell: 'browser', version: '0.0.0' });
  });

  it('in the audit log: nothing for a viewer, the assigned tenants for an account manager', async () => {
    const tenant = await tenantWithCap('Audited', 10n * USD);
    const admin = await open(await operatorOf('admin'));
    await admin.client.caps.change(click(tenant, 1));
    const viewer = await open(await operatorOf('viewer'));
    await expect(viewer.client.audit.list({})).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const manager = await open(await operatorOf('account_manager', [salon.id]));
    const seen = await manager.client.audit.list({});
    expect(seen.entries.map((entry) => entry.tenantId)).not.toContain(tenant.id);
    expect(
      viewer.log.lines.filter((line) => line.level === 'error'),
      'a refusal is no defect',
    ).toEqual([]);
  });
});

describe('a cap change', () => {
  it('is in the database, on the board, in the session and in the audit log', async () => {
    const tenant = await tenantWithCap('Raised', 25n * USD);
    const operator = await operatorOf('operator');
    const { client } = await open(operator);
    const answer = await client.caps.change({ ...click(tenant, 1), reason: '  Asked by phone ' });
    expect(answer).toMatchObject({
      version: 2,
      limitNanoUsd: 27_500_000_000n,
      previousLimitNanoUsd: 25n * USD,
      warning: null,
    });
    expect(await capRow(tenant.cap)).toEqual({ limit: 27_500_000_000n, version: 2 });
    const rows = await board(client, (found) => found.get(tenant.id)?.cap?.version === 2);
    expect(rows.get(tenant.id)?.cap?.limitNanoUsd).toBe(27_500_000_000n);
    const session = await nextState(
      await client.session.watch(),
      (state) => (state.operator?.raised24hNanoUsd ?? 0n) > 0n,
    );
    expect(session.operator?.raised24hNanoUsd).toBe(2_500_000_000n);
    const { entries } = await client.audit.list({ chain: tenant.id });
    expect(entries).toMatchObject([
      { tenantName: 'Raised', login: operator.login, action: 'cap.set', reason: 'Asked by phone' },
    ]);
    expect(JSON.parse(entries[0]!.before!)).toMatchObject({ limitNanoUsd: 25_000_000_000 });
    expect(JSON.parse(entries[0]!.after!)).toMatchObject({ limitNanoUsd: 27_500_000_000 });
  });

  it('sent twice has one effect and the same answer', async () => {
    const tenant = await tenantWithCap('Twice', 10n * USD);
    const { client } = await open(await operatorOf('operator'));
    const sent = click(tenant, 1, 25);
    const answers = [await client.caps.change(sent), await client.caps.change(sent)];
    expect(answers[1]).toEqual(answers[0]);
    expect(await capRow(tenant.cap)).toEqual({ limit: 12_500_000_000n, version: 2 });
    expect((await client.audit.list({ chain: tenant.id })).entries).toHaveLength(1);
    await expect(client.caps.change({ ...sent, change: { kind: 'set', limitNanoUsd: 1n } })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('on an old value is a conflict that tells both, and changes nothing', async () => {
    const tenant = await tenantWithCap('Contested', 10n * USD);
    const first = await operatorOf('admin');
    await (
      await open(first)
    ).client.caps.change({ ...click(tenant, 1), change: { kind: 'set', limitNanoUsd: 30n * USD } });
    const { client } = await open(await operatorOf('operator'));
    const failure: unknown = await client.caps.change(click(tenant, 1)).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'CONFLICT',
      defined: true,
      data: {
        cap: { currentLimitNanoUsd: 30n * USD, currentVersion: 2, changedBy: first.login, changedAt: expect.any(Date) },
      },
    });
    expect(await capRow(tenant.cap)).toEqual({ limit: 30n * USD, version: 2 });
  });

  it('below what is spent is allowed and warned of', async () => {
    const tenant = await tenantWithCap('Lowered', 10n * USD);
    await (await makeGrantDesk(db)).charge(tenant.id, Number(8n * USD));
    const { client } = await open(await operatorOf('account_manager', [tenant.id]));
    const answer = await client.caps.change({ ...click(tenant, 1), change: { kind: 'set', limitNanoUsd: 5n * USD } });
    expect(answer).toMatchObject({ warning: 'below_committed', committedNanoUsd: 8n * USD, limitNanoUsd: 5n * USD });
    const rows = await board(client, (found) => found.get(tenant.id)?.cap?.version === 2);
    expect(rows.get(tenant.id)).toMatchObject({ attention: 'refusing' });
  });

  it.each<[string, OperatorRole, boolean, string, RegExp]>([
    ['by a viewer', 'viewer', false, 'FORBIDDEN', /role/],
    ['by an auditor', 'auditor', false, 'FORBIDDEN', /role/],
    ['upwards by an account manager', 'account_manager', true, 'FORBIDDEN', /raise/],
    ['of a tenant of somebody else', 'account_manager', false, 'NOT_FOUND', /no such cap/],
  ])('%s is refused with a sentence and changes nothing', async (_name, role, assigned, code, sentence) => {
    const tenant = await tenantWithCap('Guarded', 2_000n * USD);
    const operator = await operatorOf(role, role === 'account_manager' ? [assigned ? tenant.id : salon.id] : undefined);
    const { client, log } = await open(operator);
    const failure: unknown = await client.caps.change(click(tenant, 1)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, defined: true, message: expect.stringMatching(sentence) });
    expect(await capRow(tenant.cap)).toEqual({ limit: 2_000n * USD, version: 1 });
    expect(log.lines.filter((line) => line.level === 'error')).toEqual([]);
  });

  it('above the operator’s own limit waits for a second person and changes nothing', async () => {
    const tenant = await tenantWithCap('Guarded', 2_000n * USD);
    const { client } = await open(await operatorOf('operator'));
    const answer = await client.caps.change(click(tenant, 1));
    expect(answer).toMatchObject({ version: 1, limitNanoUsd: 2_000n * USD, undoForMs: null });
    expect(answer.waiting).toMatchObject({ amountNanoUsd: 200n * USD });
    expect(await capRow(tenant.cap)).toEqual({ limit: 2_000n * USD, version: 1 });
  });

  it('by another operator moves the board of this one', async () => {
    const tenant = await tenantWithCap('Elsewhere', 10n * USD);
    const viewer = await operatorOf('viewer');
    // With a gateway the view is read every 15 s only: what comes earlier came by notification.
    const { client } = await open(viewer, { gateway: await gatewayFor(viewer) });
    await nextState(await client.session.watch(), (state) => state.gateway.state === 'live');
    const stream = await client.board.watch();
    const rows = new Map<string, BoardRow>();
    await nextState(stream, (frame) => mergeFrame(rows, frame).has(tenant.id));
    await (await open(await operatorOf('admin'))).client.caps.change(click(tenant, 1));
    await nextState(stream, (frame) => mergeFrame(rows, frame).get(tenant.id)?.cap?.version === 2);
    await stream.return();
  });
});

describe('tenant detail', () => {
  it('has the running month by workflow', async () => {
    const tenant = await tenantWithCap('Detailed', 10n * USD);
    const scoring = await makeWorkflow(db, tenant.id, 'lead-scoring');
    await makeWorkflow(db, tenant.id, 'quiet');
    const desk = await makeGrantDesk(db);
    const call = { workflow_id: scoring, cost_nanousd: 9_000_000_000_000_000 };
    await desk.ingest({
      records: [
        ledgerRecord(tenant.id, { ...call, model: 'gpt-4o', latency_ms: 500, session: 's' }),
        ledgerRecord(tenant.id, { ...call, model: 'gpt-5', latency_ms: 8_000, session: 's' }),
        ledgerRecord(tenant.id, { ...call, cost_nanousd: 0, outcome: 'provider_error' }),
      ],
      counters: [{ tenant_id: tenant.id, id: 'crm', occurred_at: new Date(), integration: 'crm' }],
    });
    const { client } = await open(await operatorOf('viewer'));
    const detail = await client.tenants.detail({ tenantId: tenant.id });
    expect(detail).toMatchObject({
      anchorDay: 1,
      month: expect.stringMatching(/^\d{4}-\d{2}$/),
      workflows: [
        { slug: 'lead-scoring', calls: 3, failedCalls: 1, costNanoUsd: 18_000_000_000_000_000n },
        { slug: 'quiet', calls: 0, failedCalls: 0, costNanoUsd: 0n, p50Ms: null, p95Ms: null },
      ],
      messages: 3,
      conversations: 1,
      integrationCalls: 1,
    });
    const [busy] = detail.workflows;
    expect(Math.abs((busy?.p50Ms ?? 0) - 500)).toBeLessThan(25);
    expect(Math.abs((busy?.p95Ms ?? 0) - 8_000)).toBeLessThan(400);
  });
});

describe('audit pages', () => {
  it('follow each other without a gap', async () => {
    const tenant = await tenantWithCap('Paged', USD);
    const { client } = await open(await operatorOf('admin'));
    for (let version = 1; version <= 5; version += 1) await client.caps.change(click(tenant, version));
    const ids: bigint[] = [];
    let before: AuditPlace | undefined;
    do {
      const page = await client.audit.list({ chain: tenant.id, limit: 2, before });
      ids.push(...page.entries.map((entry) => entry.id));
      before = page.next ?? undefined;
    } while (before !== undefined);
    expect(ids).toHaveLength(5);
    expect(ids).toEqual([...ids].sort((a, b) => Number(b - a)));
  });
});

describe('a login the database would not bind', () => {
  it.each([
    ['a superuser', 'superuser'],
    ['one that bypasses row-level security', 'bypassrls'],
    ['a member of such a role', 'in role'],
  ])('%s is refused with a sentence, and nothing is read through it', async (_name, power) => {
    const login = `power_${randomUUID().slice(0, 8)}`;
    const superuser = new Client({ connectionString: db.superuserUrl });
    await superuser.connect();
    if (power === 'in role') await superuser.query(`create role ${login}_group bypassrls`);
    await superuser.query(
      `create role ${login} login password 'pw' ${power === 'in role' ? `in role ${login}_group` : power}`,
    );
    await superuser.end();
    const url = new URL(db.superuserUrl);
    url.username = login;
    url.password = 'pw';
    const { client } = await open({ id: '', login, role: 'admin', url: url.href, gatewayToken: 'tdo_none' });
    const session = await nextState(await client.session.watch(), (state) => state.database.state === 'away');
    expect(session.operator).toBeNull();
    expect(session.database.reason).toContain('does not work through it');
    const refused = { code: 'FORBIDDEN', message: expect.stringContaining(login) };
    await expect(client.tenants.detail({ tenantId: clinic.id })).rejects.toMatchObject(refused);
    await expect(client.audit.list({})).rejects.toMatchObject(refused);
    await expect(client.caps.change(click(clinic, 1))).rejects.toMatchObject(refused);
  });

  it('one that is no operator is told so', async () => {
    const { client } = await open({
      id: '',
      login: 'test_td_viewer',
      role: 'viewer',
      url: db.urlFor('td_viewer'),
      gatewayToken: 'x',
    });
    const session = await nextState(await client.session.watch(), (state) => state.database.state === 'away');
    expect(session.database.reason).toContain('no operator of this platform');
  });

  it('one with a wrong password is told so', async () => {
    const operator = await operatorOf('viewer');
    const url = new URL(operator.url);
    url.password = 'wrong';
    const { client } = await open(operator, { url: url.href });
    const session = await nextState(await client.session.watch(), (state) => state.database.state === 'away');
    expect(session.database.reason).toContain('does not accept this login');
    await expect(client.audit.list({})).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });
});

describe('when the database goes and comes back', () => {
  it.each(['refuse', 'silent'] as const)(
    '(%s): says so, refuses changes, keeps none, and catches up',
    async (fault) => {
      const tenant = await tenantWithCap('Survivor', 10n * USD);
      const operator = await operatorOf('operator');
      const proxy = await startFaultProxy(operator.url);
      opened.push(proxy);
      const { client } = await open(operator, { url: proxy.url });
      const session = await client.session.watch();
      await nextState(session, (state) => state.operator !== null);
      const stream = await client.board.watch();
      const rows = new Map<string, BoardRow>();
      await nextState(stream, (frame) => mergeFrame(rows, frame).has(tenant.id));

      proxy.set(fault);
      const away = await nextState(session, (state) => state.database.state === 'away');
      expect(away.operator?.login, 'being offline signs nobody out').toBe(operator.login);
      expect(away.database.reason).toContain('does not answer');
      await expect(client.caps.change(click(tenant, 1))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await db.owner.query(`update platform.tenants set name = 'Renamed meanwhile' where id = $1`, [tenant.id]);

      // A connection that was silent for so long is dead; whoever comes back does so on new ones.
      proxy.set('refuse');
      proxy.set('forward');
      await nextState(session, (state) => state.database.state === 'live');
      await nextState(stream, (frame) => mergeFrame(rows, frame).get(tenant.id)?.name === 'Renamed meanwhile');
      expect(await capRow(tenant.cap), 'nothing was queued').toEqual({ limit: 10n * USD, version: 1 });
      await nextState(await client.session.watch(), (state) => state.refreshed);
      expect((await client.caps.change(click(tenant, 1))).version).toBe(2);
      await Promise.all([session.return(), stream.return()]);
    },
  );
});

describe('live figures', () => {
  const liveTenant = (tenant: { id: string; cap: string }, over: object = {}) => ({
    id: tenant.id,
    at: new Date().toISOString(),
    caps: [
      {
        capId: tenant.cap,
        scope: 'tenant',
        period: 'month',
        periodStart: periodStart.toISOString(),
        periodEnd: periodEnd.toISOString(),
        limit: 10e9,
        committed: 4_000_000_001,
        held: 20_000_000,
        ...over,
      },
    ],
    callsLastMinute: 12,
    failedLastMinute: 1,
    refusedLastHour: 0,
    refusingSince: null,
  });
  let periodStart: Date;
  let periodEnd: Date;

  beforeAll(async () => {
    const { rows } = await db.owner.query<{ period_start: Date; period_end: Date }>(
      `select period_start, period_end from platform.period_bounds('month', 'Asia/Kolkata', 1, now())`,
    );
    ({ period_start: periodStart, period_end: periodEnd } = rows[0]!);
  });

  it('reach the board, and leave it for the ledger when the gateway is gone', async () => {
    const tenant = await tenantWithCap('Streaming', 10n * USD);
    const operator = await operatorOf('operator');
    const gateway = await gatewayFor(operator);
    gateway.snapshot([liveTenant(tenant)]);
    const { client } = await open(operator, { gateway });
    const rows = new Map<string, BoardRow>();
    const stream = await client.board.watch();
    const row = (): BoardRow | undefined => rows.get(tenant.id);
    await nextState(stream, (frame) => mergeFrame(rows, frame) && row()?.source === 'live');
    expect(row()).toMatchObject({ committedNanoUsd: 4_000_000_001n, heldNanoUsd: 20_000_000n, callsLastMinute: 12 });

    gateway.changes([liveTenant(tenant, { committed: 10_000_000_000, held: 0 })]);
    await nextState(stream, (frame) => mergeFrame(rows, frame) && row()?.attention === 'refusing');

    gateway.status(503);
    gateway.cut();
    await nextState(stream, (frame) => mergeFrame(rows, frame) && row()?.source === 'ledger');
    expect(row()).toMatchObject({ committedNanoUsd: 0n, heldNanoUsd: null, callsLastMinute: null });
    const session = await client.session.watch();
    expect((await nextState(session, (state) => state.gateway.state === 'away')).gateway.reason).toContain('ledger');

    gateway.status(200);
    await nextState(session, (state) => state.gateway.state === 'live');
    await nextState(stream, (frame) => mergeFrame(rows, frame) && row()?.source === 'live');
    await Promise.all([session.return(), stream.return()]);
  });

  it('end with the console: no stream stays open', async () => {
    const operator = await operatorOf('viewer');
    const gateway = await gatewayFor(operator);
    const { client, console } = await open(operator, { gateway });
    await nextState(await client.session.watch(), (state) => state.gateway.state === 'live');
    expect(gateway.open).toBe(1);
    const stream = await client.board.watch();
    const rest = (async () => {
      for await (const _frame of stream);
    })();
    await console.close();
    await rest;
    await expect.poll(() => gateway.open).toBe(0);
  });
});

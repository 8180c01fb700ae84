import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCapDesk, refusalOf, type CapDesk, type CapTarget } from '../testing/cap-desk.ts';
import { eventually } from '../testing/eventually.ts';
import { makeGateway, makeKey, makeOperator, type MadeOperator } from '../testing/factories.ts';
import { createRequestDesk, type RequestDesk } from '../testing/request-desk.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

const USD = 1_000_000_000n;
let db: TestDatabase;
let caps: CapDesk;
let desk: RequestDesk;
let priya: MadeOperator; // operator, may raise by 100 USD a day
let omar: MadeOperator; // another one
let admin: MadeOperator;

beforeAll(async () => {
  db = await createTestDatabase();
  caps = createCapDesk(db);
  desk = createRequestDesk(db);
  priya = await makeOperator(db, { role: 'operator', name: 'Priya', raiseLimitNanoUsd: 100n * USD });
  omar = await makeOperator(db, { role: 'operator', name: 'Omar', raiseLimitNanoUsd: 100n * USD });
  admin = await makeOperator(db, { role: 'admin', name: 'Anita' });
});
afterAll(() => db.close());

/** An operator who has raised nothing yet. */
const fresh = (limit: bigint): Promise<MadeOperator> =>
  makeOperator(db, { role: 'operator', raiseLimitNanoUsd: limit * USD });

async function state({ tenantId, capId }: CapTarget): Promise<{ inForce: bigint; version: number; actions: string[] }> {
  const { rows } = await db.owner.query<{ limit: string; version: number; actions: string[] }>(
    `select (platform.limit_in_force($1, $2, clock_timestamp())).limit_nanousd as limit, c.version,
       array(select a.action from platform.audit_log a where a.tenant_id = $1 order by a.seq) as actions
     from platform.caps c where c.tenant_id = $1 and c.id = $2`,
    [tenantId, capId],
  );
  const [row] = rows;
  if (!row) throw new Error('There is no such cap.');
  return { inForce: BigInt(row.limit), version: row.version, actions: row.actions };
}

describe('a client asks', () => {
  async function client(): Promise<CapTarget & { keyId: string; gateway: { url: string; id: string } }> {
    const target = await caps.cappedTenant(25n * USD);
    const key = await makeKey(db, target.tenantId);
    return { ...target, keyId: key.id, gateway: { url: db.gatewayUrl, id: await makeGateway(db) } };
  }

  test('for its monthly cap; the same again changes nothing, another amount replaces its own', async () => {
    const { gateway, ...target } = await client();
    const ask = { ...target, capId: undefined as string | undefined };
    delete ask.capId;
    const first = await desk.askAsTenant(gateway, { ...ask, amount: 5n * USD });
    expect(first).toMatchObject({ status: 'open', capId: target.capId, amount: Number(5n * USD) });
    const again = await desk.askAsTenant(gateway, { ...ask, amount: 5n * USD });
    expect(again.requestId).toBe(first.requestId);
    const more = await desk.askAsTenant(gateway, { ...ask, amount: 7n * USD });
    expect(more).toMatchObject({ requestId: first.requestId, amount: Number(7n * USD) });
    expect((await state(target)).actions).toEqual(['request.ask', 'request.ask']);
    expect(await desk.inbox(priya, target.tenantId)).toMatchObject([
      { kind: 'request', id: first.requestId, amount_nanousd: 7n * USD, why_not: null, cap_changed: false },
    ]);
  });

  test('not without end: after twenty changes it is decided as it is', async () => {
    const { gateway, ...target } = await client();
    for (let more = 0n; more <= 20n; more += 1n) await desk.askAsTenant(gateway, { ...target, amount: USD + more });
    expect((await refusalOf(desk.askAsTenant(gateway, { ...target, amount: 9n * USD }))).code).toBe('TD409');
  });

  test.each([null, 0n, -1n, 9_000_000_000_000_001n])('not for %s', async (amount) => {
    const { gateway, ...target } = await client();
    expect((await refusalOf(desk.askAsTenant(gateway, { ...target, amount }))).code).toBe('TD400');
    expect((await refusalOf(desk.ask(priya, { ...target, amount }))).code).toBe('TD400');
    expect((await state(target)).actions).toEqual([]);
  });

  test.each(['', '   ', null, 'x'.repeat(501)])('not with the reason %j', async (reason) => {
    const { gateway, ...target } = await client();
    expect((await refusalOf(desk.askAsTenant(gateway, { ...target, amount: USD, reason }))).code).toBe('TD400');
  });

  test('not with a key that is revoked or another tenant’s, nor while suspended', async () => {
    const { gateway, ...target } = await client();
    const stranger = await client();
    const ask = { ...target, amount: USD };
    expect((await refusalOf(desk.askAsTenant(gateway, { ...ask, keyId: stranger.keyId }))).code).toBe('TD404');
    expect((await refusalOf(desk.askAsTenant(gateway, { ...ask, capId: stranger.capId }))).code).toBe('TD404');
    await db.owner.query('update platform.api_keys set revoked_at = now() where id = $1', [target.keyId]);
    expect((await refusalOf(desk.askAsTenant(gateway, ask))).code).toBe('TD403');
    await db.owner.query(`update platform.tenants set status = 'suspended' where id = $1`, [stranger.tenantId]);
    expect((await refusalOf(desk.askAsTenant(stranger.gateway, { ...stranger, amount: USD }))).code).toBe('TD403');
  });
});

describe('a decision', () => {
  test('approves as asked: an override until the period’s end, once', async () => {
    const target = await caps.cappedTenant(25n * USD);
    const asked = await desk.ask(omar, { ...target, amount: 5n * USD });
    const key = randomUUID();
    const decision = { tenantId: target.tenantId, requestId: asked.requestId, decision: 'approve', key };
    const approved = await desk.decide(priya, decision);
    expect(approved).toMatchObject({ status: 'approved', inForce: Number(30n * USD), version: 2 });
    expect(await desk.decide(priya, decision)).toEqual(approved);
    expect((await refusalOf(desk.decide(admin, { ...decision, key: randomUUID() }))).message).toMatch(
      /approved already, by Priya/,
    );
    expect(await state(target)).toMatchObject({
      inForce: 30n * USD,
      version: 2,
      actions: ['request.ask', 'request.approve'],
    });
    const { rows } = await db.owner.query(
      `select o.until, o.ends_at = p.period_end as to_the_end from platform.cap_overrides o
       join platform.cap_periods p on p.tenant_id = o.tenant_id and p.cap_id = o.cap_id where o.tenant_id = $1`,
      [target.tenantId],
    );
    expect(rows).toEqual([{ until: 'period_end', to_the_end: true }]);
    expect(await desk.inbox(priya, target.tenantId)).toEqual([]);
  });

  test('approves another amount, or declines with a reason', async () => {
    const target = await caps.cappedTenant(25n * USD);
    const { tenantId } = target;
    const first = await desk.ask(omar, { ...target, amount: 5n * USD });
    await desk.decide(priya, { tenantId, requestId: first.requestId, decision: 'approve', amount: 2n * USD });
    expect((await state(target)).inForce).toBe(27n * USD);
    const second = await desk.ask(omar, { ...target, amount: 5n * USD });
    const decline = { tenantId, requestId: second.requestId, decision: 'decline' };
    expect((await refusalOf(desk.decide(priya, decline))).code).toBe('TD400');
    expect((await refusalOf(desk.decide(priya, { ...decline, reason: 'no', amount: 1n }))).code).toBe('TD400');
    expect(await desk.decide(priya, { ...decline, reason: 'Talk to us first' })).toMatchObject({ status: 'declined' });
    expect((await refusalOf(desk.decide(priya, { ...decline, decision: 'approve' }))).code).toBe('TD409');
    expect((await state(target)).inForce).toBe(27n * USD);
  });

  test('is never the asker’s own, but they may take it back', async () => {
    const target = await caps.cappedTenant(25n * USD);
    const asked = await desk.ask(priya, { ...target, amount: 5n * USD });
    const mine = { tenantId: target.tenantId, requestId: asked.requestId, decision: 'approve' };
    expect(await refusalOf(desk.decide(priya, mine))).toMatchObject({ code: 'TD403' });
    expect((await desk.inbox(priya, target.tenantId))[0]?.why_not).toMatch(/yourself/);
    expect(await desk.decide(priya, { ...mine, decision: 'decline', reason: 'Not needed' })).toMatchObject({
      status: 'withdrawn',
    });
    expect((await state(target)).inForce).toBe(25n * USD);
  });

  test('about a cap that changed needs a fresh look', async () => {
    const target = await caps.cappedTenant(25n * USD);
    const asked = await desk.ask(omar, { ...target, amount: 5n * USD });
    await caps.set(admin, { ...target, limit: 26n * USD });
    expect((await desk.inbox(priya, target.tenantId))[0]?.cap_changed).toBe(true);
    const decision = { tenantId: target.tenantId, requestId: asked.requestId, decision: 'approve' };
    const refused = await refusalOf(desk.decide(priya, decision));
    expect(refused.code).toBe('TD409');
    expect(JSON.parse(refused.detail ?? '')).toMatchObject({ currentLimit: Number(26n * USD), currentVersion: 2 });
    expect((await refusalOf(desk.decide(priya, { ...decision, version: 1 }))).code).toBe('TD409');
    await desk.decide(priya, { ...decision, version: 2 });
    expect((await state(target)).inForce).toBe(31n * USD);
  });

  test('comes too late for a request that expired, which is then written down', async () => {
    const target = await caps.cappedTenant(25n * USD);
    const asked = await desk.ask(omar, { ...target, amount: 5n * USD });
    await db.owner.query(`update platform.increase_requests set expires_at = now() where id = $1`, [asked.requestId]);
    expect(await desk.inbox(priya, target.tenantId)).toEqual([]);
    const decision = { tenantId: target.tenantId, requestId: asked.requestId, decision: 'approve' };
    expect((await refusalOf(desk.decide(priya, decision))).message).toMatch(/expired/);
    const gateway = await makeGateway(db);
    // A refusal is told before its transaction has given the row back, and a heartbeat passes over rows that somebody holds.
    await eventually(async () => {
      await db.connect(db.gatewayUrl).query('select platform.gateway_heartbeat($1)', [gateway]);
      expect((await state(target)).actions).toEqual(['request.ask', 'request.expired']);
    });
  });

  test('is an operator’s or an admin’s, of a tenant that is theirs', async () => {
    const target = await caps.cappedTenant(25n * USD);
    const manager = await makeOperator(db, { role: 'account_manager', tenantIds: [target.tenantId] });
    const stranger = await makeOperator(db, { role: 'operator', tenantIds: [] });
    const asked = await desk.ask(manager, { ...target, amount: 5n * USD });
    const decision = { tenantId: target.tenantId, requestId: asked.requestId, decision: 'approve' };
    expect((await refusalOf(desk.decide(manager, decision))).code).toBe('42501');
    expect((await refusalOf(desk.decide(stranger, decision))).code).toBe('TD404');
    expect(await desk.inbox(stranger, target.tenantId)).toEqual([]);
    expect((await desk.inbox(manager, target.tenantId))[0]?.why_not).toMatch(/role/);
  });
});

describe('a raise above the operator’s limit', () => {
  test('waits, and is made by another person as it was asked for', async () => {
    const target = await caps.cappedTenant(25n * USD);
    const { tenantId } = target;
    const asker = await fresh(10n);
    const waiting = await caps.set(asker, { ...target, limit: 125n * USD });
    expect(waiting).toMatchObject({ pending: true, limit: Number(25n * USD), version: 1 });
    const { pendingId } = waiting as { pendingId?: string };
    expect(await state(target)).toMatchObject({ inForce: 25n * USD, version: 1, actions: ['raise.wait'] });
    expect((await refusalOf(desk.confirm(asker, { tenantId, pendingId }))).code).toBe('TD403');
    const small = await fresh(50n);
    expect((await desk.inbox(small, tenantId))[0]?.why_not).toMatch(/limit/);
    expect((await refusalOf(desk.confirm(small, { tenantId, pendingId }))).message).toMatch(/your own limit/);
    const key = randomUUID();
    const confirmed = await desk.confirm(admin, { tenantId, pendingId, key });
    expect(confirmed).toMatchObject({ limit: Number(125n * USD), version: 2, pendingId });
    expect(await desk.confirm(admin, { tenantId, pendingId, key })).toEqual(confirmed);
    expect((await refusalOf(desk.confirm(admin, { tenantId, pendingId }))).message).toMatch(/confirmed already/);
    expect((await state(target)).actions).toEqual(['raise.wait', 'raise.confirm']);
  });

  test('counts in the day of both persons', async () => {
    const asker = await fresh(10n);
    const second = await fresh(100n);
    const one = await caps.cappedTenant(25n * USD);
    const other = await caps.cappedTenant(25n * USD);
    const { pendingId } = await caps.set(asker, { ...one, limit: 95n * USD });
    await desk.confirm(second, { tenantId: one.tenantId, pendingId });
    expect(await caps.set(second, { ...other, limit: 56n * USD })).toMatchObject({ pending: true });
    const another = await caps.cappedTenant(25n * USD);
    expect(await caps.set(asker, { ...another, limit: 26n * USD })).toMatchObject({ pending: true });
  });

  test('is caught when it is split', async () => {
    const asker = await fresh(10n);
    const made: boolean[] = [];
    for (let raises = 0; raises < 4; raises += 1) {
      const target = await caps.cappedTenant(25n * USD);
      made.push((await caps.set(asker, { ...target, limit: 29n * USD })).pending ?? false);
    }
    expect(made).toEqual([false, false, true, true]);
  });

  test('is void when the cap changed, or after a day', async () => {
    const target = await caps.cappedTenant(25n * USD);
    const { tenantId } = target;
    const asker = await fresh(10n);
    const first = await caps.set(asker, { ...target, limit: 125n * USD });
    expect((await refusalOf(caps.set(asker, { ...target, limit: 126n * USD }))).code).toBe('TD409');
    await caps.set(admin, { ...target, limit: 30n * USD });
    expect(await desk.inbox(admin, tenantId)).toEqual([]);
    expect((await refusalOf(desk.confirm(admin, { tenantId, pendingId: first.pendingId }))).message).toMatch(/void/);
    const second = await caps.set(asker, { ...target, limit: 126n * USD, version: 2 });
    await db.owner.query(`update platform.pending_raises set expires_at = now() where id = $1`, [second.pendingId]);
    expect((await refusalOf(desk.confirm(admin, { tenantId, pendingId: second.pendingId }))).message).toMatch(
      /expired/,
    );
    expect((await state(target)).inForce).toBe(30n * USD);
  });

  test('can be rejected by another and taken back by the asker', async () => {
    const target = await caps.cappedTenant(25n * USD);
    const { tenantId } = target;
    const asker = await fresh(10n);
    const first = await caps.add(asker, { ...target, amount: 50n * USD });
    expect(await desk.reject(admin, { tenantId, pendingId: first.pendingId })).toMatchObject({ state: 'rejected' });
    const second = await caps.add(asker, { ...target, amount: 50n * USD });
    expect(await desk.reject(asker, { tenantId, pendingId: second.pendingId })).toMatchObject({ state: 'withdrawn' });
    expect(await state(target)).toMatchObject({ inForce: 25n * USD, version: 1 });
  });

  test('of a request: the request stays open, the second person is neither asker nor first approver', async () => {
    const target = await caps.cappedTenant(25n * USD);
    const { tenantId } = target;
    const asker = await fresh(500n);
    const approver = await fresh(10n);
    const asked = await desk.ask(asker, { ...target, amount: 40n * USD });
    const { requestId } = asked;
    const approval = await desk.decide(approver, { tenantId, requestId, decision: 'approve' });
    expect(approval).toMatchObject({ pending: true });
    const { pendingId } = approval;
    expect((await refusalOf(desk.decide(approver, { tenantId, requestId, decision: 'approve' }))).code).toBe('TD409');
    expect((await refusalOf(desk.ask(asker, { ...target, amount: 41n * USD }))).code).toBe('TD409');
    expect(await desk.inbox(admin, tenantId)).toMatchObject([{ kind: 'raise', request_id: requestId }]);
    expect((await refusalOf(desk.confirm(approver, { tenantId, pendingId }))).code).toBe('TD403');
    expect((await refusalOf(desk.confirm(asker, { tenantId, pendingId }))).message).toMatch(/asked for this increase/);
    expect(await desk.confirm(admin, { tenantId, pendingId })).toMatchObject({ requestId, inForce: Number(65n * USD) });
    const { rows } = await db.owner.query<{ status: string; override: boolean }>(
      'select status, override_id is not null as override from platform.increase_requests where id = $1',
      [requestId],
    );
    expect(rows).toEqual([{ status: 'approved', override: true }]);
    expect(await desk.inbox(admin, tenantId)).toEqual([]);
  });
});

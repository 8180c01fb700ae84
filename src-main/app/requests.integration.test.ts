/** Increase requests and raises that wait for a second person, through the console's router, on a real database. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  makeCap,
  makeGateway,
  makeKey,
  makeOperator,
  makeTenant,
  type MadeOperator,
} from '../../src-platform/testing/factories.ts';
import { createRequestDesk } from '../../src-platform/testing/request-desk.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import type { Inbox, InboxItem } from '../contract/requests.ts';
import { openTestConsole, type ConsoleClient } from '../testing/test-console.ts';

const USD = 1_000_000_000n;
let db: TestDatabase;
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
});
afterEach(async () => {
  for (let last = opened.pop(); last; last = opened.pop()) await last.close();
});
afterAll(() => db.close());

async function open(operator: MadeOperator): Promise<ConsoleClient> {
  const made = await openTestConsole({ ...operator, gatewayUrl: 'http://127.0.0.1:9' });
  opened.push(made.console);
  return made.client;
}

interface Asking {
  readonly tenantId: string;
  readonly capId: string;
  readonly requestId: string;
}

/** A tenant with a cap of 25 USD that asks for 5 more. */
async function askingTenant(): Promise<Asking> {
  const { id } = await makeTenant(db, { name: 'Clinic B' });
  const capId = await makeCap(db, id, { limitNanoUsd: 25n * USD });
  const { id: keyId } = await makeKey(db, id);
  const { requestId = '' } = await createRequestDesk(db).askAsTenant(
    { url: db.gatewayUrl, id: await makeGateway(db) },
    { tenantId: id, keyId, amount: 5n * USD, reason: 'Busy week' },
  );
  return { tenantId: id, capId, requestId };
}

/** The first inbox in which the tenant stands as it should. */
async function inboxWhere(
  client: ConsoleClient,
  tenantId: string,
  fits: (items: readonly InboxItem[], inbox: Inbox) => boolean,
): Promise<InboxItem[]> {
  for await (const inbox of await client.requests.watch()) {
    const items = inbox.items.filter((item) => item.tenantId === tenantId);
    if (inbox.asOf !== null && fits(items, inbox)) return items;
  }
  throw new Error('The inbox ended.');
}

const approve = ({ tenantId, requestId }: Asking, version = 1) => ({
  tenantId,
  requestId,
  idempotencyKey: randomUUID(),
  decision: { kind: 'approve', expectedCapVersion: version } as const,
});

describe('the inbox', () => {
  it('has a request with its evidence by itself, and loses it when it is approved', async () => {
    const client = await open(await makeOperator(db, { role: 'operator' }));
    const asking = await askingTenant();
    const [item] = await inboxWhere(client, asking.tenantId, (items) => items.length === 1);
    expect(item).toMatchObject({
      kind: 'request',
      id: asking.requestId,
      tenantName: 'Clinic B',
      amountNanoUsd: 5n * USD,
      reason: 'Busy week',
      source: 'tenant',
      requestedBy: null,
      whyNot: null,
      needsSecond: false,
      cap: {
        capId: asking.capId,
        limitNanoUsd: 25n * USD,
        inForceNanoUsd: 25n * USD,
        committedNanoUsd: 0n,
        version: 1,
      },
    });
    expect(item?.days).toHaveLength(14);
    expect(await client.margins.outlook({ tenantId: asking.tenantId, extraNanoUsd: 5n * USD })).toEqual({
      outlook: null,
    });
    const decided = await client.requests.decide(approve(asking));
    expect(decided).toMatchObject({ outcome: 'approved', cap: { inForceNanoUsd: 30n * USD, version: 2 } });
    await inboxWhere(client, asking.tenantId, (items) => items.length === 0);
    expect((await client.requests.history({ tenantId: asking.tenantId })).requests).toMatchObject([
      { status: 'approved', amountNanoUsd: 5n * USD, decidedAmountNanoUsd: 5n * USD, decidedBy: 'The operator' },
    ]);
    const ofAll = async (who: ConsoleClient): Promise<string[]> =>
      (await who.requests.history({})).requests.map(({ tenantId }) => tenantId);
    expect(await ofAll(client)).toContain(asking.tenantId);
    const other = await askingTenant();
    const manager = await open(await makeOperator(db, { role: 'account_manager', tenantIds: [other.tenantId] }));
    expect(await ofAll(manager)).toEqual([other.tenantId]);
  });

  it('is empty for a viewer, and an account manager sees why they can’t decide', async () => {
    const asking = await askingTenant();
    const viewer = await open(await makeOperator(db, { role: 'viewer' }));
    expect(await inboxWhere(viewer, asking.tenantId, () => true)).toEqual([]);
    await expect(viewer.requests.decide(approve(asking))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const manager = await open(await makeOperator(db, { role: 'account_manager', tenantIds: [asking.tenantId] }));
    const [item] = await inboxWhere(manager, asking.tenantId, (items) => items.length === 1);
    expect(item?.whyNot).toMatch(/account manager/);
    await expect(manager.requests.decide(approve(asking))).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('a decision', () => {
  it('tells the second of two who was faster', async () => {
    const asking = await askingTenant();
    const [one, other] = [
      await open(await makeOperator(db, { role: 'operator', name: 'Priya' })),
      await open(await makeOperator(db, { role: 'operator' })),
    ];
    await one.requests.decide(approve(asking));
    await expect(other.requests.decide(approve(asking))).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/approved already, by Priya/) as unknown,
    });
  });

  it('declines with a reason; without one nothing happens', async () => {
    const asking = await askingTenant();
    const client = await open(await makeOperator(db, { role: 'operator' }));
    const { tenantId, requestId } = asking;
    const decline = (reason: string) =>
      client.requests.decide({
        tenantId,
        requestId,
        idempotencyKey: randomUUID(),
        decision: { kind: 'decline', reason },
      });
    await expect(decline('  ')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(await decline('Talk to us')).toMatchObject({ outcome: 'declined', cap: null });
  });

  it('above the operator’s limit waits, and a second person makes it', async () => {
    const asking = await askingTenant();
    const { tenantId } = asking;
    const first = await open(await makeOperator(db, { role: 'operator', raiseLimitNanoUsd: 1n * USD, name: 'First' }));
    const second = await open(await makeOperator(db, { role: 'operator', name: 'Second' }));
    const [seen] = await inboxWhere(first, tenantId, (items) => items.length === 1);
    expect(seen?.needsSecond).toBe(true);
    expect(await first.requests.decide(approve(asking))).toMatchObject({ outcome: 'waiting', cap: { version: 1 } });
    const [mine] = await inboxWhere(first, tenantId, ([item]) => item?.kind === 'raise');
    expect(mine).toMatchObject({ mine: true, whyNot: expect.stringMatching(/yourself/) as unknown });
    const [waiting] = await inboxWhere(second, tenantId, ([item]) => item?.kind === 'raise');
    expect(waiting).toMatchObject({ requestedBy: 'First', requestId: asking.requestId, whyNot: null });
    const sent = { tenantId, pendingId: waiting?.id ?? '', decision: 'confirm' } as const;
    await expect(first.requests.decideRaise({ ...sent, idempotencyKey: randomUUID() })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(await second.requests.decideRaise({ ...sent, idempotencyKey: randomUUID() })).toMatchObject({
      outcome: 'approved',
      cap: { inForceNanoUsd: 30n * USD },
    });
    await inboxWhere(second, tenantId, (items) => items.length === 0);
  });

  it('is asked for by staff, and who asked takes it back but never approves', async () => {
    const { tenantId, capId, ...asking } = await askingTenant();
    const client = await open(await makeOperator(db, { role: 'operator' }));
    const ask = { tenantId, capId, amountNanoUsd: 3n * USD, reason: 'Asked by phone', idempotencyKey: randomUUID() };
    await expect(client.requests.ask(ask)).rejects.toMatchObject({ code: 'CONFLICT' });
    const reason = 'Wait';
    await client.requests.decide({
      tenantId,
      requestId: asking.requestId,
      idempotencyKey: randomUUID(),
      decision: { kind: 'decline', reason },
    });
    const { requestId } = await client.requests.ask({ ...ask, idempotencyKey: randomUUID() });
    await expect(client.requests.decide(approve({ tenantId, capId, requestId }))).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});

/** A tenant asks for more than its cap, an operator decides, the tenant sees it and its next call passes. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeOperator, type MadeOperator } from '../testing/factories.ts';
import { eventually } from '../testing/eventually.ts';
import { createRequestDesk, type RequestDesk } from '../testing/request-desk.ts';
import type { Gateway } from './create-gateway.ts';
import { chat, knownAt, makeCappedTenant, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
let gateway: Gateway;
let desk: RequestDesk;
let operator: MadeOperator;

beforeAll(async () => {
  site = await createTestSite();
  gateway = await site.startGateway();
  desk = createRequestDesk(site.db);
  operator = await makeOperator(site.db, { role: 'operator' });
});
afterAll(() => site?.close());

interface Told {
  readonly id: string;
  readonly status: string;
  readonly amount_usd: string;
  readonly decided_amount_usd: string | null;
  readonly decision_reason: string | null;
  readonly requested_at: string;
}

async function tenantWith(limit: bigint): Promise<TestTenant> {
  const tenant = await makeCappedTenant(site.db, limit, { trimsLastCall: false });
  await knownAt(gateway.address, tenant.key);
  return tenant;
}

function ask(tenant: TestTenant, body: string): Promise<Response> {
  return fetch(`${gateway.address}/v1/budget/requests`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tenant.key}`, 'content-type': 'application/json' },
    body,
  });
}

async function requestsOf(tenant: TestTenant): Promise<Told[]> {
  const answer = await fetch(`${gateway.address}/v1/budget`, { headers: { authorization: `Bearer ${tenant.key}` } });
  return ((await answer.json()) as { requests: Told[] }).requests;
}

test('asked, approved with another amount, seen by the tenant; its next call passes', async () => {
  const tenant = await tenantWith(1_000n);
  expect((await chat(gateway.address, tenant.key)).status).toBe(402);
  const asked = await ask(tenant, '{"amount_usd": 5.00, "reason": "Busy weekend"}');
  expect(asked.status).toBe(201);
  const { id, ...request } = (await asked.json()) as Told;
  expect(request).toMatchObject({ status: 'open', amount_usd: '5.00', decided_amount_usd: null });
  expect(request.requested_at).toMatch(/\+05:30$/);
  const again = (await (await ask(tenant, '{"amount_usd": "5", "reason": "Busy weekend"}')).json()) as Told;
  expect(again.id).toBe(id);
  await desk.decide(operator, {
    tenantId: tenant.id,
    requestId: id,
    decision: 'approve',
    amount: 2_000_000_000n,
    reason: 'For the weekend',
  });
  expect(await requestsOf(tenant)).toMatchObject([
    { id, status: 'approved', amount_usd: '5.00', decided_amount_usd: '2.00', decision_reason: 'For the weekend' },
  ]);
  await eventually(async () => expect((await chat(gateway.address, tenant.key)).status).toBe(200));
});

test('declined with a reason', async () => {
  const tenant = await tenantWith(1_000n);
  const { id } = (await (await ask(tenant, '{"amount_usd": "0.5", "reason": "More"}')).json()) as Told;
  const decision = { tenantId: tenant.id, requestId: id, decision: 'decline', reason: 'Call us', key: randomUUID() };
  await desk.decide(operator, decision);
  expect(await requestsOf(tenant)).toMatchObject([{ id, status: 'declined', decision_reason: 'Call us' }]);
});

test.each([
  '{"amount_usd": -5, "reason": "x"}',
  '{"amount_usd": 0, "reason": "x"}',
  '{"amount_usd": 1e30, "reason": "x"}',
  '{"amount_usd": "10000000", "reason": "x"}',
  '{"amount_usd": "5,00", "reason": "x"}',
  '{"amount_usd": "five", "reason": "x"}',
  '{"amount_usd": 0.12345678901, "reason": "x"}',
  '{"amount_usd": 123456789.123456789, "reason": "x"}',
  '{"amount_usd": {"$gt": 0}, "reason": "x"}',
  '{"amount_usd": "5", "reason": ""}',
  '{"amount_usd": "5"}',
  `{"amount_usd": "5", "reason": "${'x'.repeat(501)}"}`,
  '{"amount_usd": "5", "reason": "x", "cap_id": "../caps"}',
  '["5"]',
  'null',
  '',
])('refused with a sentence, and nothing is noted: %s', async (body) => {
  const tenant = await tenantWith(1_000n);
  const answer = await ask(tenant, body);
  expect(answer.status).toBe(400);
  const { error } = (await answer.json()) as { error: { type: string; message: string } };
  expect(error.type).toBe('invalid_request_error');
  expect(error.message.length).toBeGreaterThan(20);
  expect(await requestsOf(tenant)).toEqual([]);
});

test('another tenant’s requests are not seen, and its caps can’t be asked for', async () => {
  const [one, other] = [await tenantWith(1_000n), await tenantWith(1_000n)];
  await ask(one, '{"amount_usd": "5", "reason": "Mine"}');
  expect(await requestsOf(other)).toEqual([]);
  const answer = await ask(other, JSON.stringify({ amount_usd: '5', reason: 'Theirs', cap_id: one.capId }));
  expect(answer.status).toBe(404);
});

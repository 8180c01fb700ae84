/** Ways by which clients of other gateways got past their budget: there is none of them here. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { makeKey } from '../testing/factories.ts';
import type { Gateway } from './create-gateway.ts';
import { chatAgain, knownAt, ledgerOf, makeCappedTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
let gateway: Gateway;
beforeAll(async () => {
  site = await createTestSite();
  gateway = await site.startGateway();
});
afterAll(() => site?.close());

test.each([
  'POST /v1/batches',
  'POST /v1/files',
  'POST /v1/completions',
  'POST /v1/images/generations',
  'POST /v1/audio/speech',
  'POST /v1/audio/transcriptions',
  'POST /v1/moderations',
  'POST /v1/assistants',
  'POST /v1/threads/runs',
  'POST /v1/fine_tuning/jobs',
  'POST /v1/realtime/sessions',
  'GET /v1/realtime?model=gpt-4o',
  'POST /v1/messages/batches',
  'POST /v1/complete',
  'POST /openai/v1/chat/completions',
  'POST /openai/deployments/gpt-4o/chat/completions',
  'POST /anthropic/v1/messages',
  'POST /chat/completions',
  'POST /v1/chat/completions/x',
  'GET /v1/chat/completions',
  'POST /v1/responses/resp_1/cancel',
  'GET /v1/responses/resp_1',
  'POST /bedrock/model/x/invoke',
  'POST /vertex_ai/x',
  'POST /v1beta/models/gemini:generateContent',
])('%s is no way to a provider', async (route) => {
  const tenant = await makeCappedTenant(site.db, 1_000_000_000n);
  await knownAt(gateway.address, tenant.key);
  const [method = '', path = ''] = route.split(' ');
  const arrived = site.provider.requests.length;
  const answer = await fetch(`${gateway.address}${path}`, {
    method,
    headers: { authorization: `Bearer ${tenant.key}`, 'content-type': 'application/json' },
    ...(method === 'POST'
      ? { body: JSON.stringify({ model: 'gpt-4o', max_tokens: 9, messages: [{ role: 'user', content: 'x' }] }) }
      : {}),
  });
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ error: { code: 'not_found' } });
  expect(site.provider.requests).toHaveLength(arrived);
});

test('whoever a call says it is for, the key’s client pays and its cap holds', async () => {
  const poor = await makeCappedTenant(site.db, 1_000n);
  const rich = await makeCappedTenant(site.db, 1_000_000_000n);
  for (const { key } of [poor, rich]) await knownAt(gateway.address, key);
  const claims = {
    body: { user: rich.id, metadata: { user_id: rich.id, tenant: rich.slug, tags: ['free'] } },
    headers: {
      'x-tenant-id': rich.id,
      'x-tenantdesk-tenant': rich.id,
      'x-user-id': rich.id,
      'x-litellm-end-user-id': rich.id,
      'openai-organization': rich.slug,
      'x-portkey-virtual-key': rich.key,
      cookie: `key=${rich.key}`,
    },
  };
  expect((await chatAgain(gateway.address, poor.key, claims)).status).toBe(402);
  const paid = await chatAgain(gateway.address, rich.key, { ...claims, body: { ...claims.body, user: poor.id } });
  expect(paid.status).toBe(200);
  await paid.arrayBuffer();
  await eventually(async () => expect(await ledgerOf(site.db, rich.id)).toHaveLength(1));
  expect(await ledgerOf(site.db, poor.id)).toEqual([]);
});

test('a client without a cap has none; a second key of a client has the same one', async () => {
  const free = await makeCappedTenant(site.db, null);
  await knownAt(gateway.address, free.key, 0);
  for (let calls = 0; calls < 20; calls += 1) {
    const answer = await chatAgain(gateway.address, free.key, { body: { max_tokens: 16_000 } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-tenantdesk-remaining-usd')).toBeNull();
    await answer.arrayBuffer();
  }
  const capped = await makeCappedTenant(site.db, 1_000n);
  const other = await makeKey(site.db, capped.id);
  for (const { key } of [capped, other]) {
    await knownAt(gateway.address, key);
    expect((await chatAgain(gateway.address, key)).status).toBe(402);
  }
});

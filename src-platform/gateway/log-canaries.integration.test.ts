import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { startFaultProxy, type FaultProxy } from '../testing/fault-proxy.ts';
import type { Gateway } from './create-gateway.ts';
import { PROVIDER_CREDENTIAL } from './testing/scripted-provider.ts';
import { chat, knownAt, ledgerOf, makeCappedTenant, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
let gateway: Gateway;
let database: FaultProxy;
let tenant: TestTenant;

beforeAll(async () => {
  site = await createTestSite();
  database = await startFaultProxy(site.db.gatewayUrl);
  gateway = await site.startGateway({
    databaseUrl: database.url,
    redisUrl: 'redis://:canary-redis-password@127.0.0.1:1',
    logLevel: 'debug',
    metricsToken: 'canary-metrics-token-of-forty-characters',
  });
  tenant = await makeCappedTenant(site.db, 1_000_000_000n);
  await knownAt(gateway.address, tenant.key);
});
afterAll(async () => {
  await database?.close();
  await site?.close();
});

const lines = (event: string): Record<string, unknown>[] =>
  site.log.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line['event'] === event);

test('a call is one line, in the words of the conventions', async () => {
  const before = lines('call').length;
  const answer = await chat(gateway.address, tenant.key, { script: { answer: 12, prompt: 34, cached: 4 } });
  await answer.text();
  expect(lines('call').slice(before)).toMatchObject([
    {
      level: 'debug',
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input_tokens': 34,
      'gen_ai.usage.cache_read.input_tokens': 4,
      'gen_ai.usage.output_tokens': 12,
      'http.response.status_code': 200,
      'tenantdesk.request.id': answer.headers.get('x-tenantdesk-request-id'),
      'tenantdesk.tenant.id': tenant.id,
    },
  ]);
  const refused = await chat(gateway.address, tenant.key, { body: { model: 'canary-model' } });
  expect(lines('call refused')).toMatchObject([
    {
      'error.type': 'unpriced_model',
      'http.response.status_code': 400,
      'tenantdesk.request.id': refused.headers.get('x-tenantdesk-request-id'),
    },
  ]);
});

test('whatever fails: no content, no key, no credential in any line, in no encoding', async () => {
  const call = async (change: Parameters<typeof chat>[2]): Promise<void> => {
    const answer = await chat(gateway.address, tenant.key, change);
    await answer.text().catch(() => undefined);
  };
  const raw = (path: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${gateway.address}${path}`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${tenant.key}`, ...headers },
    });
  const content = { messages: [{ role: 'user', content: 'canary-content' }] };
  await call({ body: { ...content, metadata: { workflow: 'canary-workflow' } } });
  await call({
    body: content,
    headers: { 'x-tenantdesk-session': 'canary-session', 'x-tenantdesk-workflow': 'canary-slug' },
  });
  await call({ body: { model: 'canary-model' } });
  await call({ body: { messages: 'canary-content' } });
  const scripts: readonly Record<string, number | boolean>[] = [
    { fail: 500 },
    { fail: 401 },
    { cutAfter: 0 },
    { hideUsage: true },
  ];
  for (const script of scripts) await call({ script });
  await call({ script: { cutAfter: 2, answer: 20 }, body: { stream: true } });
  await raw('/v1/chat/completions', '{"canary-content');
  await raw('/v1/chat/completions?canary=query', '"canary-content"');
  await raw('/v1/canary-path', 'canary-content');
  await raw('/v1/budget/requests', '{"amount_usd":"canary-amount","reason":"canary-reason"}');
  await raw('/v1/budget/requests', '{"amount_usd":"1.00","reason":"canary-\\u0000-reason"}');
  await fetch(`${gateway.address}/v1/usage/canary-request`, { headers: { 'x-api-key': 'td_canarykey1234567890' } });
  await fetch(`${gateway.address}/admin/v1/status`, { headers: { authorization: 'Bearer tdo_canarytoken1234567890' } });
  database.set('refuse');
  await eventually(() => expect(lines('heartbeat not written')).not.toEqual([]));
  await call({ body: content });
  database.set('forward');
  await eventually(async () => expect((await chat(gateway.address, tenant.key)).status).toBe(200));
  await eventually(async () => expect((await ledgerOf(site.db, tenant.id)).length).toBeGreaterThan(5));

  expect(lines('redis not reached'), 'trouble with all parts was told').not.toEqual([]);
  const passwords = [site.db.gatewayUrl, database.url].map((url) => decodeURIComponent(new URL(url).password));
  const secrets = ['canary', tenant.key, PROVIDER_CREDENTIAL, ...passwords, site.credentialKey.toString('base64')];
  const encodings = [
    (secret: string) => secret,
    encodeURIComponent,
    ...(['base64', 'base64url', 'hex'] as const).map(
      (encoding) => (secret: string) => Buffer.from(secret).toString(encoding),
    ),
  ];
  const wanted = secrets.flatMap((secret) => encodings.map((encode) => encode(secret)));
  const told = site.log.join('').replaceAll('127.0.0.1', '');
  for (const text of wanted.filter(({ length }) => length > 5)) expect(told).not.toContain(text);
  for (const line of site.log) expect(() => JSON.parse(line) as unknown).not.toThrow();
});

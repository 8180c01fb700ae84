import { randomUUID } from 'node:crypto';
import Anthropic, { PermissionDeniedError as AnthropicPermissionDenied } from '@anthropic-ai/sdk';
import OpenAI, { PermissionDeniedError } from 'openai';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callPlatform } from '../testing/call-platform.ts';
import { eventually } from '../testing/eventually.ts';
import { makeOperator, makeQuota } from '../testing/factories.ts';
import type { Gateway } from './create-gateway.ts';
import { queryKept } from './query-kept.ts';
import { addPretendProvider, pretendPrice, type PretendProvider } from './testing/pretend-provider.ts';
import { chat, knownAt, ledgerOf, makeCappedTenant, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
let gateway: Gateway;
let provider: PretendProvider;
let setModels: (tenantId: string, models: readonly string[] | null, version: number) => Promise<{ version: number }>;

beforeAll(async () => {
  site = await createTestSite();
  const models = ['gpt-small', 'gpt-large', 'claude-small', 'claude-large'].map((model) => pretendPrice(model));
  provider = await addPretendProvider(site, { id: 'pretend', models });
  gateway = await site.startGateway();
  const admin = site.db.connect((await makeOperator(site.db, { role: 'admin' })).url);
  setModels = (tenantId, list, version) =>
    callPlatform(admin, 'set_tenant_models($1, $2, $3, $4, null)', [tenantId, list, version, randomUUID()]);
});
afterAll(async () => {
  await site?.close();
  await provider?.close();
});

async function knownTenant(): Promise<TestTenant> {
  const tenant = await makeCappedTenant(site.db, 5_000_000_000n);
  await knownAt(gateway.address, tenant.key);
  return tenant;
}

const openai = (key: string): OpenAI => new OpenAI({ apiKey: key, baseURL: `${gateway.address}/v1`, maxRetries: 0 });
const anthropic = (key: string): Anthropic => new Anthropic({ apiKey: key, baseURL: gateway.address, maxRetries: 0 });
const modelsOf = async (key: string): Promise<string[]> =>
  (await openai(key).models.list()).data.map(({ id }) => id).toSorted();
const say = [{ role: 'user' as const, content: 'Hello [answer 5 tokens] [answer fast]' }];

describe('the models that a client may use', () => {
  test('are all, until an admin names some; gateways obey at once, in every format and in the list', async () => {
    const tenant = await knownTenant();
    expect(await modelsOf(tenant.key)).toEqual(['claude-large', 'claude-small', 'gpt-4o', 'gpt-large', 'gpt-small']);
    const { version } = await setModels(tenant.id, ['gpt-small', 'claude-s*'], 0);
    await eventually(async () => expect(await modelsOf(tenant.key)).toEqual(['claude-small', 'gpt-small']));
    await openai(tenant.key).chat.completions.create({ model: 'gpt-small', messages: say });
    await anthropic(tenant.key).messages.create({ model: 'claude-small', max_tokens: 50, messages: say });

    const refused = openai(tenant.key).chat.completions.create({ model: 'gpt-large', messages: say });
    await expect(refused).rejects.toBeInstanceOf(PermissionDeniedError);
    await expect(refused).rejects.toMatchObject({
      status: 403,
      code: 'model_not_allowed',
      param: 'model',
      message: expect.stringContaining('GET /v1/models'),
    });
    const claude = anthropic(tenant.key).messages.create({ model: 'claude-large', max_tokens: 50, messages: say });
    await expect(claude).rejects.toBeInstanceOf(AnthropicPermissionDenied);
    await expect(claude).rejects.toMatchObject({ error: { error: { code: 'model_not_allowed' } } });
    await expect(openai(tenant.key).models.retrieve('gpt-large')).rejects.toMatchObject({ status: 404 });
    await eventually(async () => {
      const { rows } = await site.db.owner.query(
        `select code, http_status, model from platform.refusals where tenant_id = $1 order by model`,
        [tenant.id],
      );
      expect(rows).toEqual([
        { code: 'model_not_allowed', http_status: 403, model: 'claude-large' },
        { code: 'model_not_allowed', http_status: 403, model: 'gpt-large' },
      ]);
    });
    expect(await ledgerOf(site.db, tenant.id)).toHaveLength(2);

    await setModels(tenant.id, null, version);
    await eventually(async () => expect(await modelsOf(tenant.key)).toHaveLength(5));
    await openai(tenant.key).chat.completions.create({ model: 'gpt-large', messages: say });
  });

  test('are set by an admin alone, in words, and audited', async () => {
    const tenant = await knownTenant();
    const operator = site.db.connect((await makeOperator(site.db, { role: 'operator' })).url);
    const asOperator = callPlatform(operator, 'set_tenant_models($1, $2, 0, $3, null)', [
      tenant.id,
      ['a'],
      randomUUID(),
    ]);
    await expect(asOperator).rejects.toMatchObject({ code: '42501' });
    for (const wrong of [
      [],
      ['*'],
      [''],
      ['a*b'],
      ['a\nb'],
      ['a', null],
      Array.from({ length: 201 }, (_, i) => `m${i}`),
    ]) {
      await expect(setModels(tenant.id, wrong as string[], 0), JSON.stringify(wrong)).rejects.toMatchObject({
        code: 'TD400',
      });
    }
    await setModels(tenant.id, ['gpt-small'], 0);
    await expect(setModels(tenant.id, ['gpt-large'], 0)).rejects.toMatchObject({ code: 'TD409' });
    const { rows } = await site.db.owner.query(
      `select before, after from platform.audit_log where tenant_id = $1 and action = 'models.set'`,
      [tenant.id],
    );
    expect(rows).toEqual([{ before: { models: null, version: 0 }, after: { models: ['gpt-small'], version: 1 } }]);
  });
});

describe('counting tokens', () => {
  test('is the provider’s own count, free of charge', async () => {
    const tenant = await knownTenant();
    const client = anthropic(tenant.key);
    const counted = await client.messages.countTokens({ model: 'claude-small', messages: say });
    const message = await client.messages.create({ model: 'claude-small', max_tokens: 50, messages: say });
    expect(counted.input_tokens).toBe(message.usage.input_tokens);
    await eventually(async () => expect(await ledgerOf(site.db, tenant.id)).toHaveLength(1));
    expect(provider.bill.filter(({ requestId }) => requestId === message._request_id)).toHaveLength(0);
  });

  test('says no as calls do: key, model, price, body, and requests a minute', async () => {
    const tenant = await knownTenant();
    const count = (model: string, key = tenant.key) => anthropic(key).messages.countTokens({ model, messages: say });
    await expect(count('claude-small', 'td_nobody')).rejects.toMatchObject({ status: 401 });
    await expect(count('nobody-priced')).rejects.toMatchObject({
      status: 400,
      error: { type: 'error', error: { code: 'unpriced_model' } },
    });
    const broken = await fetch(`${gateway.address}/v1/messages/count_tokens`, {
      method: 'POST',
      headers: { 'x-api-key': tenant.key, 'content-type': 'application/json' },
      body: '{',
    });
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ type: 'error', error: { code: 'invalid_json' } });
    await setModels(tenant.id, ['gpt-*'], 0);
    await eventually(() => expect(count('claude-small')).rejects.toMatchObject({ status: 403 }));
    await setModels(tenant.id, null, 1);
    await makeQuota(site.db, tenant.id, 'requests_per_minute', 1);
    await eventually(() => expect(count('claude-small')).rejects.toMatchObject({ status: 429 }));
  });
});

describe('units', () => {
  test('that a call says it does are in the ledger; what is no number is told', async () => {
    const tenant = await knownTenant();
    for (const units of ['0', '25', undefined]) {
      const headers: Record<string, string> = units === undefined ? {} : { 'x-tenantdesk-units': units };
      expect((await chat(gateway.address, tenant.key, { headers })).status).toBe(200);
    }
    for (const wrong of ['-1', '1.5', 'many', '1000001', '']) {
      const answer = await chat(gateway.address, tenant.key, { headers: { 'x-tenantdesk-units': wrong } });
      expect(answer.status, wrong).toBe(400);
      expect(await answer.json()).toMatchObject({ error: { param: 'x-tenantdesk-units' } });
    }
    await eventually(async () => {
      const { rows } = await site.db.owner.query(
        `select units from platform.usage_records where tenant_id = $1 order by units nulls last`,
        [tenant.id],
      );
      expect(rows).toEqual([{ units: 0n }, { units: 25n }, { units: null }]);
    });
    const { rows } = await site.db.owner.query(
      `select sum(units)::int as units from platform.usage_monthly where tenant_id = $1`,
      [tenant.id],
    );
    expect(rows, 'one for the call that said nothing').toEqual([{ units: 26 }]);
  });
});

test('a refusal of the database leaves its connection as it is', async () => {
  const pool = new Pool({ connectionString: site.db.gatewayUrl, max: 1, idleTimeoutMillis: 0 });
  try {
    const pid = async (): Promise<number | undefined> =>
      (await queryKept<{ pid: number }>(pool, 'select pg_backend_pid() as pid', [])).rows[0]?.pid;
    const before = await pid();
    const refused = queryKept(pool, 'select platform.gateway_heartbeat($1)', [randomUUID()]);
    await expect(refused).rejects.toMatchObject({ code: 'TD404' });
    expect(await pid()).toBe(before);
  } finally {
    await pool.end();
  }
});

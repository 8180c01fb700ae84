import OpenAI, { APIError } from 'openai';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeCap, makeKey, makeOperator, makeTenant, makeWorkflow } from '../testing/factories.ts';
import type { Gateway } from './create-gateway.ts';
import { chat, ledgerOf, makeCappedTenant, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';
import { eventually } from '../testing/eventually.ts';

let site: TestSite;
let gateway: Gateway;

beforeAll(async () => {
  site = await createTestSite();
  gateway = await site.startGateway();
});
afterAll(async () => {
  await site?.close();
});

/** The gateway knows the tenant's key (announcements travel in milliseconds, but they travel). */
async function untilKnown(key: string, caps = 1): Promise<void> {
  await eventually(async () => {
    const answer = await fetch(`${gateway.address}/v1/budget`, { headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { caps: unknown[] }).caps).toHaveLength(caps);
  });
}

async function knownTenant(limitNanoUsd: bigint): Promise<TestTenant> {
  const tenant = await makeCappedTenant(site.db, limitNanoUsd);
  await untilKnown(tenant.key);
  return tenant;
}

function sdk(key: string): OpenAI {
  return new OpenAI({ apiKey: key, baseURL: `${gateway.address}/v1`, maxRetries: 2 });
}

async function errorOf(answer: Response): Promise<Record<string, unknown>> {
  return ((await answer.json()) as { error: Record<string, unknown> }).error;
}

/** Body of nothing but the given text as the last message. */
const messages = (script: Record<string, unknown> = {}) => [{ role: 'user' as const, content: JSON.stringify(script) }];

describe("OpenAI's own SDK", () => {
  test('works without streaming, and the answer tells cost and rest', async () => {
    const tenant = await knownTenant(1_000_000_000n);
    const { data, response } = await sdk(tenant.key)
      .chat.completions.create({ model: 'gpt-4o', max_tokens: 100, messages: messages({ answer: 40, prompt: 20 }) })
      .withResponse();
    expect(data.usage?.completion_tokens).toBe(40);
    expect(response.headers.get('x-tenantdesk-cost-usd')).toBe('0.00045');
    expect(response.headers.get('x-tenantdesk-remaining-usd')).toBe('0.99955');
    const requestId = response.headers.get('x-tenantdesk-request-id');
    expect(site.provider.bill.at(-1)).toMatchObject({ requestId, costNanoUsd: 450_000n });
  });

  test('works streaming, and gets no usage chunk that it did not ask for', async () => {
    const tenant = await knownTenant(1_000_000_000n);
    const { data, response } = await sdk(tenant.key)
      .chat.completions.create({ model: 'gpt-4o', stream: true, messages: messages({ answer: 40, prompt: 20 }) })
      .withResponse();
    let text = '';
    let usageChunks = 0;
    for await (const chunk of data) {
      text += chunk.choices[0]?.delta.content ?? '';
      if (chunk.choices.length === 0) usageChunks += 1;
    }
    expect(text).toContain('part 4 of 40');
    expect(usageChunks).toBe(0);
    const requestId = response.headers.get('x-tenantdesk-request-id');
    const usage = await fetch(`${gateway.address}/v1/usage/${requestId}`, {
      headers: { authorization: `Bearer ${tenant.key}` },
    });
    expect(await usage.json()).toMatchObject({ cost_nanousd: 450_000, cost_usd: '0.00045', output_tokens: 40 });
  });

  test('gets the usage chunk when it asks for it', async () => {
    const tenant = await knownTenant(1_000_000_000n);
    const stream = await sdk(tenant.key).chat.completions.create({
      model: 'gpt-4o',
      stream: true,
      stream_options: { include_usage: true },
      messages: messages({ answer: 40 }),
    });
    const usages = [];
    for await (const chunk of stream) if (chunk.usage) usages.push(chunk.usage);
    expect(usages).toMatchObject([{ completion_tokens: 40 }]);
  });

  test.each([false, true])(
    'raises its ordinary error for a capped tenant, once, without a retry (stream: %s)',
    async (stream) => {
      const tenant = await knownTenant(1_000n);
      const sent = vi.fn(fetch);
      const client = new OpenAI({ apiKey: tenant.key, baseURL: `${gateway.address}/v1`, maxRetries: 3, fetch: sent });
      const failure: unknown = await client.chat.completions
        .create({ model: 'gpt-4o', max_tokens: 100, stream, messages: messages() })
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(APIError);
      expect(failure).toMatchObject({ status: 402, code: 'tenant_month_cap', type: 'budget_exceeded' });
      expect((failure as APIError).message).toContain('monthly cap');
      expect(sent).toHaveBeenCalledTimes(1);
      await eventually(async () => {
        const { rows } = await site.db.owner.query(
          'select http_status, type, code, model, facts from platform.refusals where tenant_id = $1',
          [tenant.id],
        );
        expect(rows).toMatchObject([
          {
            http_status: 402,
            type: 'budget_exceeded',
            code: 'tenant_month_cap',
            model: 'gpt-4o',
            facts: { cap_nanousd: 1000 },
          },
        ]);
      });
    },
  );

  test('lists the priced models', async () => {
    const tenant = await knownTenant(1n);
    const models = [];
    for await (const model of sdk(tenant.key).models.list()) models.push(model.id);
    expect(models).toEqual(['gpt-4o']);
  });
});

describe('bad input has its own answer and changes nothing', () => {
  test.each([
    ['malformed JSON', '{"model": "gpt-4o", "messages": [', 'invalid_json'],
    ['no object', '[1]', 'invalid_json'],
    ['no body', '', 'invalid_json'],
    ['no messages', '{"model":"gpt-4o"}', 'invalid_request'],
    ['no model', '{"messages":[{"role":"user","content":"x"}]}', 'invalid_request'],
    [
      'a limit of zero',
      '{"model":"gpt-4o","max_tokens":0,"messages":[{"role":"user","content":"x"}]}',
      'invalid_request',
    ],
    [
      'a limit as text',
      '{"model":"gpt-4o","max_tokens":"9","messages":[{"role":"user","content":"x"}]}',
      'invalid_request',
    ],
    [
      'a file',
      '{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}]}',
      'unbounded_request',
    ],
    [
      'an image dressed as text',
      '{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"text","text":"x","image_url":{"url":"https://x/y"}}]}]}',
      'unbounded_request',
    ],
    [
      'sound',
      '{"model":"gpt-4o","modalities":["audio"],"messages":[{"role":"user","content":"x"}]}',
      'unbounded_request',
    ],
    [
      'a dearer tier',
      '{"model":"gpt-4o","service_tier":"priority","messages":[{"role":"user","content":"x"}]}',
      'unbounded_request',
    ],
    ['an unknown model', '{"model":"gpt-9","messages":[{"role":"user","content":"x"}]}', 'unpriced_model'],
  ])('%s', async (_what, body, code) => {
    const tenant = await knownTenant(1_000_000_000n);
    const before = site.provider.requests.length;
    const answer = await fetch(`${gateway.address}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tenant.key}`, 'content-type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('x-tenantdesk-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await errorOf(answer)).toMatchObject({ type: 'invalid_request_error', code });
    expect(site.provider.requests).toHaveLength(before);
    expect(await ledgerOf(site.db, tenant.id)).toEqual([]);
  });

  test('a body above 4 MB', async () => {
    const tenant = await knownTenant(1n);
    const answer = await chat(gateway.address, tenant.key, { body: { user: 'x'.repeat(4 * 1024 * 1024) } });
    expect(answer.status).toBe(413);
    expect(await errorOf(answer)).toMatchObject({ code: 'request_too_large' });
  });

  test('an unpriced model is listed for the operator', async () => {
    const tenant = await knownTenant(1_000_000_000n);
    await (await chat(gateway.address, tenant.key, { body: { model: 'gpt-unheard-of' } })).text();
    await eventually(async () => {
      const { rows } = await site.db.owner.query(
        'select provider, model, calls from platform.unpriced_models where tenant_id = $1',
        [tenant.id],
      );
      expect(rows).toEqual([{ provider: 'openai', model: 'gpt-unheard-of', calls: 1n }]);
    });
  });

  test('unknown, revoked, expired and missing keys', async () => {
    const tenant = await knownTenant(1_000_000_000n);
    const revoked = await makeKey(site.db, tenant.id, { revokedAt: new Date(Date.now() - 1_000) });
    const expired = await makeKey(site.db, tenant.id, { validUntil: new Date(Date.now() - 1_000) });
    const good = await makeKey(site.db, tenant.id);
    await untilKnown(good.key);
    const codes: unknown[] = [];
    for (const key of [`td_${'A'.repeat(43)}`, 'nonsense', revoked.key, expired.key]) {
      const answer = await chat(gateway.address, key);
      expect(answer.status).toBe(401);
      const error = await errorOf(answer);
      expect(Object.keys(error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
      expect(error['type']).toBe('authentication_error');
      codes.push(error['code']);
    }
    expect(codes).toEqual(['key_unknown', 'key_unknown', 'key_revoked', 'key_revoked']);
    const withoutKey = await fetch(`${gateway.address}/v1/models`);
    expect(withoutKey.status).toBe(401);
    const twice = await fetch(`${gateway.address}/v1/models`, {
      headers: { authorization: `Bearer ${good.key}`, 'x-api-key': tenant.key },
    });
    expect(await errorOf(twice)).toMatchObject({ code: 'ambiguous_credentials' });
    const other = await fetch(`${gateway.address}/v1/models`, { headers: { 'x-api-key': tenant.key } });
    expect(other.status).toBe(200);
  });

  test('a suspended tenant is refused at the next call', async () => {
    const tenant = await knownTenant(1_000_000_000n);
    const asked = site.provider.requests.length;
    const underWay = chat(gateway.address, tenant.key, { script: { delayMs: 1_000 } });
    await eventually(() => expect(site.provider.requests.length).toBeGreaterThan(asked));
    await site.db.owner.query(`update platform.tenants set status = 'suspended' where id = $1`, [tenant.id]);
    await site.db.owner.query(`select platform.announce('tenants', $1)`, [tenant.id]);
    await eventually(async () => {
      const answer = await chat(gateway.address, tenant.key);
      expect(answer.status).toBe(403);
      expect(await errorOf(answer)).toMatchObject({ type: 'permission_error', code: 'tenant_suspended' });
    });
    expect((await underWay).status).toBe(200);
    await eventually(async () => {
      const { rows } = await site.db.owner.query<{ amount_nanousd: bigint; charged_nanousd: bigint }>(
        'select amount_nanousd, charged_nanousd from platform.grants where tenant_id = $1',
        [tenant.id],
      );
      expect(rows.map((row) => row.amount_nanousd)).toEqual(rows.map((row) => row.charged_nanousd));
    });
  });
});

describe('what goes to the provider', () => {
  test("carries the platform's credential and nothing of the client's headers", async () => {
    const tenant = await knownTenant(1_000_000_000n);
    await (
      await chat(gateway.address, tenant.key, {
        headers: {
          'x-forwarded-host': 'evil.example',
          cookie: 'a=b',
          'x-tenantdesk-session': 's-1',
          'openai-organization': 'org',
        },
        body: { base_url: 'http://evil.example' },
      })
    ).text();
    const { headers } = site.provider.requests.at(-1)!;
    expect(Object.keys(headers).toSorted()).toEqual([
      'accept',
      'accept-encoding',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
      'x-request-id',
    ]);
    expect(JSON.stringify(headers)).not.toContain(tenant.key);
    await eventually(async () => expect(await ledgerOf(site.db, tenant.id)).toMatchObject([{ session: 's-1' }]));
  });

  test("has the plan's limit when the client gave none", async () => {
    const tenant = await makeCappedTenant(site.db, 1_000_000_000n, { planId: 'free' });
    await untilKnown(tenant.key);
    await (await chat(gateway.address, tenant.key, { body: { max_tokens: undefined } })).text();
    expect(site.provider.requests.at(-1)?.body).toMatchObject({ max_completion_tokens: 2_000 });
  });

  test('says each field once, whatever the client sent', async () => {
    const tenant = await knownTenant(1_000_000_000n);
    const answer = await fetch(`${gateway.address}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tenant.key}`, 'content-type': 'application/json' },
      body: '{"max_tokens":100000,"model":"gpt-4o","max_tokens":5,"messages":[{"role":"user","content":"{\\"answer\\":50}"}]}',
    });
    expect(((await answer.json()) as { usage: { completion_tokens: number } }).usage.completion_tokens).toBe(5);
  });

  test('is booked under the workflow that the call names', async () => {
    const tenant = await makeTenant(site.db);
    const support = await makeWorkflow(site.db, tenant.id, 'support');
    const leads = await makeWorkflow(site.db, tenant.id, 'leads');
    await makeCap(site.db, tenant.id, { limitNanoUsd: 1_000_000_000n });
    const { key } = await makeKey(site.db, tenant.id, { defaultWorkflowId: support });
    await untilKnown(key);
    await (await chat(gateway.address, key)).text();
    await (await chat(gateway.address, key, { headers: { 'x-tenantdesk-workflow': 'leads' } })).text();
    await (await chat(gateway.address, key, { body: { metadata: { workflow: 'leads' } } })).text();
    await (await chat(gateway.address, key, { headers: { 'x-tenantdesk-workflow': 'unheard-of' } })).text();
    await eventually(async () => {
      const lines = await ledgerOf(site.db, tenant.id);
      expect(lines.map((line) => line.workflow_id)).toEqual([support, leads, leads, support]);
    });
  });
});

test('session and units are taken from the metadata where no header names them', async () => {
  const tenant = await knownTenant(1_000_000_000n);
  const metadata = { session: 's-metadata', units: '3' };
  const headers = { 'x-tenantdesk-session': 's-header', 'x-tenantdesk-units': '4' };
  const said = [
    { body: { metadata } },
    { body: { metadata }, headers },
    { body: { metadata: { session: ['x'], units: null } } },
  ];
  for (const call of said) {
    const answer = await chat(gateway.address, tenant.key, call);
    expect(answer.status).toBe(200);
    await answer.text();
  }
  await eventually(async () => {
    const lines = await ledgerOf(site.db, tenant.id);
    expect(lines.map(({ session, units }) => [session, units])).toEqual([
      ['s-metadata', 3n],
      ['s-header', 4n],
      [null, null],
    ]);
  });
  const refused = await chat(gateway.address, tenant.key, { body: { metadata: { units: 'some' } } });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ error: { param: 'metadata.units' } });
});

describe('settlement', () => {
  test('a client that leaves a stream is charged what the provider billed', async () => {
    const tenant = await knownTenant(1_000_000_000n);
    const leave = new AbortController();
    const answer = await chat(gateway.address, tenant.key, {
      script: { answer: 90, gapMs: 30 },
      body: { stream: true },
      signal: leave.signal,
    });
    await answer.body?.getReader().read();
    leave.abort();
    await vi.waitFor(
      async () => {
        const [line] = await ledgerOf(site.db, tenant.id);
        expect(line).toMatchObject({ kind: 'charge', outcome: 'client_closed', output_tokens: 90n });
        expect(line?.cost_nanousd).toBe(site.provider.bill.at(-1)?.costNanoUsd);
      },
      { timeout: 5_000 },
    );
  });

  test('a stream that breaks off without a bill is an estimate of its bound', async () => {
    const tenant = await knownTenant(1_000_000_000n);
    const answer = await chat(gateway.address, tenant.key, {
      script: { cutAfter: 3, gapMs: 20 },
      body: { stream: true },
    });
    await expect(answer.text()).rejects.toThrow();
    await eventually(async () => {
      const [line] = await ledgerOf(site.db, tenant.id);
      expect(line).toMatchObject({ kind: 'estimate', outcome: 'interrupted' });
      expect(line!.cost_nanousd >= site.provider.bill.at(-1)!.costNanoUsd).toBe(true);
    });
  });

  test('an answer without usage is an estimate, an explicit zero is zero, an error costs nothing', async () => {
    const tenant = await knownTenant(1_000_000_000n);
    await (await chat(gateway.address, tenant.key, { script: { hideUsage: true } })).text();
    await (await chat(gateway.address, tenant.key, { script: { answer: 0, prompt: 0 } })).text();
    const failed = await chat(gateway.address, tenant.key, { script: { fail: 529 } });
    expect(failed.status).toBe(529);
    expect(await errorOf(failed)).toMatchObject({ message: 'scripted 529' });
    await eventually(async () => {
      const lines = await ledgerOf(site.db, tenant.id);
      expect(lines.map(({ kind, outcome, cost_nanousd: cost }) => [kind, outcome, cost > 0n])).toEqual([
        ['estimate', 'ok', true],
        ['charge', 'ok', false],
        ['charge', 'provider_error', false],
      ]);
    });
  });

  test('caps of a key and of a day hold as well, and name themselves', async () => {
    const tenant = await makeTenant(site.db);
    await makeCap(site.db, tenant.id, { limitNanoUsd: 1_000_000_000n });
    await makeCap(site.db, tenant.id, { limitNanoUsd: 5_000_000n, period: 'day' });
    const free = await makeKey(site.db, tenant.id);
    const capped = await makeKey(site.db, tenant.id);
    await makeCap(site.db, tenant.id, { limitNanoUsd: 2_000_000n, keyId: capped.id });
    await untilKnown(capped.key, 3);
    const codes: unknown[] = [];
    for (const key of [capped.key, capped.key, free.key, free.key, free.key]) {
      const answer = await chat(gateway.address, key, { script: { answer: 100, prompt: 0 } });
      codes.push(answer.status === 200 ? 200 : (await errorOf(answer))['code']);
    }
    expect(codes).toEqual([200, 'key_month_cap', 200, 200, 200]);
    const last = await chat(gateway.address, free.key, { script: { answer: 100 }, body: { max_tokens: 200 } });
    expect((await errorOf(last))['code']).toBe('tenant_day_cap');
  });
});

test('a raised cap lets the next call through at once, twenty times', async () => {
  const tenant = await knownTenant(1_000_000n);
  const operator = await makeOperator(site.db, { role: 'operator' });
  const console_ = site.db.connect(operator.url);
  let limit = 1_000_000n;
  for (let round = 1; round <= 20; round += 1) {
    for (;;) {
      const answer = await chat(gateway.address, tenant.key, { script: { answer: 100 } });
      await answer.text();
      if (answer.status === 402) break;
    }
    limit += 2_000_000n;
    await console_.query('select platform.set_cap($1, $2, $3, $4, gen_random_uuid(), $5)', [
      tenant.id,
      tenant.capId,
      limit,
      round,
      'test',
    ]);
    await eventually(async () => expect((await chat(gateway.address, tenant.key)).status).toBe(200));
  }
});

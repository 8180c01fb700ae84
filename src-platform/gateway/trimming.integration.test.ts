/** The last call of a period is trimmed to what remains instead of lost, unless its tenant wants none of that. */
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import type { Gateway } from './create-gateway.ts';
import {
  capPeriodOf,
  chat,
  knownAt,
  ledgerOf,
  makeCappedTenant,
  sumOf,
  type TestTenant,
} from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
let gateway: Gateway;
let second: Gateway;

beforeAll(async () => {
  site = await createTestSite();
  [gateway, second] = await Promise.all([site.startGateway(), site.startGateway({ name: 'second' })]);
});
afterAll(async () => {
  await site?.close();
});

async function knownTenant(
  limitNanoUsd: bigint,
  tenant: Parameters<typeof makeCappedTenant>[2] = {},
): Promise<TestTenant> {
  const made = await makeCappedTenant(site.db, limitNanoUsd, tenant);
  for (const { address } of [gateway, second]) await knownAt(address, made.key);
  return made;
}

const messages = (script: Record<string, unknown>) => [{ role: 'user' as const, content: JSON.stringify(script) }];
/** gpt-4o: 10,000 nano-USD a token of answer. What stays is for some 110 bytes of request. */
const ROOM_FOR_500_TOKENS = 5_000_000n + 280_000n;

describe('a call that does not fit in what remains', () => {
  test.each([false, true])('gets a shorter answer, and the SDK hears of it (stream: %s)', async (stream) => {
    const tenant = await knownTenant(ROOM_FOR_500_TOKENS);
    const client = new OpenAI({ apiKey: tenant.key, baseURL: `${gateway.address}/v1`, maxRetries: 0 });
    const ask = { model: 'gpt-4o', max_tokens: 1_500, messages: messages({ answer: 1_500, prompt: 10 }) };
    let finish: string | null | undefined;
    let headers: Headers;
    if (stream) {
      const { data, response } = await client.chat.completions.create({ ...ask, stream }).withResponse();
      for await (const chunk of data) finish = chunk.choices[0]?.finish_reason ?? finish;
      ({ headers } = response);
    } else {
      const { data, response } = await client.chat.completions.create(ask).withResponse();
      finish = data.choices[0]?.finish_reason;
      ({ headers } = response);
    }
    expect(finish).toBe('length');
    const trimmed = Number(headers.get('x-tenantdesk-trimmed'));
    expect(trimmed).toBeGreaterThan(480);
    expect(trimmed).toBeLessThan(520);
    expect(headers.get('x-tenantdesk-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(site.provider.bill.at(-1)).toMatchObject({ maxTokens: trimmed, outputTokens: trimmed });
    await eventually(async () => expect(await ledgerOf(site.db, tenant.id)).toHaveLength(1));
    const { charged, granted, limit } = await capPeriodOf(site.db, tenant.id);
    expect(charged).toBe(site.provider.bill.at(-1)!.costNanoUsd);
    expect(granted <= limit).toBe(true);
  });

  test('goes out with the lower of both limits where both are given', async () => {
    const tenant = await knownTenant(ROOM_FOR_500_TOKENS);
    const answer = await chat(gateway.address, tenant.key, {
      script: { answer: 1_500 },
      body: { max_tokens: 300, max_completion_tokens: 1_500 },
    });
    expect(answer.status).toBe(200);
    const { body } = site.provider.requests.at(-1)!;
    expect(body['max_tokens']).toBe(300);
    expect(body['max_completion_tokens']).toBe(Number(answer.headers.get('x-tenantdesk-trimmed')));
  });

  test('is refused when its tenant wants no trimming', async () => {
    const tenant = await knownTenant(ROOM_FOR_500_TOKENS, { trimsLastCall: false });
    const ask = (limit: number) => chat(gateway.address, tenant.key, { body: { max_tokens: limit } });
    expect((await ask(1_500)).status).toBe(402);
    const fits = await ask(400);
    expect(fits.status).toBe(200);
    expect(fits.headers.get('x-tenantdesk-trimmed')).toBeNull();
    await site.db.owner.query('update platform.tenants set trims_last_call = true where id = $1', [tenant.id]);
    await site.db.owner.query(`select platform.announce('tenants', $1)`, [tenant.id]);
    await eventually(async () => expect((await ask(1_500)).headers.get('x-tenantdesk-trimmed')).not.toBeNull());
  });

  test('is refused when too little is left: less than a quarter of its limit, less than 256 tokens', async () => {
    const tenant = await knownTenant(ROOM_FOR_500_TOKENS);
    const large = await chat(gateway.address, tenant.key, { body: { max_tokens: 2_400 } });
    expect(large.status).toBe(402);
    const small = await knownTenant(2_500_000n);
    expect((await chat(gateway.address, small.key, { body: { max_tokens: 400 } })).status).toBe(402);
    expect((await chat(gateway.address, small.key, { body: { max_tokens: 200 } })).status).toBe(200);
  });
});

test('32 callers on two gateways use 99 % of a cap, each trimmed call within its bound, the bill within the cap', async () => {
  const cap = 400_000_000n;
  const tenant = await knownTenant(cap);
  const before = site.provider.bill.length;
  let trimmed = 0;
  await Promise.all(
    Array.from({ length: 32 }, async (_, caller) => {
      const { address } = caller % 2 === 0 ? gateway : second;
      for (let refused = 0; refused < 2;) {
        const answer = await chat(address, tenant.key, {
          // They say less than they may, mostly.
          script: { answer: caller % 4 === 0 ? 3_000 : 150 + caller * 10, prompt: 20 },
          body: { max_tokens: 1_000, stream: caller % 3 === 0 },
        });
        await answer.text();
        if (answer.headers.has('x-tenantdesk-trimmed')) trimmed += 1;
        refused = answer.status === 200 ? 0 : refused + 1;
      }
    }),
  );
  const bill = site.provider.bill.slice(before);
  await eventually(async () => expect(await ledgerOf(site.db, tenant.id)).toHaveLength(bill.length));
  const ledger = await ledgerOf(site.db, tenant.id);
  expect(new Map(ledger.map((line) => [line.request_id, line.cost_nanousd]))).toEqual(
    new Map(bill.map((call) => [call.requestId, call.costNanoUsd])),
  );
  expect(trimmed).toBeGreaterThan(0);
  expect(sumOf(ledger) <= cap).toBe(true);
  expect(Number(sumOf(ledger)) / Number(cap)).toBeGreaterThanOrEqual(0.99);
  const { granted, charged, limit } = await capPeriodOf(site.db, tenant.id);
  expect(charged).toBe(sumOf(ledger));
  expect(granted <= limit).toBe(true);
});

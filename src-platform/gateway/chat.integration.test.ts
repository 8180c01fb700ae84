import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCap, makeKey, makeTenant } from '../testing/factories.ts';
import type { Gateway } from './create-gateway.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
let gateway: Gateway;

beforeAll(async () => {
  site = await createTestSite();
  gateway = await site.startGateway();
});
afterAll(async () => {
  await site?.close();
});

function post(key: string, body: unknown): Promise<Response> {
  return fetch(`${gateway.address}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

test('a call goes through and is charged', async () => {
  const tenant = await makeTenant(site.db);
  const { key } = await makeKey(site.db, tenant.id);
  await makeCap(site.db, tenant.id, { limitNanoUsd: 1_000_000_000n });
  const answer = await post(key, {
    model: 'gpt-4o',
    max_tokens: 100,
    messages: [{ role: 'user', content: '{"answer":50}' }],
  });
  console.log(answer.status, Object.fromEntries(answer.headers), await answer.text());
  const streamed = await post(key, {
    model: 'gpt-4o',
    max_tokens: 100,
    stream: true,
    messages: [{ role: 'user', content: '{"answer":50}' }],
  });
  console.log(streamed.status, await streamed.text());
  await new Promise((r) => setTimeout(r, 300));
  console.log(
    site.provider.bill,
    (await site.db.connect(site.db.superuserUrl).query('select * from platform.usage_records')).rows,
  );
  console.log((await site.db.connect(site.db.superuserUrl).query('select * from platform.cap_periods')).rows);
  console.log(site.log.join(''));
  expect(answer.status).toBe(200);
});

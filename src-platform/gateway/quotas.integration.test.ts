/** Quotas over real gateways and a real Redis: exact near them, told to the second, kept when Redis is away. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { makePrice, makeQuota } from '../testing/factories.ts';
import { startRedis, type RedisServer } from '../local/redis-server.ts';
import type { Gateway } from './create-gateway.ts';
import { chat, knownAt, ledgerOf, makeCappedTenant, type Chat, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

const USD = 1_000_000_000n;
/** Of a message on plan Pro. */
const PRO_TOKENS = 8_000;
let site: TestSite;
let gateways: Gateway[];

beforeAll(async () => {
  site = await createTestSite();
  gateways = await Promise.all([site.startGateway(), site.startGateway({ name: 'second' })]);
});
afterAll(() => site?.close());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly error?: Record<string, unknown>;
}

async function call(tenant: TestTenant, more: Chat = {}, at = 0): Promise<Answer> {
  const answer = await chat(gateways[at]!.address, tenant.key, { script: { answer: 10, prompt: 10 }, ...more });
  const body = (await answer.json()) as { error?: Record<string, unknown> };
  return { status: answer.status, headers: answer.headers, ...body };
}

/** A tenant at noon of its day, whose quotas all gateways know; without a cap, unless money is what is tried. */
async function made(
  quotas: Readonly<Record<string, number>>,
  { at = gateways, limitNanoUsd = null }: { at?: readonly Gateway[]; limitNanoUsd?: bigint | null } = {},
): Promise<TestTenant> {
  const ahead = 12 - new Date().getUTCHours();
  const timeZone = `Etc/GMT${ahead > 0 ? `-${ahead}` : `+${-ahead}`}`;
  const tenant = await makeCappedTenant(site.db, limitNanoUsd, { timeZone });
  for (const [quota, limit] of Object.entries(quotas)) await makeQuota(site.db, tenant.id, quota, limit);
  for (const { address } of at) {
    await knownAt(address, tenant.key, limitNanoUsd === null ? 0 : 1);
    await eventually(async () => {
      const answer = await fetch(`${address}/v1/budget`, { headers: { authorization: `Bearer ${tenant.key}` } });
      const known = (await answer.json()) as {
        quotas: { quota: string; limit: number }[];
        max_tokens_per_message: number;
      };
      const limits = Object.fromEntries(known.quotas.map(({ quota, limit }) => [quota, limit]));
      expect({ ...limits, max_tokens_per_message: known.max_tokens_per_message }).toEqual({
        max_tokens_per_message: PRO_TOKENS,
        ...quotas,
      });
    });
  }
  return tenant;
}

/** Waits for the next minute when this one is about to end. */
async function earlyInTheMinute(): Promise<void> {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 15_000) await pause(left + 100);
}

async function minuteEndsIn(): Promise<number> {
  const { rows } = await site.db.owner.query<{ left: string }>(
    `select 60 - extract(epoch from clock_timestamp())::numeric % 60 as left`,
  );
  return Number(rows[0]!.left);
}

test.each([
  ['requests_per_minute', 2, { script: { answer: 10, prompt: 10 } }],
  ['tokens_per_minute', 200, { script: { answer: 10, prompt: 10 }, body: { max_tokens: 10 } }],
] as const)('%s: refused with 429 until the minute ends, told to the second', async (quota, limit, more) => {
  const tenant = await made({ [quota]: limit });
  await earlyInTheMinute();
  let refused: Answer | undefined;
  let passed = 0;
  for (let made = 0; made < 12 && refused === undefined; made += 1) {
    const answer = await call(tenant, more);
    if (answer.status === 200) passed += 1;
    else refused = answer;
  }
  const left = await minuteEndsIn();
  expect(passed).toBeGreaterThanOrEqual(2);
  expect(refused).toMatchObject({ status: 429, error: { type: 'rate_limit_exceeded', code: quota } });
  const retryAfter = Number(refused!.headers.get('retry-after'));
  expect(retryAfter).toBeGreaterThanOrEqual(Math.floor(left));
  expect(retryAfter).toBeLessThanOrEqual(Math.ceil(left) + 1);
  expect(refused!.headers.get('x-should-retry')).toBeNull();
  const kind = quota.startsWith('tokens') ? 'tokens' : 'requests';
  expect(refused!.headers.get(`x-ratelimit-limit-${kind}`)).toBe(String(refused!.error!['quota_limit']));
  expect(refused!.headers.get(`x-ratelimit-reset-${kind}`)).toMatch(/^\d+s$/);
});

test.each([
  ['requests_per_day', 3],
  ['tokens_per_day', 3_000],
  ['tokens_per_month', 3_000],
] as const)('%s: refused until the period ends, which is no use to wait for', async (quota, limit) => {
  const tenant = await made({ [quota]: limit });
  let refused: Answer | undefined;
  for (let made = 0; made < 40 && refused === undefined; made += 1) {
    const answer = await call(tenant, { script: { answer: 300, prompt: 400 }, body: { max_tokens: 300 } });
    if (answer.status !== 200) refused = answer;
  }
  expect(refused).toMatchObject({ status: 429, error: { code: quota } });
  expect(refused!.headers.get('x-should-retry')).toBe('false');
  const { rows } = await site.db.owner.query<{ left: string }>(
    `select extract(epoch from b.period_end - clock_timestamp()) as left from platform.tenants t
     cross join lateral platform.period_bounds($2, t.time_zone, t.anchor_day, now()) b where t.id = $1`,
    [tenant.id, quota.endsWith('month') ? 'month' : 'day'],
  );
  expect(Math.abs(Number(refused!.headers.get('retry-after')) - Number(rows[0]!.left))).toBeLessThan(3);
  expect(Date.parse(String(refused!.error!['resumes_at']))).toBeGreaterThan(Date.now());
});

test('two gateways let exactly as many calls through as the quota has, however they come', async () => {
  const tenant = await made({ requests_per_day: 50 });
  const answers = await Promise.all(Array.from({ length: 120 }, (_, index) => call(tenant, {}, index % 2)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(50);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(70);
  await eventually(async () => expect(await ledgerOf(site.db, tenant.id)).toHaveLength(50));
});

test('what one gateway does not use is another one’s', async () => {
  const tenant = await made({ requests_per_day: 400 });
  // The first takes ahead.
  expect((await call(tenant, {}, 0)).status).toBe(200);
  const answers: number[] = [];
  for (let batch = 0; batch < 8; batch += 1) {
    const calls = Array.from({ length: 50 }, () => call(tenant, {}, 1));
    answers.push(...(await Promise.all(calls)).map(({ status }) => status));
  }
  expect(answers.filter((status) => status === 200)).toHaveLength(399);
});

test('a call that the budget refuses uses nothing up', async () => {
  const tenant = await made({ requests_per_day: 2 }, { limitNanoUsd: 1_000n * USD });
  await site.db.owner.query('update platform.caps set limit_nanousd = 0 where id = $1', [tenant.capId]);
  await site.db.owner.query(`select platform.announce('caps', $1)`, [tenant.id]);
  await eventually(async () => expect((await call(tenant)).status).toBe(402));
  await call(tenant);
  await call(tenant);
  await site.db.owner.query('update platform.caps set limit_nanousd = 9000000000 where id = $1', [tenant.capId]);
  await site.db.owner.query('update platform.cap_periods set limit_nanousd = 0 where cap_id = $1', [tenant.capId]);
  await site.db.owner.query(`select platform.announce('caps', $1)`, [tenant.id]);
  await eventually(async () => expect((await call(tenant)).status).toBe(200));
  expect((await call(tenant)).status).toBe(200);
  expect((await call(tenant)).status).toBe(429);
});

test('sessions at once: a further one is refused until one ends, those that are open go on', async () => {
  const tenant = await made({ concurrent_sessions: 2 });
  const say = (session: string, at = 0) => call(tenant, { headers: { 'x-tenantdesk-session': session } }, at);
  expect((await say('a', 0)).status).toBe(200);
  expect((await say('b', 1)).status).toBe(200);
  const third = await say('c', 0);
  expect(third).toMatchObject({ status: 429, error: { code: 'concurrent_sessions' } });
  const retryAfter = Number(third.headers.get('retry-after'));
  expect(retryAfter).toBeGreaterThan(290);
  expect(retryAfter).toBeLessThanOrEqual(300);
  expect(third.headers.get('x-should-retry')).toBe('false');
  expect((await say('b', 0)).status).toBe(200);
  expect((await call(tenant)).status).toBe(200);
});

test('a longer answer than a message may have is cut to that, and said so', async () => {
  const tenant = await made({ max_tokens_per_message: 50 });
  const answer = await call(tenant, { script: { answer: 500, prompt: 10 }, body: { max_tokens: 500 } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('x-tenantdesk-trimmed')).toBe('50');
  expect(site.provider.bill.at(-1)).toMatchObject({ outputTokens: 50, maxTokens: 50 });
});

test('a model that costs nothing stays usable at the cap', async () => {
  await makePrice(site.db, { model: 'free-of-charge', inputNanoUsdPerMtok: 0n, outputNanoUsdPerMtok: 0n });
  const tenant = await made({}, { limitNanoUsd: 1_000n * USD });
  await site.db.owner.query('update platform.caps set limit_nanousd = 0 where id = $1', [tenant.capId]);
  await site.db.owner.query(`select platform.announce('caps', $1)`, [tenant.id]);
  await eventually(async () => expect((await call(tenant)).status).toBe(402));
  await eventually(async () => expect((await call(tenant, { body: { model: 'free-of-charge' } })).status).toBe(200));
});

test('above a share of the cap a cheaper model answers: bounded, priced and said as it', async () => {
  await makePrice(site.db, { model: 'cheaper', inputNanoUsdPerMtok: 1_000n, outputNanoUsdPerMtok: 1_000n });
  const tenant = await made({}, { limitNanoUsd: 1_000n * USD });
  await site.db.owner.query(
    `insert into platform.model_downgrades (tenant_id, model, to_model, above_percent, updated_at)
     values ($1, 'gpt-4o', 'cheaper', 50, now())`,
    [tenant.id],
  );
  await site.db.owner.query(`select platform.announce('tenants', $1)`, [tenant.id]);
  const before = await call(tenant);
  expect(before.headers.get('x-tenantdesk-downgraded')).toBeNull();
  await eventually(async () => expect(await ledgerOf(site.db, tenant.id)).toHaveLength(1));
  const [first] = await ledgerOf(site.db, tenant.id);
  // What was spent is more than half of it now.
  const limit = (first!.cost_nanousd * 3n) / 2n;
  await site.db.owner.query('update platform.caps set limit_nanousd = $2 where id = $1', [tenant.capId, limit]);
  await site.db.owner.query('update platform.cap_periods set limit_nanousd = 0 where cap_id = $1', [tenant.capId]);
  await site.db.owner.query(`select platform.announce('caps', $1)`, [tenant.id]);
  await eventually(async () => {
    const answer = await call(tenant);
    expect(answer.headers.get('x-tenantdesk-downgraded')).toBe('gpt-4o -> cheaper');
    expect(answer.status).toBe(200);
  });
  expect(site.provider.requests.at(-1)?.body['model']).toBe('cheaper');
});

test('Redis killed: calls go on, each gateway counts alone, and together again when it is back', async () => {
  const redis: RedisServer = await startRedis(inject('testRedis'));
  const own = await site.startGateway({ name: 'third', redisUrl: redis.url });
  gateways.push(own);
  const at = gateways.indexOf(own);
  const tenant = await made({ requests_per_day: 10 }, { at: [own] });
  for (let made = 0; made < 4; made += 1) expect((await call(tenant, {}, at)).status).toBe(200);
  await redis.child.kill();
  const statuses: number[] = [];
  for (let made = 0; made < 8; made += 1) statuses.push((await call(tenant, {}, at)).status);
  expect(statuses.filter((status) => status === 200).length).toBe(6);
  expect(statuses.filter((status) => status === 429).length).toBe(2);
  // An empty one comes back: it begins with what the ledger has.
  await eventually(async () => expect(await ledgerOf(site.db, tenant.id)).toHaveLength(10));
  const again = await startRedis({ ...inject('testRedis'), port: redis.port });
  try {
    await pause(1_000);
    expect((await call(tenant, {}, at)).status).toBe(429);
  } finally {
    await own.close();
    await again.child.stop();
  }
});

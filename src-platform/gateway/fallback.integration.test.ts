import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import type { Gateway } from './create-gateway.ts';
import { addPretendProvider, pretendPrice, type PretendProvider } from './testing/pretend-provider.ts';
import { knownAt, ledgerOf, makeCappedTenant, type LedgerLine, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, seal, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
let gateway: Gateway;
const providers: PretendProvider[] = [];

/** Sold by all three: the second asks twice what the first does. */
const MODEL = 'shared-model';
const CLAUDE_ONLY = 'claude-only';

beforeAll(async () => {
  site = await createTestSite();
  const cheap = pretendPrice(MODEL);
  const dear = pretendPrice(MODEL, { input: 6_000_000_000n, output: 30_000_000_000n, reasoning: 30_000_000_000n });
  providers.push(
    await addPretendProvider(site, { id: 'a-second', rank: 2, models: [dear], path: '/v1' }),
    await addPretendProvider(site, { id: 'b-first', rank: 1, models: [cheap], path: '/v1' }),
    await addPretendProvider(site, {
      id: 'claude',
      rank: 0,
      speaks: ['anthropic'],
      models: [pretendPrice(CLAUDE_ONLY)],
    }),
  );
  gateway = await site.startGateway();
});
afterAll(async () => {
  await site?.close();
  await Promise.all(providers.map((provider) => provider.close()));
});

async function tenantWith(limitNanoUsd: bigint): Promise<TestTenant> {
  const tenant = await makeCappedTenant(site.db, limitNanoUsd, { trimsLastCall: false });
  await knownAt(gateway.address, tenant.key);
  return tenant;
}

function ask(tenant: TestTenant, text: string, more: object = {}): Promise<Response> {
  return fetch(`${gateway.address}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tenant.key}` },
    body: JSON.stringify({ model: MODEL, max_tokens: 100, messages: [{ role: 'user', content: text }], ...more }),
  });
}

interface Attempt extends LedgerLine {
  readonly attempt: number;
  readonly provider: string;
}

async function attemptsOf(tenant: TestTenant, count: number): Promise<Attempt[]> {
  return eventually(async () => {
    const lines = (await ledgerOf(site.db, tenant.id)) as Attempt[];
    expect(lines).toHaveLength(count);
    return lines.toSorted((one, other) => one.attempt - other.attempt);
  });
}

/** The first provider's credential is another for a while. */
async function withBrokenCredential(work: () => Promise<void>): Promise<void> {
  const { rows } = await site.db.owner.query<{ credential_ciphertext: Buffer }>(
    `select credential_ciphertext from platform.providers where id = 'b-first'`,
  );
  const set = async (sealed: Buffer): Promise<void> => {
    await site.db.owner.query(`update platform.providers set credential_ciphertext = $1 where id = 'b-first'`, [
      sealed,
    ]);
    await site.db.owner.query(`select platform.announce('providers', null)`);
  };
  await set(seal(site.credentialKey, 'sk-wrong'));
  try {
    await work();
  } finally {
    await set(rows[0]!.credential_ciphertext);
  }
}

test('the provider with the lowest rank is asked first', async () => {
  const tenant = await tenantWith(5_000_000_000n);
  expect((await ask(tenant, '[answer 20 tokens] [answer fast]')).status).toBe(200);
  expect(await attemptsOf(tenant, 1)).toMatchObject([{ attempt: 1, provider: 'b-first', outcome: 'ok' }]);
});

test('another is asked when the first does not take the call: an attempt of its own, at its own price', async () => {
  const tenant = await tenantWith(5_000_000_000n);
  await withBrokenCredential(async () => {
    await eventually(async () => {
      const answer = await ask(tenant, '[answer 20 tokens] [answer fast]');
      expect(answer.status).toBe(200);
      const id = answer.headers.get('x-tenantdesk-request-id');
      const billed = providers[0]!.bill.find(({ requestId }) => requestId === id);
      expect(billed).toBeDefined();
    });
  });
  const [line, first] = await eventually(async () => {
    const lines = (await ledgerOf(site.db, tenant.id)) as Attempt[];
    const second = lines.find(({ attempt }) => attempt === 2);
    expect(second).toBeDefined();
    return [second, lines.find(({ request_id, attempt }) => request_id === second!.request_id && attempt === 1)];
  });
  expect(first).toMatchObject({ provider: 'b-first', outcome: 'provider_error', cost_nanousd: 0n });
  const billed = providers[0]!.bill.find(({ requestId }) => requestId === line!.request_id);
  expect(line).toMatchObject({ provider: 'a-second', outcome: 'ok', cost_nanousd: BigInt(billed!.costNanoUsd) });
});

test('when all fail, the tenant hears it from the last; streams too', async () => {
  const tenant = await tenantWith(5_000_000_000n);
  for (const stream of [false, true]) {
    const answer = await ask(tenant, '[fail 503]', { stream });
    expect(answer.status).toBe(503);
  }
  const lines = await attemptsOf(tenant, 4);
  expect(lines.map(({ provider }) => provider)).toEqual(['b-first', 'b-first', 'a-second', 'a-second']);
  expect(lines.every(({ cost_nanousd: cost }) => cost === 0n)).toBe(true);
});

test('what is wrong with the call itself, or may have been billed, is not tried elsewhere', async () => {
  const tenant = await tenantWith(5_000_000_000n);
  expect((await ask(tenant, '[fail 400]')).status).toBe(400);
  expect((await ask(tenant, '[break] [answer fast]')).status).toBe(502);
  const lines = await attemptsOf(tenant, 2);
  expect(lines.map(({ provider }) => provider)).toEqual(['b-first', 'b-first']);
});

test('a fallback that does not fit under the cap is not asked', async () => {
  // The bound is mostly its output: 100 tokens at 15 and at 30 USD a million.
  const tenant = await tenantWith(2_200_000n);
  const before = providers[0]!.bill.length;
  const answer = await ask(tenant, '[fail 503]');
  expect(answer.status).toBe(503);
  expect(await attemptsOf(tenant, 1)).toMatchObject([{ provider: 'b-first', cost_nanousd: 0n }]);
  expect(providers[0]!.bill).toHaveLength(before);
  expect((await ask(tenant, '[answer 20 tokens] [answer fast]')).status).toBe(200);
});

test('a model is refused in a format that none of its providers speaks', async () => {
  const tenant = await tenantWith(5_000_000_000n);
  const answer = await ask(tenant, 'x', { model: CLAUDE_ONLY });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: { code: 'unsupported_format', param: 'model' } });
});

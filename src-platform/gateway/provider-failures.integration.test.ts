/** Providers that fail in ways of their own: what the caller hears of it, who is asked next, what is in the ledger. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { makePrice } from '../testing/factories.ts';
import type { Gateway } from './create-gateway.ts';
import {
  chatAgain,
  knownAt,
  ledgerOf,
  makeCappedTenant,
  type LedgerLine,
  type TestTenant,
} from './testing/tenant-calls.ts';
import { createTestSite, seal, type TestSite } from './testing/test-gateway.ts';

/** Sold by the first alone; by both at one price; by the second a thousand times dearer. */
const [ALONE, SHARED, DEAR_NEXT] = ['sold-by-one', 'sold-by-two', 'dear-next'];
const CREDENTIAL = 'sk-first-2f9b';
const OUTPUT_PRICE = 10_000_000_000n;

interface Failing {
  readonly server: Server;
  readonly url: string;
  /** What it does with the next requests. */
  answer: RequestListener;
  asked: number;
}

let site: TestSite;
let gateway: Gateway;
let first: Failing;
let second: Failing;
let elsewhere: Failing;

const OK: RequestListener = (_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ choices: [], usage: { prompt_tokens: 0, completion_tokens: 7, total_tokens: 7 } }));
};

async function startFailing(): Promise<Failing> {
  const server = createServer((request, response) => {
    failing.asked += 1;
    request.resume().once('end', () => failing.answer(request, response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const failing: Failing = { server, url, answer: OK, asked: 0 };
  return failing;
}

beforeAll(async () => {
  site = await createTestSite();
  [first, second, elsewhere] = [await startFailing(), await startFailing(), await startFailing()];
  for (const [rank, { url }] of [first, second].entries()) {
    const id = `provider-${rank}`;
    await site.db.owner.query(
      'insert into platform.providers (id, base_url, credential_ciphertext, rank) values ($1, $2, $3, $4)',
      [id, url, seal(site.credentialKey, rank === 0 ? CREDENTIAL : 'sk-second'), rank],
    );
    await makePrice(site.db, { provider: id, model: SHARED, outputNanoUsdPerMtok: OUTPUT_PRICE });
    const dearer = rank === 0 ? OUTPUT_PRICE : OUTPUT_PRICE * 1_000n;
    await makePrice(site.db, { provider: id, model: DEAR_NEXT, outputNanoUsdPerMtok: dearer });
  }
  await makePrice(site.db, { provider: 'provider-0', model: ALONE, outputNanoUsdPerMtok: OUTPUT_PRICE });
  gateway = await site.startGateway();
});
afterAll(async () => {
  await site?.close();
  for (const failing of [first, second, elsewhere]) failing?.server.closeAllConnections();
  for (const failing of [first, second, elsewhere]) failing?.server.close();
});
beforeEach(() => {
  for (const failing of [first, second, elsewhere]) Object.assign(failing, { answer: OK, asked: 0 });
});

async function tenantWith(limitNanoUsd: bigint): Promise<TestTenant> {
  const tenant = await makeCappedTenant(site.db, limitNanoUsd, { trimsLastCall: false });
  await knownAt(gateway.address, tenant.key);
  return tenant;
}

const ledgerWith = (tenant: TestTenant, count: number): Promise<(LedgerLine & { attempt: number })[]> =>
  eventually(async () => {
    const lines = (await ledgerOf(site.db, tenant.id)) as (LedgerLine & { attempt: number })[];
    expect(lines).toHaveLength(count);
    return lines.toSorted((one, other) => one.attempt - other.attempt);
  });

const usd = (nanoUsd: bigint): number => Number(nanoUsd) / 1e9;

test.each([401, 403, 301, 302, 303, 307, 308])(
  '%i: 502 in our words; its text, which may hold the credential, is not shown, and where it points nobody goes',
  async (status) => {
    first.answer = (request, response) => {
      response.writeHead(status, { 'content-type': 'application/json', location: elsewhere.url });
      response.end(JSON.stringify({ error: { message: `Incorrect API key ${request.headers.authorization}` } }));
    };
    const tenant = await tenantWith(1_000_000_000n);
    const answer = await chatAgain(gateway.address, tenant.key, { body: { model: ALONE } });
    const text = await answer.text();
    expect(answer.status).toBe(502);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'provider_rejected' } });
    expect(text + JSON.stringify([...answer.headers])).not.toContain(CREDENTIAL);
    expect(answer.headers.get('location')).toBeNull();
    expect(elsewhere.asked).toBe(0);
    expect(await ledgerWith(tenant, 1)).toMatchObject([{ outcome: 'provider_error', cost_nanousd: 0n }]);
  },
);

test('what a failed attempt was billed is charged, and told with what the next one cost', async () => {
  first.answer = (_request, response) => {
    response.writeHead(500, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ error: { message: 'x' }, usage: { prompt_tokens: 0, completion_tokens: 5, total_tokens: 5 } }),
    );
  };
  const tenant = await tenantWith(1_000_000_000n);
  const answer = await chatAgain(gateway.address, tenant.key, { body: { model: SHARED } });
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
  const lines = await ledgerWith(tenant, 2);
  const perToken = OUTPUT_PRICE / 1_000_000n;
  expect(lines).toMatchObject([
    { attempt: 1, outcome: 'provider_error', cost_nanousd: 5n * perToken },
    { attempt: 2, outcome: 'ok', cost_nanousd: 7n * perToken },
  ]);
  expect(Number(answer.headers.get('x-tenantdesk-cost-usd'))).toBeCloseTo(usd(12n * perToken), 9);
});

test('for a client that left nobody else is asked', async () => {
  const leave = new AbortController();
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  first.answer = (_request, response) => {
    resolve();
    // Once the gateway has noticed.
    setTimeout(() => response.writeHead(503).end(), 300);
  };
  const tenant = await tenantWith(1_000_000_000n);
  const call = chatAgain(gateway.address, tenant.key, { body: { model: SHARED }, signal: leave.signal });
  await arrived;
  leave.abort();
  await expect(call).rejects.toThrow();
  expect(await ledgerWith(tenant, 1)).toMatchObject([{ attempt: 1, cost_nanousd: 0n }]);
  expect([first.asked, second.asked]).toEqual([1, 0]);
});

test('a second provider that the cap has no room for is not asked, and the operator finds why', async () => {
  first.answer = (_request, response) => response.writeHead(503).end();
  const tenant = await tenantWith(5_000_000n);
  const answer = await chatAgain(gateway.address, tenant.key, { body: { model: DEAR_NEXT } });
  expect(answer.status).toBe(503);
  expect([first.asked, second.asked]).toEqual([1, 0]);
  await eventually(async () => {
    const { rows } = await site.db.owner.query('select code, http_status from platform.refusals where tenant_id = $1', [
      tenant.id,
    ]);
    expect(rows[0]).toEqual({ code: 'tenant_month_cap', http_status: 402 });
  });
});

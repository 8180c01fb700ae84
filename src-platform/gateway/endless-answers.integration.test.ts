/** Providers whose answer never ends: no more of it is kept than the setting says, what is booked is the bound, and calls go on. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { makePrice } from '../testing/factories.ts';
import type { Gateway } from './create-gateway.ts';
import { chatAgain, knownAt, ledgerOf, makeCappedTenant, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, seal, type TestSite } from './testing/test-gateway.ts';

const MEGABYTE = 1024 * 1024;
const MODEL = 'endless';
const OUTPUT_PRICE = 10_000_000_000n;
const PER_TOKEN = OUTPUT_PRICE / 1_000_000n;
const MAX_TOKENS = 100;
/** What is kept on the way, in systems' own buffers, is some megabytes of it. */
const MOST_SENT = 24 * MEGABYTE;

let site: TestSite;
let gateway: Gateway;
let tenant: TestTenant;
let provider: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
/** Bytes that the provider could get rid of, on the connections of the test. */
const sockets: Socket[] = [];
const sentBytes = (): number => sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);

/** Writes as long as somebody reads. */
function pour(response: ServerResponse, piece: string): void {
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', more);
  more();
}

beforeAll(async () => {
  provider = createServer((request, response) => {
    request.resume().once('end', () => answer(request, response));
  });
  provider.on('connection', (socket) => {
    socket.on('error', () => undefined);
    sockets.push(socket);
  });
  provider.listen(0, '127.0.0.1');
  await once(provider, 'listening');
  site = await createTestSite();
  const url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`;
  await site.db.owner.query(
    'insert into platform.providers (id, base_url, credential_ciphertext) values ($1, $2, $3)',
    ['endless', url, seal(site.credentialKey, 'sk-endless')],
  );
  await makePrice(site.db, { provider: 'endless', model: MODEL, outputNanoUsdPerMtok: OUTPUT_PRICE });
  gateway = await site.startGateway({ largestAnswerBytes: MEGABYTE });
});
afterAll(async () => {
  await site?.close();
  provider?.closeAllConnections();
  provider?.close();
});
beforeEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  tenant = await makeCappedTenant(site.db, 1_000_000_000n);
  await knownAt(gateway.address, tenant.key);
});

const call = (body: object = {}): Promise<Response> =>
  chatAgain(gateway.address, tenant.key, { body: { model: MODEL, max_tokens: MAX_TOKENS, ...body } });

async function expectBooked(kind: 'charge' | 'estimate', cost?: bigint): Promise<void> {
  await eventually(async () => expect(await ledgerOf(site.db, tenant.id)).toHaveLength(1));
  const [line] = await ledgerOf(site.db, tenant.id);
  expect(line).toMatchObject({ kind, outcome: 'interrupted', ...(cost === undefined ? {} : { cost_nanousd: cost }) });
  if (kind === 'estimate') expect(line?.cost_nanousd).toBeGreaterThanOrEqual(PER_TOKEN * BigInt(MAX_TOKENS));
}

const USAGE = { prompt_tokens: 0, completion_tokens: 7, total_tokens: 7 };
const whole = (bytes: number): string => JSON.stringify({ choices: ['x'.repeat(bytes)], usage: USAGE });

test.each([
  ['in chunks', {}],
  ['of a length that it says', { 'content-length': String(900 * MEGABYTE) }],
  ['until the connection ends', { connection: 'close' }],
])('a whole answer %s: 502 that no SDK tries again, the bound is charged', async (_how, headers) => {
  answer = (_request, response) => {
    response.useChunkedEncodingByDefault = !('connection' in headers);
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    pour(response, 'x'.repeat(64 * 1024));
  };
  const refused = await call();
  expect([refused.status, refused.headers.get('x-should-retry')]).toEqual([502, 'false']);
  expect(await refused.json()).toMatchObject({
    error: { code: 'answer_too_large', message: expect.stringContaining('larger than 1 MB') as string },
  });
  await expectBooked('estimate');
  await eventually(() => expect(sockets.every(({ destroyed }) => destroyed)).toBe(true));
  expect(sentBytes()).toBeGreaterThan(MEGABYTE);
  expect(sentBytes()).toBeLessThan(MOST_SENT);
});

test('an answer just below the size passes, one just above does not', async () => {
  answer = (_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(whole(0.9 * MEGABYTE));
  };
  const passed = await call();
  expect(passed.status).toBe(200);
  expect((await passed.text()).length).toBeGreaterThan(0.9 * MEGABYTE);
  answer = (_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(whole(MEGABYTE));
  };
  expect((await call()).status).toBe(502);
});

test('a stream passes, however long it is in all', async () => {
  const event = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'x'.repeat(100_000) } }] })}\n\n`;
  answer = (_request, response) => {
    response.setHeader('content-type', 'text/event-stream');
    for (let sent = 0; sent < 40; sent += 1) response.write(event);
    response.end(`data: ${JSON.stringify({ choices: [], usage: USAGE })}\n\ndata: [DONE]\n\n`);
  };
  const streamed = await call({ stream: true });
  expect((await streamed.text()).length).toBeGreaterThan(3.8 * MEGABYTE);
  await eventually(async () => {
    expect(await ledgerOf(site.db, tenant.id)).toMatchObject([{ outcome: 'ok', cost_nanousd: 7n * PER_TOKEN }]);
  });
});

test.each([
  ['an event of a stream that has no end', '', 'x', 'estimate'],
  ['lines of a stream without a blank one between', '', 'data: x\n', 'estimate'],
  [
    'events after the one that says that all was said',
    `data: ${JSON.stringify({ choices: [], usage: USAGE })}\n\ndata: [DONE]\n\n`,
    'data: x\n\n',
    'charge',
  ],
] as const)(
  '%s: the stream breaks off, charged is what is known, else the bound',
  async (_what, start, piece, kind) => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (start !== '') response.write(start);
      pour(response, piece.repeat(64 * 1024).slice(0, 64 * 1024));
    };
    // It may break off before its head is sent.
    await expect(call({ stream: true }).then((streamed) => streamed.text())).rejects.toThrow();
    await expectBooked(kind, kind === 'charge' ? 7n * PER_TOKEN : undefined);
    await eventually(() => expect(sockets.every(({ destroyed }) => destroyed)).toBe(true));
    expect(sentBytes()).toBeLessThan(MOST_SENT);
  },
);

/** Where a request ends is beyond doubt, or the connection ends: what hides behind a request never runs, and a body that is too large is never read. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import type { Gateway } from './create-gateway.ts';
import { misframedRequests, requestText } from './testing/misframed-requests.ts';
import { openRawClient, type RawClient } from './testing/raw-client.ts';
import { chat, knownAt, ledgerOf, makeCappedTenant, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

const LIMIT = 4 * 1024 * 1024;
const CALLS = '/v1/chat/completions';
const body = JSON.stringify({ model: 'gpt-4o', max_tokens: 9, messages: [{ role: 'user', content: '{"answer":1}' }] });

let site: TestSite;
let gateway: Gateway;
let tenant: TestTenant;
let other: TestTenant;

beforeAll(async () => {
  site = await createTestSite();
  gateway = await site.startGateway();
  [tenant, other] = [await makeCappedTenant(site.db, 1_000_000_000n), await makeCappedTenant(site.db, 1_000_000_000n)];
  for (const { key } of [tenant, other]) await knownAt(gateway.address, key);
});
afterAll(async () => {
  await site?.close();
});

const post = (headers: readonly string[], content: string, path = CALLS): string =>
  requestText(tenant.key, headers, content, `POST ${path} HTTP/1.1`);
const good = (): string => post([`content-length: ${body.length}`], body);

async function say(text: string | Buffer): Promise<RawClient> {
  const client = await openRawClient(gateway.address);
  client.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
  return client;
}

/** How many calls ran: one of another client, after all that was said before, has gone through as well. */
async function callsThatRan(): Promise<number> {
  const answer = await chat(gateway.address, other.key);
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
  const keys = (): number => site.provider.requests.length;
  await eventually(() => expect(site.provider.bill.length).toBe(keys()));
  return keys();
}

test('after a request that could be read in two ways the connection is closed, and what stands behind it does not run', async () => {
  const before = await callsThatRan();
  const hostile = misframedRequests(tenant.key, body);
  expect(hostile.length).toBeGreaterThan(150);
  const odd: string[] = [];
  await Promise.all(
    hostile.map(async ({ name, bytes }) => {
      const client = await say(Buffer.concat([bytes, Buffer.from(good(), 'latin1')]));
      await client.closed;
      if (client.statuses.some((status) => status !== 400 && status !== 431)) {
        odd.push(`${name}: ${client.statuses.join()}`);
      }
    }),
  );
  expect(odd).toEqual([]);
  expect(await callsThatRan()).toBe(before + 1);
  expect(await ledgerOf(site.db, tenant.id)).toEqual([]);
});

test.each([CALLS, '/v1/messages/count_tokens', '/v1/budget/requests', '/v1/nothing-here'])(
  'on every path: %s',
  async (path) => {
    const before = await callsThatRan();
    const chunks = `1\r\n{\r\n0\r\n\r\n`;
    for (const doubtful of [
      post(['transfer-encoding: gzip, chunked'], chunks, path),
      post(['transfer-encoding: ,chunked'], chunks, path),
      post(['content-length: 1'], '{', path).replace('host: gateway\r\n', ''),
    ]) {
      const client = await say(doubtful + good());
      await client.closed;
      expect(client.statuses).toEqual([400]);
    }
    expect(await callsThatRan()).toBe(before + 1);
  },
);

test('calls before it are answered, calls behind it are not', async () => {
  const before = await callsThatRan();
  const doubtful = post(['transfer-encoding: gzip, chunked'], `1\r\n{\r\n0\r\n\r\n`);
  const client = await say(good() + good() + doubtful + good() + good());
  await client.closed;
  expect(client.statuses).toEqual([200, 200, 400]);
  expect(await callsThatRan()).toBe(before + 3);
});

test.each([CALLS, '/v1/messages', '/v1/messages/count_tokens', '/v1/budget/requests'])(
  'a body that is announced as too large is refused before any of it is read: %s',
  async (path) => {
    for (const more of [[], ['expect: 100-continue']]) {
      const client = await say(post([`content-length: ${LIMIT + 1}`, ...more], '', path));
      await client.closed;
      expect(client.statuses).toEqual([413]);
      expect(client.text).toContain('request_too_large');
    }
    const largest = await say(post([`content-length: ${LIMIT}`, 'expect: 100-continue'], '', path));
    await eventually(() => expect(largest.statuses).toEqual([100]));
    largest.socket.destroy();
  },
);

test('a body that has more than was announced: the connection ends with it, and a call that was not sent yet is not sent', async () => {
  const before = await callsThatRan();
  const rests = ['x', body, '\0'.repeat(100_000)];
  for (const rest of rests) {
    const client = await say(good() + rest);
    await client.closed;
    expect(client.statuses).toEqual([400]);
  }
  expect(await callsThatRan()).toBe(before + 1);
  for (const rest of rests) {
    const client = await say(good());
    await eventually(() => expect(client.statuses).toEqual([200]));
    client.socket.write(rest);
    await client.closed;
    expect(client.statuses).toEqual([200, 400]);
  }
  expect(await callsThatRan()).toBe(before + 1 + rests.length + 1);
});

test('a body that has less than was announced never runs, and keeps no room', async () => {
  const before = await callsThatRan();
  const announced = (length: number, content: string): string => post([`content-length: ${length}`], content);
  for (const [length, content] of [
    [body.length + 1, body],
    [body.length, ''],
    [LIMIT, body],
  ] as const) {
    const client = await say(announced(length, content));
    client.socket.end();
    await client.closed;
    expect(client.statuses.filter((status) => status !== 400)).toEqual([]);
  }
  // More than one client may have under way at once.
  for (let sent = 0; sent < 40; sent += 1) {
    const client = await say(announced(LIMIT, ' '.repeat(LIMIT - 1)));
    await new Promise((resolve) => client.socket.write('', resolve));
    client.socket.end();
    await client.closed;
    expect(client.text).not.toContain('overloaded');
  }
  expect(await callsThatRan()).toBe(before + 1);
  expect((await chat(gateway.address, tenant.key)).status).toBe(200);
});

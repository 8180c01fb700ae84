/** What comes from sockets that mean no good: none of it reaches the provider, none of it ends the gateway, memory stays bounded. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import type { Gateway } from './create-gateway.ts';
import { startGatewayChild } from './testing/gateway-child.ts';
import { hostileRequests } from './testing/hostile-requests.ts';
import { chat, knownAt, makeCappedTenant, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
let gateway: Gateway;
let tenant: TestTenant;
const body = JSON.stringify({ model: 'gpt-4o', max_tokens: 9, messages: [{ role: 'user', content: '{"answer":1}' }] });

beforeAll(async () => {
  site = await createTestSite();
  gateway = await site.startGateway();
  tenant = await makeCappedTenant(site.db, 1_000_000_000n);
  await knownAt(gateway.address, tenant.key);
});
afterAll(async () => {
  await site?.close();
});

function open(address = gateway.address): Socket {
  const socket = connect(Number(new URL(address).port), '127.0.0.1');
  socket.on('error', () => undefined);
  return socket;
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });

/** After so long it is clear that the gateway waits for more of a request: then it hears that there is none. */
const WAITS_FOR_MORE_MS = 400;

/** Sends it, reads so many answers, ends; answers all that came back once the connection is over. */
async function exchange(bytes: Buffer, answers = 1): Promise<string> {
  const socket = open();
  let text = '';
  const end = (): void => {
    socket.end();
  };
  const timer = setTimeout(end, answers === 1 ? WAITS_FOR_MORE_MS : 20_000);
  socket.on('data', (part: Buffer) => {
    text += part.toString('latin1');
    if (statusesOf(text).length >= answers) end();
  });
  socket.write(bytes);
  await closed(socket);
  clearTimeout(timer);
  return text;
}

const statusesOf = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

async function expectHealthy(): Promise<void> {
  const answer = await chat(gateway.address, tenant.key);
  expect(answer.status).toBe(200);
  await answer.text();
}

test('three hundred malformed and smuggling requests: none passes, all are refused in words, the next call does', async () => {
  const hostile = hostileRequests(tenant.key, body);
  expect(hostile.length).toBeGreaterThanOrEqual(300);
  expect(new Set(hostile.map(({ bytes }) => bytes.toString('latin1'))).size).toBeGreaterThanOrEqual(300);
  const arrived = site.provider.requests.length;
  const passed: string[] = [];
  const odd: string[] = [];
  for (let start = 0; start < hostile.length; start += 25) {
    await Promise.all(
      hostile.slice(start, start + 25).map(async ({ name, bytes }) => {
        const text = await exchange(bytes);
        const statuses = statusesOf(text);
        if (statuses.includes(200) || text.includes('chat.completion')) passed.push(`${name}: ${text.slice(0, 200)}`);
        // A request that is never whole may be left without an answer.
        if (statuses.some((status) => status < 400 || status === 500 || status > 505)) {
          odd.push(`${name}: ${statuses.join()}`);
        }
      }),
    );
  }
  expect(passed).toEqual([]);
  expect(odd).toEqual([]);
  expect(site.provider.requests.length).toBe(arrived);
  await expectHealthy();
  expect(site.log.filter((line) => line.includes('request failed'))).toEqual([]);
});

test('calls one behind the other on one connection are answered in their order', async () => {
  const request = (content: string): string =>
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tenant.key}\r\ncontent-length: ${content.length}\r\n\r\n${content}`;
  const text = await exchange(Buffer.from(request(body) + request('{') + request(body)), 3);
  expect(statusesOf(text)).toEqual([200, 400, 200]);
});

/** Writes the same bytes over and over until the other side ends it; answers how many it took. */
async function flood(head: string, more: Buffer): Promise<number> {
  const socket = open();
  socket.resume();
  await once(socket, 'connect');
  socket.write(head);
  const over = closed(socket);
  const pour = (): void => {
    while (socket.writable && socket.write(more));
  };
  socket.on('drain', pour);
  pour();
  await over;
  return socket.bytesWritten;
}

test('floods of headers and of body are cut off, and calls go on meanwhile', async () => {
  const start = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tenant.key}\r\n`;
  const filler = Buffer.alloc(64 * 1024, 'x-filler: aaaaaaaaaaaaaaaaaaaaaa\r\n');
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, 'x'), Buffer.from('\r\n')]);
  const arrived = site.provider.requests.length;
  const floods = Array.from({ length: 30 }, (_, index) => {
    if (index % 3 === 0) return flood(start, filler);
    if (index % 3 === 1) return flood(`${start}transfer-encoding: chunked\r\n\r\n`, chunk);
    return flood(`${start}content-length: 900000000\r\n\r\n`, chunk);
  });
  await expectHealthy();
  const taken = await Promise.all(floods);
  // The limit of a body is 4 MB; the rest is what systems keep on the way.
  expect(Math.max(...taken)).toBeLessThan(32 * 1024 * 1024);
  expect(site.provider.requests.length).toBe(arrived + 1);
});

/** The most memory that a process ever had, in megabytes (Linux tells). */
function peakMegabytes(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** A call of so many megabytes that never ends: all but the last bytes are sent. */
async function unfinished(address: string, key: string, megabytes: number): Promise<{ socket: Socket; text: string }> {
  const length = megabytes * 1024 * 1024;
  const socket = open(address);
  const sender = { socket, text: '' };
  socket.on('data', (part: Buffer) => {
    sender.text += part.toString('latin1');
  });
  await once(socket, 'connect');
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-length: ${length}\r\n\r\n`,
  );
  socket.write(Buffer.alloc(length - 1, ' '));
  return sender;
}

test.runIf(process.platform === 'linux')(
  'large bodies that never end: memory stays bounded, other clients are served, and room comes back',
  async () => {
    const { child, address } = await startGatewayChild(site);
    const [hostile, other] = [await makeCappedTenant(site.db, null), await makeCappedTenant(site.db, null)];
    for (const { key } of [hostile, other]) await knownAt(address, key, 0);
    const large = (key: string): Promise<Response> =>
      chat(address, key, { body: { messages: [{ role: 'user', content: '{"answer":1}' + ' '.repeat(2_000_000) }] } });
    const statusOf = async (key: string): Promise<number> => {
      const answer = await large(key);
      await answer.arrayBuffer();
      return answer.status;
    };
    expect(await statusOf(other.key)).toBe(200);
    const before = peakMegabytes(child.pid);
    const senders = await Promise.all(Array.from({ length: 150 }, () => unfinished(address, hostile.key, 4)));
    // Some hear why, some are reset in the middle of what they say.
    await eventually(() => expect(senders.filter(({ socket }) => socket.closed).length).toBeGreaterThan(110));
    expect(senders.some(({ text }) => text.includes('overloaded'))).toBe(true);
    expect(senders.every(({ text }) => text === '' || text.startsWith('HTTP/1.1 503 '))).toBe(true);
    expect(await statusOf(other.key)).toBe(200);
    // Some 600 MB were sent.
    expect(peakMegabytes(child.pid) - before).toBeLessThan(400);
    for (const { socket } of senders) socket.destroy();
    await eventually(async () => expect(await statusOf(hostile.key)).toBe(200));
    // Calls that are over leave no bytes behind: these are more than one client may have at once.
    const blank = ' '.repeat(4_000_000);
    for (let calls = 0; calls < 40; calls += 1) {
      const headers = { authorization: `Bearer ${other.key}` };
      const answer = await fetch(`${address}/v1/chat/completions`, { method: 'POST', headers, body: blank });
      expect(answer.status).toBe(400);
      await answer.arrayBuffer();
    }
    await child.stop();
  },
  120_000,
);

test('slow senders hold up nobody', async () => {
  const start = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tenant.key}\r\ncontent-length: 500\r\n\r\n{"model":`;
  const slow = Array.from({ length: 300 }, (_, index) => {
    const socket = open();
    // Some in the middle of the head, some in the middle of the body.
    socket.write(index < 150 ? start.slice(0, 20 + index) : start);
    return socket;
  });
  await Promise.all(slow.map((socket) => once(socket, 'connect')));
  await expectHealthy();
  for (const socket of slow) socket.destroy();
});

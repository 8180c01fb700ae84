import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writePageList } from '../app/page-list.ts';
import { createFakeConsole } from '../testing/fake-console.ts';
import { startBrowserServer, type BrowserServer } from './browser-server.ts';

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

const SECRET_TEXT = 'outside-of-the-page';
const fakeConsole = createFakeConsole({ frameMs: 0 });
let folder: string;
let server: BrowserServer;
let port: number;
let opened = 0;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-server-'));
  const page = path.join(folder, 'page');
  mkdirSync(path.join(page, 'assets'), { recursive: true });
  writeFileSync(path.join(folder, 'outside.html'), SECRET_TEXT);
  writeFileSync(
    path.join(page, 'index.html'),
    '<style nonce="__CSP_NONCE__"></style><p nonce="__CSP_NONCE__">page</p>',
  );
  writeFileSync(path.join(page, 'assets', 'main-AbCd1234.js'), 'export {};');
  writeFileSync(path.join(page, 'assets', 'main-AbCd1234.js.map'), SECRET_TEXT);
  writeFileSync(path.join(page, '.env'), SECRET_TEXT);
  symlinkSync(path.join(folder, 'outside.html'), path.join(page, 'link.html'));
  writePageList(page, ['index.html', 'assets/main-AbCd1234.js', 'assets/main-AbCd1234.js.map']);
  server = await startBrowserServer({
    router: fakeConsole.router,
    pageFolder: page,
    random: randomBytes,
    nowMs: () => 0,
    onOpened: () => (opened += 1),
  });
  port = Number(new URL(server.origin).port);
});

afterAll(async () => {
  await server.close();
  fakeConsole.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The path goes out as it is: no client in between that would tidy it. */
function ask(rawPath: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const answer = Promise.withResolvers<Answer>();
  const request = http.request({ host: '127.0.0.1', port, path: rawPath, method, headers }, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (data: string) => (body += data));
    response.on('end', () => answer.resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
  });
  request.on('error', answer.reject).end();
  return answer.promise;
}

async function signIn(): Promise<string> {
  return (await openWindow()).cookie;
}

/** What a window that came by a one-time address has. */
async function openWindow() {
  const { headers } = await ask(new URL(server.newAddress()).pathname);
  const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const key = headers.location?.split('=')[1] ?? '';
  return { cookie, origin: server.origin, 'sec-websocket-protocol': `tenantdesk.${key}` };
}

/** The sub-protocol is named to the client, which checks that it is chosen. */
function openSocket({ 'sec-websocket-protocol': protocol, ...headers }: Record<string, string>, rawPath = '/rpc') {
  return new WebSocket(`ws://127.0.0.1:${port}${rawPath}`, protocol === undefined ? [] : [protocol], { headers });
}

/** The status an upgrade is refused with, or 101. */
function dial(headers: Record<string, string>, rawPath = '/rpc'): Promise<number> {
  const status = Promise.withResolvers<number>();
  const socket = openSocket(headers, rawPath);
  socket.on('unexpected-response', (_request, response) => status.resolve(response.statusCode ?? 0));
  socket.on('error', () => undefined);
  socket.on('open', () => {
    status.resolve(101);
    socket.terminate();
  });
  return status.promise;
}

describe('signing in', () => {
  it('gives a cookie that scripts and other sites cannot use, once', async () => {
    const address = new URL(server.newAddress()).pathname;
    const before = opened;
    const first = await ask(address);
    expect([first.status, first.headers.location]).toEqual([303, expect.stringMatching(/^\/#window=[\w-]{43}$/)]);
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(new RegExp(`^tenantdesk-${port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`)),
    ]);
    expect(opened).toBe(before + 1);
    const second = await ask(address);
    expect([second.status, second.headers['set-cookie'], opened]).toEqual([401, undefined, before + 1]);
  });

  it('is not used up by looking at the headers of the address', async () => {
    const address = new URL(server.newAddress()).pathname;
    expect((await ask(address, {}, 'HEAD')).status).toBe(401);
    expect((await ask(address)).status).toBe(303);
  });

  it('comes before everything else', async () => {
    for (const place of ['/', '/index.html', '/assets/main-AbCd1234.js', '/nothing', '/open/', '/open/x']) {
      const { status, body } = await ask(place);
      expect([place, status]).toEqual([place, 401]);
      expect(body).not.toContain('page</p>');
    }
    expect((await ask('/', { cookie: `tenantdesk-${port}=x` })).status).toBe(401);
    expect((await ask('/', { cookie: (await signIn()).replace(String(port), '1') })).status).toBe(401);
  });
});

describe('the page', () => {
  it('comes with the policy and a nonce of its own each time', async () => {
    const cookie = await signIn();
    const [first, second] = [await ask('/', { cookie }), await ask('/', { cookie })];
    const nonce = /nonce="([^"]+)"><\/style>/.exec(first.body)?.[1] ?? '';
    expect(Buffer.from(nonce, 'base64')).toHaveLength(16);
    expect(first.body).not.toContain('__CSP_NONCE__');
    expect(second.body).not.toContain(nonce);
    expect(first.headers['content-security-policy']).toBe(
      [
        "default-src 'none'; script-src 'self'",
        `style-src 'self' 'nonce-${nonce}'`,
        "img-src 'self' data: blob:; font-src 'self'",
        `connect-src ws://127.0.0.1:${port}/rpc`,
        "worker-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default",
      ].join('; '),
    );
    expect(first.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'origin-agent-cluster': '?1',
      'content-type': 'text/html; charset=utf-8',
    });
  });

  it('serves what was built and nothing else', async () => {
    const cookie = await signIn();
    expect((await ask('/assets/main-AbCd1234.js', { cookie })).body).toBe('export {};');
    const places = ['/.env', '/link.html', '/assets/main-AbCd1234.js.map', '/assets', '/assets/', '//index.html'];
    for (const place of places) expect([place, (await ask(place, { cookie })).status]).toEqual([place, 404]);
    expect((await ask('/', { cookie }, 'POST')).status).toBe(405);
  });

  it('never leaves its folder, whatever the path', async () => {
    const cookie = await signIn();
    const step = fc.constantFrom(
      '..',
      '%2e%2e',
      '%2E.',
      '.',
      '',
      'assets',
      'outside.html',
      'link.html',
      '%00',
      '..%2f',
      '..%5c',
      'etc',
      'passwd',
    );
    const separator = fc.constantFrom('/', '//', '%2f', '\\', '/./');
    const paths = fc.array(fc.tuple(separator, step), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(paths, async (parts) => {
        const { status, body } = await ask(`/${parts.flat().join('')}`, { cookie });
        expect(body).not.toContain(SECRET_TEXT);
        expect(body).not.toContain('root:');
        expect([200, 404]).toContain(status);
        if (status === 200) expect(body).toContain('page</p>');
      }),
      { numRuns: 300 },
    );
  });
});

describe('other names and other sites', () => {
  it('are refused by Host', async () => {
    const cookie = await signIn();
    const window = await openWindow();
    for (const host of [
      'localhost',
      `localhost:${port}`,
      'evil.example',
      `127.0.0.1:${port}.evil.example`,
      '127.0.0.1',
    ]) {
      expect([host, (await ask('/', { cookie, host })).status]).toEqual([host, 421]);
      expect([host, await dial({ ...window, host })]).toEqual([host, 421]);
    }
  });

  it('are refused by Origin', async () => {
    const cookie = await signIn();
    const window = await openWindow();
    for (const origin of [
      'https://evil.example',
      'null',
      `http://localhost:${port}`,
      `${server.origin}.evil.example`,
    ]) {
      expect([origin, (await ask('/', { cookie, origin })).status]).toEqual([origin, 403]);
      expect([origin, await dial({ ...window, origin })]).toEqual([origin, 403]);
    }
    expect((await ask('/', { cookie, origin: server.origin })).status).toBe(200);
  });
});

describe('the socket', () => {
  it('opens for the page alone', async () => {
    const { origin, ...secrets } = await openWindow();
    expect(await dial({ origin })).toBe(401);
    expect(await dial({ ...secrets })).toBe(403);
    expect(await dial({ ...secrets, origin }, '/other')).toBe(404);
    expect(await dial({ ...secrets, origin }, '/rpc?x')).toBe(404);
    expect(await dial({ ...secrets, origin })).toBe(101);
  });

  it('is closed for a message that no page would send', async () => {
    const closed = Promise.withResolvers<number>();
    const socket = openSocket(await openWindow());
    socket.on('open', () => socket.send('x'.repeat(300 * 1024)));
    socket.on('close', closed.resolve).on('error', () => undefined);
    expect(await closed.promise).toBe(1009);
  });

  it('allows a limited number at once, and takes a next one when one has left', async () => {
    const headers = await openWindow();
    const sockets = Array.from({ length: 16 }, () => openSocket(headers));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on('open', resolve))));
    expect(await dial(headers)).toBe(503);
    const gone = new Promise((resolve) => sockets[0]!.on('close', resolve));
    sockets[0]!.close();
    await gone;
    expect(await dial(headers)).toBe(101);
    for (const socket of sockets) socket.terminate();
  });
});

/** What pages of others can do to the browser shell, in the very browser that is signed in. The table in src-main/README.md names each. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from '@playwright/test';
import { WebSocket } from 'ws';
import { expect, test } from './fixtures/test.ts';

interface OtherServer {
  readonly origin: string;
  readonly requests: IncomingMessage[];
  close(): Promise<void>;
}

/** Another user's server on this machine: of the same site as the console, since a port makes no site. */
async function startOther(headers: Readonly<Record<string, string>> = {}): Promise<OtherServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    response.writeHead(200, { 'content-type': 'text/html', ...headers }).end('<!doctype html><title>other</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A page of a site elsewhere, answered by the test. */
async function openElsewhere(context: BrowserContext): Promise<Page> {
  await context.route('http://elsewhere.example/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>elsewhere</title>' }),
  );
  const page = await context.newPage();
  await page.goto('http://elsewhere.example/');
  return page;
}

/** Everything a page can point at another origin, and what came of it. */
function reach(page: Page, origin: string): Promise<Record<string, string>> {
  return page.evaluate(async (target) => {
    const outcome: Record<string, string> = {};
    const script = '/index.html';
    const settle = (name: string, element: HTMLElement): Promise<void> =>
      new Promise((resolve) => {
        element.addEventListener('load', () => resolve(void (outcome[name] = 'loaded')));
        element.addEventListener('error', () => resolve(void (outcome[name] = 'refused')));
        document.body.append(element);
      });
    const element = <T extends keyof HTMLElementTagNameMap>(tag: T, rest: object): HTMLElementTagNameMap[T] =>
      Object.assign(document.createElement(tag), rest);
    await settle('script', element('script', { src: target + script }));
    await settle('module', element('script', { type: 'module', src: target + script }));
    await settle('image', element('img', { src: `${target}/` }));
    await settle('style', element('link', { rel: 'stylesheet', href: `${target}/` }));
    await settle('object', element('object', { data: `${target}/` }));
    await settle('embed', element('video', { src: `${target}/` }));
    const asked: Record<string, RequestInit> = {
      fetch: {},
      'fetch with the cookie': { credentials: 'include' },
      'fetch without reading': { credentials: 'include', mode: 'no-cors' },
      post: { method: 'POST', credentials: 'include', body: 'x' },
      preflighted: { method: 'PUT', credentials: 'include', headers: { 'x-a': 'b' } },
    };
    for (const [name, init] of Object.entries(asked)) {
      outcome[name] = await fetch(`${target}/`, init).then(
        (response) => (response.type === 'opaque' ? 'opaque' : 'read'),
        () => 'refused',
      );
    }
    for (const protocol of [undefined, `tenantdesk.${'k'.repeat(43)}`]) {
      outcome[`socket ${protocol === undefined ? 'without' : 'with'} a key`] = await new Promise((resolve) => {
        const socket = new WebSocket(`${target.replace('http', 'ws')}/rpc`, protocol ?? []);
        socket.addEventListener('open', () => resolve('open'));
        socket.addEventListener('error', () => resolve('refused'));
      });
    }
    return outcome;
  }, origin);
}

const REFUSED = {
  script: 'refused',
  module: 'refused',
  image: 'refused',
  style: 'refused',
  object: 'refused',
  embed: 'refused',
  fetch: 'refused',
  'fetch with the cookie': 'refused',
  post: 'refused',
  preflighted: 'refused',
  'socket without a key': 'refused',
  'socket with a key': 'refused',
};

test(
  'other pages reach nothing: of another site and of this machine',
  { tag: '@browser' },
  async ({ page, context, board, console }) => {
    await expect(board.row('Clinic B')).toBeVisible();
    const other = await startOther();
    const elsewhere = await openElsewhere(context);
    const neighbour = await context.newPage();
    await neighbour.goto(other.origin);
    for (const attacker of [elsewhere, neighbour]) {
      const { 'fetch without reading': blind, ...outcome } = await reach(attacker, console.origin);
      expect(outcome).toEqual(REFUSED);
      expect(['refused', 'opaque']).toContain(blind);
    }
    await expect(page.getByRole('meter').first()).toBeVisible();
    await other.close();
  },
);

test(
  'a frame, a window or a form of another page shows nothing of the console',
  { tag: '@browser' },
  async ({ context, board, console }) => {
    await expect(board.row('Clinic B')).toBeVisible();
    const other = await startOther();
    for (const attacker of [await openElsewhere(context), await context.newPage()]) {
      if (attacker.url() === 'about:blank') await attacker.goto(other.origin);
      await attacker.evaluate(async (target) => {
        const frame = Object.assign(document.createElement('iframe'), { src: target, name: 'framed' });
        document.body.append(frame);
        await new Promise((resolve) => frame.addEventListener('load', resolve));
      }, `${console.origin}/`);
      const framed = attacker.frames().find((frame) => frame.name() === 'framed');
      const text = await framed?.evaluate(() => document.body?.innerText ?? '').catch(() => '');
      expect(text).not.toMatch(/Clinic B|does not know this window/);

      // The window that opened it keeps no hand on it.
      const popup = context.waitForEvent('page');
      await attacker.evaluate((target) => Object.assign(window, { held: window.open(target) }), `${console.origin}/`);
      const opened = await popup;
      await opened.waitForLoadState();
      expect(await attacker.evaluate(() => (window as unknown as { held: Window | null }).held?.closed ?? true)).toBe(
        true,
      );
      expect(await opened.evaluate(() => window.opener === null)).toBe(true);
      await expect(opened.getByText('Clinic B')).toHaveCount(0);
      await opened.close();

      await attacker.evaluate((target) => {
        const form = Object.assign(document.createElement('form'), { action: target, method: 'post' });
        document.body.append(form);
        form.submit();
      }, `${console.origin}/rpc`);
      await expect(attacker.getByText('TenantDesk: refused')).toBeVisible();
      await attacker.close();
    }
    await other.close();
  },
);

test(
  "another user's server is sent the cookie by the browser, and it opens nothing",
  { tag: '@browser' },
  async ({ context, board, console }) => {
    await expect(board.row('Clinic B')).toBeVisible();
    const other = await startOther();
    const visit = await context.newPage();
    await visit.goto(other.origin);
    const cookie = other.requests.map(({ headers }) => headers.cookie).find((text) => text?.includes('tenantdesk-'));
    expect(cookie).toBeDefined();
    for (const protocol of [[], ['tenantdesk.'], [`tenantdesk.${'k'.repeat(43)}`]]) {
      const socket = new WebSocket(`${console.origin.replace('http', 'ws')}/rpc`, protocol, {
        headers: { cookie, origin: console.origin },
      });
      const status = await new Promise((resolve) => {
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
        socket.on('open', () => resolve('open'));
        socket.on('error', () => undefined);
      });
      expect(status).toBe(401);
    }
    await other.close();
  },
);

test(
  'a second window of the same browser is told that it is none of the console',
  { tag: '@browser' },
  async ({ page, context, board, console }) => {
    await expect(board.row('Clinic B')).toBeVisible();
    expect(page.url()).toBe(`${console.origin}/#/board`);
    await page.reload();
    await expect(board.row('Clinic B')).toBeVisible();
    const second = await context.newPage();
    await second.goto(console.origin);
    await expect(second.getByRole('alert')).toContainText('The console does not know this window');
    await expect(second.getByText('Clinic B')).toHaveCount(0);
  },
);

test(
  'the page names itself to nobody, stores no secret and works for nobody in the background',
  { tag: '@browser' },
  async ({ page, board }) => {
    await expect(board.row('Clinic B')).toBeVisible();
    const other = await startOther();
    const found = await page.evaluate(async () => {
      const registered = await navigator.serviceWorker.register('/index.html').then(
        () => 'registered',
        () => 'refused',
      );
      const worked = await new Promise((resolve) => {
        try {
          const worker = new Worker('/index.html');
          worker.addEventListener('error', () => resolve('refused'));
          worker.addEventListener('message', () => resolve('worked'));
        } catch {
          resolve('refused');
        }
      });
      return {
        registered,
        worked,
        isolated: window.crossOriginIsolated,
        local: Object.keys(localStorage).filter((key) => !key.startsWith('mantine-')),
        session: Object.keys(sessionStorage).filter((key) => key !== 'tenantdesk-window'),
        databases: (await indexedDB.databases()).length,
        caches: (await caches.keys()).length,
        cookie: document.cookie,
      };
    });
    expect(found).toEqual({
      registered: 'refused',
      worked: 'refused',
      isolated: true,
      local: [],
      session: expect.anything(),
      databases: 0,
      caches: 0,
      cookie: '',
    });
    await page.evaluate((target) => window.location.assign(target), other.origin);
    await page.waitForURL(`${other.origin}/`);
    expect(other.requests.map(({ headers }) => headers.referer)).toEqual(other.requests.map(() => undefined));
    await other.close();
  },
);

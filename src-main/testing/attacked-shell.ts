/** The browser shell with a page of one line, and ways to speak to its port that no browser has. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { startBrowserServer, type BrowserServer } from '../browser/browser-server.ts';
import { writePageList } from '../app/page-list.ts';
import { createFakeConsole } from './fake-console.ts';

export const PAGE_TEXT = 'the page itself';

interface Asked {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a window that came by a one-time address has. */
export interface OpenedWindow {
  readonly Cookie: string;
  readonly key: string;
}

export interface AttackedShell {
  readonly server: BrowserServer;
  readonly port: number;
  readonly host: string;
  /** What the shell heard of its one-time addresses. */
  readonly opened: readonly string[];
  /** Lets its clock go on. */
  pass(ms: number): void;
  tokenPath(): string;
  openWindow(): Promise<OpenedWindow>;
  /** Writes bytes as they are and resolves to all that came back before the line was closed. */
  raw(bytes: string | Buffer, address?: string): Promise<string>;
  ask(asked?: Asked): Promise<string>;
  /** The headers with which the page dials. */
  dialling(window: OpenedWindow): Record<string, string>;
  /** The status of an upgrade; an accepted one is hung up. 0: the line was closed without an answer. */
  dial(headers: Readonly<Record<string, string>>): Promise<number>;
  close(): Promise<void>;
}

export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);

export async function startAttackedShell(options: { readonly patienceMs?: number } = {}): Promise<AttackedShell> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-attacks-'));
  writeFileSync(path.join(folder, 'index.html'), PAGE_TEXT);
  writePageList(folder, ['index.html']);
  const fakeConsole = createFakeConsole({ frameMs: 0 });
  const opened: string[] = [];
  let nowMs = 0;
  const server = await startBrowserServer({
    router: fakeConsole.router,
    pageFolder: folder,
    random: randomBytes,
    nowMs: () => nowMs,
    onOpened: (how) => opened.push(how),
    ...options,
  });
  const { host } = new URL(server.origin);
  const port = Number(host.split(':')[1]);

  const request = ({ method = 'GET', target = '/', headers = {} }: Asked): string => {
    const lines = Object.entries({ Host: host, ...headers }).map(([name, value]) => `${name}: ${value}`);
    return [`${method} ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n');
  };
  const raw: AttackedShell['raw'] = (bytes, address = '127.0.0.1') => {
    const answer = Promise.withResolvers<string>();
    const socket = net.connect({ host: address, port }, () => socket.write(bytes));
    let text = '';
    socket.setEncoding('latin1').on('data', (data) => (text += String(data)));
    socket.on('error', () => undefined).on('close', () => answer.resolve(text));
    return answer.promise;
  };
  const ask: AttackedShell['ask'] = (asked = {}) =>
    raw(request({ ...asked, headers: { Connection: 'close', ...asked.headers } }));
  const tokenPath = (): string => new URL(server.newAddress()).pathname;

  return {
    server,
    port,
    host,
    opened,
    pass: (ms) => void (nowMs += ms),
    tokenPath,
    async openWindow() {
      const answer = await ask({ target: tokenPath() });
      return {
        Cookie: /^Set-Cookie: ([^;]+)/m.exec(answer)?.[1] ?? '',
        key: /^Location: \/#window=([\w-]+)/m.exec(answer)?.[1] ?? '',
      };
    },
    raw,
    ask,
    dialling: ({ Cookie, key }) => ({
      Cookie,
      Origin: server.origin,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      'Sec-WebSocket-Protocol': `tenantdesk.${key}`,
    }),
    dial(headers) {
      const status = Promise.withResolvers<number>();
      const bytes = request({ target: '/rpc', headers });
      const socket = net.connect({ host: '127.0.0.1', port }, () => socket.write(bytes));
      socket.once('data', (data) => {
        status.resolve(statusOf(String(data)));
        socket.destroy();
      });
      socket.on('error', () => undefined).on('close', () => status.resolve(0));
      return status.promise;
    },
    async close() {
      await server.close();
      fakeConsole.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

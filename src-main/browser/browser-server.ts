/**
 * The console on loopback, for a browser of this machine: the page, and one WebSocket over which the page talks to the
 * console. Nothing is readable without the session cookie, which only the one-time address gives:
 *
 *   GET /open/<token>  → cookie, 303 to /#window=<key>   (once, within its time; 401 afterwards)
 *   GET /, /assets/…   → the page                        (401 without cookie)
 *   WS  /rpc           → the contract's calls            (401 without cookie and the window's key, 403 from a page of another origin)
 *
 * The key stands behind a `#`, which browsers keep to themselves; the page puts it where only its own origin reads it, and
 * shows it as the socket's sub-protocol. A request whose Host is not ours (a name that was pointed at 127.0.0.1 afterwards)
 * is answered 421, one whose Origin is not ours 403, and so is one of which the browser says that another page made it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ConsoleRouter } from '../app/console-router.ts';
import { answerFile, findPageFile, GUARD_HEADERS, type PageAnswer } from '../app/page-answer.ts';
import { loadStaticFiles } from '../app/static-files.ts';
import { createRpcSockets } from './rpc-sockets.ts';
import { createSessionGate } from './session-gate.ts';

export interface BrowserServerOptions {
  /** The console's router: every call of the contract. */
  readonly router: ConsoleRouter;
  /** Folder of the built page. */
  readonly pageFolder: string;
  /** So many unpredictable bytes. */
  readonly random: (bytes: number) => Buffer;
  /** Monotonic, in ms. */
  readonly nowMs: () => number;
  /** Hears that the one-time address was opened, or that somebody came with it after its time. */
  readonly onOpened?: (how: 'in time' | 'too late') => void;
  /** How long a request may take to come in, in ms; 10 seconds when absent. */
  readonly patienceMs?: number;
  /** Hears of errors of connections; never of what they carried. */
  readonly onError?: (error: unknown) => void;
}

export interface BrowserServer {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** A fresh one-time address; the one before it stops being valid. */
  newAddress(): string;
  close(): Promise<void>;
}

const PATIENCE_MS = 10_000;
/** A window needs a dozen. Others of this machine can take all of them, but not the file descriptors that the rest of the console needs. */
const MAX_CONNECTIONS = 256;
/** The page asks for nothing else: a navigation of the operator's own, or the page itself. */
const OWN_REQUESTS = new Set([undefined, 'none', 'same-origin']);
/** Before the window's key in the socket's sub-protocol. */
const WINDOW_PROTOCOL = 'tenantdesk.';

export async function startBrowserServer(options: BrowserServerOptions): Promise<BrowserServer> {
  const files = loadStaticFiles(options.pageFolder);
  const gate = createSessionGate(options);
  const { patienceMs = PATIENCE_MS } = options;
  const server = createServer({
    maxHeaderSize: 16_384,
    headersTimeout: patienceMs,
    requestTimeout: patienceMs,
    connectionsCheckingInterval: patienceMs / 10,
  });
  server.maxConnections = MAX_CONNECTIONS;
  const port = await listen(server);
  const host = `127.0.0.1:${port}`;
  const origin = `http://${host}`;
  const rpcAddress = `ws://${host}/rpc`;
  const cookieName = `tenantdesk-${port}`;
  const sockets = createRpcSockets({ router: options.router, onError: options.onError });

  /** The status to refuse with, or undefined when the request may go on. */
  const refusal = (request: IncomingMessage, needsOrigin: boolean): number | undefined => {
    if (request.headers.host !== host) return 421;
    const from = request.headers.origin;
    if (from === undefined ? needsOrigin : from !== origin) return 403;
    return OWN_REQUESTS.has(request.headers['sec-fetch-site']?.toString()) ? undefined : 403;
  };
  const signedIn = (request: IncomingMessage): boolean =>
    cookiesOf(request, cookieName).some((cookie) => gate.admits(cookie));
  const fromOurWindow = (request: IncomingMessage): boolean => {
    const protocol = request.headers['sec-websocket-protocol'] ?? '';
    if (!protocol.startsWith(WINDOW_PROTOCOL)) return false;
    const key = protocol.slice(WINDOW_PROTOCOL.length);
    return cookiesOf(request, cookieName).some((cookie) => gate.admitsWindow(cookie, key));
  };

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of Object.entries(GUARD_HEADERS)) response.setHeader(name, value);
    const refused = refusal(request, false);
    if (refused) return refuse(response, refused);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405);
    const urlPath = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (urlPath.startsWith('/open/')) {
      const session = request.method === 'GET' ? gate.redeem(urlPath.slice('/open/'.length)) : undefined;
      if (session === undefined || session === 'expired') {
        if (session) options.onOpened?.('too late');
        return refuse(response, 401);
      }
      response.setHeader('Set-Cookie', `${cookieName}=${session.cookie}; HttpOnly; SameSite=Strict; Path=/`);
      response.writeHead(303, { Location: `/#window=${session.windowKey}` }).end();
      options.onOpened?.('in time');
      return undefined;
    }
    if (!signedIn(request)) return refuse(response, 401);
    const file = findPageFile(files, urlPath);
    if (!file) return refuse(response, 404);
    return send(request, response, answerFile(file, { random: options.random, connectTo: rpcAddress }));
  });

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const status = refusal(request, true) ?? (fromOurWindow(request) ? undefined : 401);
    if (status !== undefined) return refuseUpgrade(socket, status);
    if (request.url !== '/rpc') return refuseUpgrade(socket, 404);
    return sockets.accept(request, socket, head);
  });

  return {
    origin,
    newAddress: () => `${origin}/open/${gate.issueToken()}`,
    async close() {
      sockets.close();
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

async function listen(server: Server): Promise<number> {
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port of 127.0.0.1 could be opened.');
  return address.port;
}

/** All of that name: another server of this machine may have set one of its own beside ours. */
function cookiesOf(request: IncomingMessage, name: string): string[] {
  return (request.headers.cookie ?? '').split(';').flatMap((part) => {
    const [key, value] = part.trim().split('=', 2);
    return key === name && value !== undefined ? [value] : [];
  });
}

const SENTENCES: Readonly<Record<number, string>> = {
  401: 'TenantDesk: this address was used already, is too old, or was never valid. The console prints a fresh one where it was started.',
  403: 'TenantDesk: refused, the request came from another site.',
  404: 'TenantDesk: there is nothing at this address.',
  405: 'TenantDesk: only GET is understood here.',
  421: 'TenantDesk: refused, this is not the name of this console.',
};

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${SENTENCES[status] ?? ''}\n`);
}

function refuseUpgrade(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function send(request: IncomingMessage, response: ServerResponse, { headers, body }: PageAnswer): void {
  response.writeHead(200, { ...headers, 'content-length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

import { createServer, type ServerResponse } from 'node:http';

/** As whom it speaks. */
export const SCRIPTED_GATEWAY_ID = '00000007-0000-4000-8000-000000000001';

/** A live stream that says what the test writes into it. */
export interface ScriptedGateway {
  readonly url: string;
  /** What a stream begins with; also sent to those open now. */
  snapshot(tenants: readonly object[]): void;
  changes(tenants: readonly object[]): void;
  /** A line as it is, good or bad. */
  line(text: string): void;
  heartbeat(): void;
  /** Ends the open streams. */
  cut(): void;
  /** With what status new streams are answered; 200 at first. */
  status(code: number): void;
  /** Resolves when so many streams have been opened since the start. */
  opened(count: number): Promise<void>;
  /** Streams open now. */
  readonly open: number;
  close(): Promise<void>;
}

/** `heartbeatMs`: says something by itself that often, as a gateway does; absent: only what the test writes. */
export async function startScriptedGateway(token: string, heartbeatMs?: number): Promise<ScriptedGateway> {
  const streams = new Set<ServerResponse>();
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let opened = 0;
  let status = 200;
  let first = frame('snapshot', []);
  const server = createServer((request, response) => {
    if (request.url !== '/admin/v1/live' || request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401).end();
      return;
    }
    opened += 1;
    if (status === 200) {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      streams.add(response);
      response.on('close', () => streams.delete(response));
      response.write(first);
    } else response.writeHead(status).end();
    for (const { count, resolve } of waiting) if (opened >= count) resolve();
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const write = (text: string): void => {
    for (const stream of streams) stream.write(text);
  };
  const cut = (): void => {
    for (const stream of streams) stream.destroy();
  };
  const beating = heartbeatMs === undefined ? undefined : setInterval(() => write(frame('heartbeat', [])), heartbeatMs);
  return {
    url: `http://127.0.0.1:${port}`,
    snapshot(tenants) {
      first = frame('snapshot', tenants);
      write(first);
    },
    changes: (tenants) => write(frame('changes', tenants)),
    line: (text) => write(`${text}\n`),
    heartbeat: () => write(frame('heartbeat', [])),
    cut,
    status(code) {
      status = code;
    },
    opened(count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (opened >= count) resolve();
      else waiting.push({ count, resolve });
      return promise;
    },
    get open() {
      return streams.size;
    },
    async close() {
      clearInterval(beating);
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      cut();
      await closed.promise;
    },
  };
}

function frame(type: 'snapshot' | 'changes' | 'heartbeat', tenants: readonly object[]): string {
  const gateways = [{ id: SCRIPTED_GATEWAY_ID, name: 'scripted', silentMs: 0 }];
  return `${JSON.stringify({ type, at: new Date().toISOString(), gateways, tenants })}\n`;
}

import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on loopback that can misbehave: it stands between the console and what it talks to. */
export interface FaultProxy {
  /** The address with this proxy's host and port in place of the target's. */
  readonly url: string;
  /** forward: as if it were not there. refuse: cut what is open, cut what comes. silent: keep all open, pass nothing on. */
  set(mode: 'forward' | 'refuse' | 'silent'): void;
  close(): Promise<void>;
}

export async function startFaultProxy(targetUrl: string): Promise<FaultProxy> {
  const target = new URL(targetUrl);
  const pairs = new Map<Socket, Socket>();
  let mode: 'forward' | 'refuse' | 'silent' = 'forward';
  const server = createServer((client) => {
    if (mode === 'refuse') {
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    pairs.set(client, upstream);
    const drop = (): void => {
      pairs.delete(client);
      client.destroy();
      upstream.destroy();
    };
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('data', (bytes) => {
        if (mode === 'forward') to.write(bytes);
      });
      from.on('error', drop);
      from.on('close', drop);
    }
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  const url = new URL(targetUrl);
  if (address !== null && typeof address === 'object') url.host = `127.0.0.1:${address.port}`;
  const cut = (): void => {
    for (const client of pairs.keys()) client.destroy();
  };
  return {
    url: url.href,
    set(next) {
      mode = next;
      if (next === 'refuse') cut();
    },
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      cut();
      await closed.promise;
    },
  };
}

import { connect, type AddressInfo } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';

/** TLS before a plain server of this computer, as a load balancer has it. */
export interface TlsFront {
  readonly port: number;
  close(): Promise<void>;
}

export async function startTlsFront(targetUrl: string, options: TlsOptions): Promise<TlsFront> {
  const { hostname, port } = new URL(targetUrl);
  const open = new Set<{ destroy(): unknown }>();
  const server = createServer(options, (secured) => {
    const plain = connect(Number(port), hostname);
    for (const [one, other] of [
      [secured, plain],
      [plain, secured],
    ] as const) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.on('tlsClientError', () => undefined);
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  return {
    port: isAddress(address) ? address.port : 0,
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      for (const one of open) one.destroy();
      await closed.promise;
    },
  };
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

/**
 * Calls a target as it is told, one order at a time: `POST /` with {@link LoadOrder}, answered with {@link LoadReport}.
 * A process of its own, kept warm, so that no other work of the benchmark delays what it times.
 */
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { closedLoop, openLoop, type Caller } from './frame/load-loops.ts';
import type { LoadOrder, LoadReport } from './frame/load-order.ts';
import { streams } from './frame/load-streams.ts';

async function run(order: LoadOrder): Promise<LoadReport> {
  const { origin, pathname } = new URL(order.url);
  const pool = new Pool(origin, { connections: order.connections, pipelining: 1, bodyTimeout: 60_000 });
  let turn = 0;
  const nextHeaders = (): Record<string, string> => order.headers[(turn += 1) % order.headers.length] ?? {};
  const caller: Caller = {
    async call() {
      const answer = await pool.request({ path: pathname, method: 'POST', headers: nextHeaders(), body: order.body });
      await answer.body.dump();
      return answer.statusCode;
    },
    request: () => pool.request({ path: pathname, method: 'POST', headers: nextHeaders(), body: order.body }),
  };
  try {
    if (order.kind === 'streams') return await streams(caller, order);
    return order.kind === 'open' ? await openLoop(caller, order) : await closedLoop(caller, order);
  } finally {
    await pool.destroy();
  }
}

const server = createServer((incoming, outgoing) => {
  const parts: Buffer[] = [];
  incoming.on('data', (part: Buffer) => void parts.push(part));
  incoming.on('end', () => {
    run(JSON.parse(Buffer.concat(parts).toString('utf8')) as LoadOrder).then(
      (report) => outgoing.end(JSON.stringify(report)),
      (error: unknown) => outgoing.writeHead(500).end(String(error)),
    );
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`ready ${typeof address === 'object' ? address?.port : ''}\n`);
});
process.once('SIGTERM', () => process.exit(0));

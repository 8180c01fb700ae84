/**
 * The least that a proxy in Node can do: node:http in front, one undici pool behind, bytes piped through. Our gateway is
 * measured against it. Upstream: first argument, an origin.
 */
import { createServer } from 'node:http';
import { Pool } from 'undici';

const pool = new Pool(process.argv[2] ?? '', { connections: 512, pipelining: 1 });

const server = createServer((incoming, outgoing) => {
  const { host: _host, connection: _connection, ...headers } = incoming.headers;
  pool.stream(
    {
      path: incoming.url ?? '/',
      method: incoming.method ?? 'GET',
      headers,
      body: incoming,
    },
    ({ statusCode, headers }) => {
      delete headers['connection'];
      outgoing.writeHead(statusCode, headers);
      return outgoing;
    },
    (error) => {
      if (!error) return;
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end();
    },
  );
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`ready ${typeof address === 'object' ? address?.port : ''}\n`);
});
process.once('SIGTERM', () => process.exit(0));

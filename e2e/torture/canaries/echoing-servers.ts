/** Servers that say back what they were told: the worst that can stand where a platform was expected. */
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';

export interface EchoingServers {
  readonly databasePort: number;
  readonly gatewayUrl: string;
  close(): Promise<void>;
}

export async function startEchoingServers(): Promise<EchoingServers> {
  const database = createTcpServer((socket) => {
    let asked = false;
    socket.on('error', () => undefined);
    socket.on('data', (data: Buffer) => {
      if (!asked) {
        asked = true;
        // AuthenticationCleartextPassword
        socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
        return;
      }
      // ErrorResponse with the password in each field that has words.
      const password = data.subarray(5, -1);
      const field = (name: string, text: Buffer | string): Buffer =>
        Buffer.concat([Buffer.from(name), Buffer.from(text), Buffer.from([0])]);
      const fields = Buffer.concat([
        field('S', 'FATAL'),
        field('C', 'XX000'),
        field('M', Buffer.concat([Buffer.from('no entry for '), password])),
        field('D', password),
        field('H', password),
        Buffer.from([0]),
      ]);
      const head = Buffer.alloc(5);
      head.write('E');
      head.writeUInt32BE(fields.length + 4, 1);
      socket.end(Buffer.concat([head, fields]));
    });
  });
  let turn = 0;
  const gateway = createHttpServer((request, response) => {
    const { authorization = '' } = request.headers;
    turn += 1;
    // Without a token it passes for a gateway; with one it says it back, as a body, as a line of the stream, as a reason.
    const answers = [
      () => response.writeHead(200, authorization, { 'x-echo': authorization }).end(`${authorization}\n`),
      () => response.writeHead(200).end(`{"type":"${authorization}","at":"${authorization}"}\n`),
      () => response.writeHead(418, { 'set-cookie': `token=${authorization}` }).end(authorization),
    ];
    if (authorization === '') response.writeHead(401).end();
    else answers[turn % answers.length]?.();
  });
  await Promise.all([database, gateway].map((server) => listen(server)));
  return {
    databasePort: portOf(database),
    gatewayUrl: `http://127.0.0.1:${portOf(gateway)}`,
    async close() {
      gateway.closeAllConnections();
      await Promise.all([database, gateway].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

const listen = (server: Server | HttpServer): Promise<void> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve()));

const portOf = (server: Server | HttpServer): number => (server.address() as AddressInfo).port;

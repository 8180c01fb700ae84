/** Streams over a real WebSocket: a window that reloads, crashes or closes leaves nothing behind on the main side. */
import { createServer, type Server } from 'node:http';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { implement } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocket, WebSocketServer } from 'ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBoardHandlers } from '../board/board-handlers.ts';
import { createBoardService, type BoardService } from '../board/board-service.ts';
import { contract, type Contract } from '../contract/contract.ts';
import { createKnownSecrets } from '../infra/known-secrets.ts';
import { systemClock } from '../infra/clock.ts';
import { createFakeConsole } from '../testing/fake-console.ts';
import { createFakeLogger, type FakeLogger } from '../testing/fake-logger.ts';
import { createFakePlatform, fakeLedgerRow, fakeLiveTenant } from '../testing/fake-platform.ts';
import { answeringErrors } from './errors.ts';

let board: BoardService;
let log: FakeLogger;
let server: Server;
let sockets: WebSocketServer;
let platform: ReturnType<typeof createFakePlatform>;

beforeEach(async () => {
  log = createFakeLogger();
  platform = createFakePlatform(() => new Date());
  for (let index = 0; index < 20; index += 1) {
    const row = fakeLedgerRow(index);
    platform.ledger.set(row.tenantId, row);
  }
  board = createBoardService({ ...platform, clock: systemClock, log });
  platform.notify({ kind: 'resync' });
  platform.live([fakeLiveTenant(0, new Date())]);
  const os = implement(contract).use(answeringErrors(log, createKnownSecrets()));
  const within = os.use(({ next }) => next({ context: { board } }));
  const { router: rest } = createFakeConsole({ tenants: 0 });
  const router = os.router({ ...rest, board: within.board.router(createBoardHandlers()) });
  const handler = new RPCHandler(router);
  server = createServer();
  sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => void handler.upgrade(socket, { context: {} }));
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
});

afterEach(() => {
  board.close();
  for (const socket of sockets.clients) socket.terminate();
  server.close();
});

function dial() {
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const websocket = new WebSocket(`ws://127.0.0.1:${port}`);
  const client: ContractRouterClient<Contract> = createORPCClient(new RPCLink({ websocket }));
  return { websocket, client };
}

describe('watching over a WebSocket', () => {
  it('ends with the socket, closed or cut, at any moment of the stream', async () => {
    for (let round = 0; round < 40; round += 1) {
      const { websocket, client } = dial();
      const stream = await client.board.watch();
      await stream.next();
      expect(board.watchers).toBe(1);
      // Some leave while a read waits, some while a frame is on its way.
      const waiting = round % 2 === 0 ? stream.next().catch(() => undefined) : undefined;
      if (round % 3 === 0) platform.frame('changes', [fakeLiveTenant(0, new Date(), { held: BigInt(round) })]);
      if (round % 4 < 2) websocket.terminate();
      else websocket.close();
      await expect.poll(() => board.watchers, { interval: 2 }).toBe(0);
      await waiting;
    }
    expect(log.lines, 'a window that leaves is no failure').toEqual([]);
  });

  it('ends when the page stops reading, with the socket still open', async () => {
    const { websocket, client } = dial();
    for (let round = 0; round < 20; round += 1) {
      for await (const frame of await client.board.watch()) {
        expect(frame.kind).toBe('snapshot');
        break;
      }
    }
    await expect.poll(() => board.watchers, { interval: 2 }).toBe(0);
    websocket.terminate();
  });

  it('keeps Date and bigint', async () => {
    const { websocket, client } = dial();
    const stream = await client.board.watch();
    const { value } = await stream.next();
    expect(value).toMatchObject({ at: expect.any(Date), rows: expect.any(Array) });
    expect(typeof (value as { summary: { committedNanoUsd: unknown } }).summary.committedNanoUsd).toBe('bigint');
    websocket.terminate();
  });
});

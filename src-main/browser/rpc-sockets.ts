import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ConsoleRouter } from '../app/console-router.ts';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer, type WebSocket } from 'ws';

export interface RpcSockets {
  /** Takes over a connection that has been found good. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends all connections at once; their streams end with them. */
  close(): void;
}

/** What a page sends is small: a call with its arguments. */
const MAX_MESSAGE_BYTES = 256 * 1024;
/** A few windows of one operator, and reloads whose old connection is not closed yet. */
const MAX_CONNECTIONS = 16;
/** A page that takes nothing any more (a suspended tab) is cut off; it dials again and gets a snapshot. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** WebSocket connections of the page, each serving the router. */
export function createRpcSockets(options: {
  readonly router: ConsoleRouter;
  readonly onError?: ((error: unknown) => void) | undefined;
}): RpcSockets {
  const handler = new RPCHandler(options.router);
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  return {
    accept(request, socket, head) {
      if (server.clients.size >= MAX_CONNECTIONS) {
        socket.end('HTTP/1.1 503 Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('error', (error) => options.onError?.(error));
        const guarded = { addEventListener: webSocket.addEventListener.bind(webSocket), send: guardedSend(webSocket) };
        handler.upgrade(guarded, { context: {} }).catch((error: unknown) => options.onError?.(error));
      });
    },
    close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

function guardedSend(webSocket: WebSocket): WebSocket['send'] {
  return ((data: Parameters<WebSocket['send']>[0]) => {
    if (webSocket.bufferedAmount > MAX_WAITING_BYTES) webSocket.terminate();
    else if (webSocket.readyState === webSocket.OPEN) webSocket.send(data);
  }) as WebSocket['send'];
}

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ConsoleRouter } from '../app/console-router.ts';
import { createWindowLines, MAX_MESSAGE_CHARACTERS } from '../app/window-lines.ts';
import { WebSocketServer } from 'ws';

export interface RpcSockets {
  /** Takes over a connection that has been found good. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends all connections at once; their streams end with them. */
  close(): void;
}

/** A few windows of one operator, and reloads whose old connection is not closed yet. */
const MAX_CONNECTIONS = 16;
/** A page that takes nothing any more (a suspended tab) is cut off; it dials again and gets a snapshot. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;
/** RFC 6455: the other side broke the rules. */
const POLICY_VIOLATION = 1008;

/** WebSocket connections of the page, each serving the router. */
export function createRpcSockets(options: {
  readonly router: ConsoleRouter;
  readonly onError?: ((error: unknown) => void) | undefined;
}): RpcSockets {
  const serve = createWindowLines(options.router);
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_CHARACTERS, perMessageDeflate: false });
  return {
    accept(request, socket, head) {
      if (server.clients.size >= MAX_CONNECTIONS) {
        socket.end('HTTP/1.1 503 Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('error', (error) => options.onError?.(error));
        const line = serve({
          send(text) {
            if (webSocket.bufferedAmount > MAX_WAITING_BYTES) webSocket.terminate();
            else if (webSocket.readyState === webSocket.OPEN) webSocket.send(text);
          },
          hangUp: () => webSocket.close(POLICY_VIOLATION),
          onError: (error) => options.onError?.(error),
        });
        webSocket.on('message', (data, isBinary) =>
          line.take(!isBinary && Buffer.isBuffer(data) ? data.toString() : data),
        );
        webSocket.on('close', () => line.end());
      });
    },
    close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

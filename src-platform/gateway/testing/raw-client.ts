import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client that writes its own bytes, and ends nothing by itself. */
export interface RawClient {
  readonly socket: Socket;
  /** All that came. */
  readonly text: string;
  /** Of the answers that came. */
  readonly statuses: readonly number[];
  /** The other side ended the connection. */
  readonly closed: Promise<void>;
}

/** `address`: "http://127.0.0.1:8080" */
export async function openRawClient(address: string): Promise<RawClient> {
  const socket = connect(Number(new URL(address).port), '127.0.0.1');
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (part: Buffer) => {
    text += part.toString('latin1');
  });
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });
  await once(socket, 'connect');
  return {
    socket,
    get text() {
      return text;
    },
    get statuses() {
      return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
    },
    closed,
  };
}

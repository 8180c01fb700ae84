import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../../testing/eventually.ts';
import { openRedis, type RedisLink } from './redis-link.ts';

let server: Server | undefined;
let link: RedisLink | undefined;
afterEach(() => {
  link?.disconnect();
  server?.close();
});

/** As much of Redis as a listener asks for; `onSubscribe` answers or not. */
async function startListenersRedis(onSubscribe: (socket: Socket) => void): Promise<string> {
  const made = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      for (const [, command] of bytes.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)) {
        if (/^info$/i.test(command ?? '')) socket.write('$11\r\nloading:0\r\n\r\n');
        else if (/^subscribe$/i.test(command ?? '')) onSubscribe(socket);
        else socket.write('+OK\r\n');
      }
    });
  });
  server = made;
  await new Promise<void>((resolve) => {
    made.listen(0, '127.0.0.1', resolve);
  });
  return `redis://127.0.0.1:${(made.address() as AddressInfo).port}`;
}

test('a Redis that goes while it is subscribed to again ends nobody: it is dialled until it stays', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  try {
    let subscribed = 0;
    const url = await startListenersRedis((socket) => {
      subscribed += 1;
      if (subscribed === 1 || subscribed > 6) {
        socket.write('*3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n');
        if (subscribed === 1) setTimeout(() => socket.destroy(), 20);
      } else {
        socket.destroy();
      }
    });
    const opened = openRedis(url, {});
    link = opened;
    opened.on('error', () => undefined);
    let done = 0;
    opened.on('ready', () => {
      opened.subscribe('x').then(
        () => (done += 1),
        () => undefined,
      );
    });
    await eventually(() => expect(done).toBe(2));
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
  }
});

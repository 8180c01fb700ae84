import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../../testing/eventually.ts';
import { ProviderBroke } from './provider-exchange.ts';
import { createProviderLine, type ProviderLine, type ProviderLineOptions } from './provider-line.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const sockets = new Set<Socket>();
function closing(server: net.Server): Promise<number> {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  server.listen(0, '127.0.0.1');
  return once(server, 'listening').then(() => (server.address() as AddressInfo).port);
}

/** A provider of HTTP; counts its connections. */
async function provider(
  answer: (incoming: IncomingMessage, outgoing: ServerResponse, body: string) => void,
): Promise<{ port: number; server: Server; opened: () => number }> {
  let opened = 0;
  const server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      answer(incoming, outgoing, Buffer.concat(parts).toString());
    });
  });
  server.on('connection', () => {
    opened += 1;
  });
  return { port: await closing(server), server, opened: () => opened };
}

function line(port: number, options: Partial<ProviderLineOptions> = {}, scheme = 'http'): ProviderLine {
  const made = createProviderLine(new URL(`${scheme}://127.0.0.1:${port}`), {
    mostConnections: 100,
    connectTimeoutMs: 5_000,
    headTimeoutMs: 60_000,
    bodyTimeoutMs: 60_000,
    keepMs: 60_000,
    largestAnswerBytes: 64 * 1024 * 1024,
    monotonic: () => performance.now(),
    ...options,
  });
  closers.push(() => {
    made.destroy();
  });
  return made;
}

const request = (body: string, headers: Record<string, string> = {}) => ({
  path: '/v1/echo',
  headers,
  body,
  bodyBytes: Buffer.byteLength(body),
});

test('one connection carries call after call; bodies and headers arrive as they are', async () => {
  const { port, opened } = await provider((incoming, outgoing, body) => {
    outgoing.setHeader('retry-after', String(incoming.headers['x-given']));
    outgoing.end(Buffer.from(`${incoming.url} ${body}`));
  });
  const calls = line(port);
  for (const body of ['plain', 'grüße 🙂', '', 'ä'.repeat(300_000)]) {
    const answer = await calls.send(request(body, { 'x-given': 'a\tü' })).answered;
    expect([answer.statusCode, answer.retryAfter]).toEqual([200, 'a\tü']);
    expect((await answer.whole()).toString()).toBe(`/v1/echo ${body}`);
  }
  expect(opened()).toBe(1);
});

test('calls at the same time have a connection each, up to the most; the others wait', async () => {
  const open: ServerResponse[] = [];
  const { port, opened } = await provider((_incoming, outgoing) => open.push(outgoing));
  const calls = line(port, { mostConnections: 2 });
  const answers = ['a', 'b', 'c'].map((body) => calls.send(request(body)).answered);
  await eventually(() => {
    expect(open.length).toBe(2);
  });
  for (const outgoing of open) outgoing.end('x');
  await eventually(() => {
    expect(open.length).toBe(3);
  });
  open[2]?.end('y');
  const texts = await Promise.all(answers.map(async (answer) => (await (await answer).whole()).toString()));
  expect(texts).toEqual(['x', 'x', 'y']);
  expect(opened()).toBe(2);
});

test('a connection that the provider closes, or keeps too short, is not used again', async () => {
  const { port, opened } = await provider((_incoming, outgoing, body) => {
    outgoing.setHeader('connection', body === 'close' ? 'close' : 'keep-alive');
    outgoing.setHeader('keep-alive', 'timeout=1');
    outgoing.end('x');
  });
  const calls = line(port);
  for (const body of ['close', 'short', 'close']) await (await calls.send(request(body)).answered).whole();
  expect(opened()).toBe(3);
});

test('a connection on which the provider says what nobody asked for is not used again', async () => {
  const { port, opened } = await provider((incoming, outgoing, body) => {
    outgoing.end(body);
    if (body !== 'first') return;
    setTimeout(() => incoming.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad'), 20);
  });
  const calls = line(port);
  const say = async (body: string): Promise<string> =>
    (await (await calls.send(request(body)).answered).whole()).toString();
  expect(await say('first')).toBe('first');
  await eventually(() => {
    expect(sockets.size).toBe(0);
  });
  expect(await say('second')).toBe('second');
  expect(opened()).toBe(2);
});

test('a connection whose call was answered before all of it was written is not used again', async () => {
  let heads = 0;
  const port = await closing(
    net.createServer((socket) => {
      // Reads the head and no more.
      socket.once('data', () => {
        heads += 1;
        socket.pause();
        socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 1\r\n\r\nx');
      });
    }),
  );
  const calls = line(port);
  for (let call = 1; call <= 2; call += 1) {
    const answer = await calls.send(request('x'.repeat(16 * 1024 * 1024))).answered;
    expect([answer.statusCode, (await answer.whole()).toString()]).toEqual([413, 'x']);
    expect(heads, 'each on a connection of its own').toBe(call);
  }
});

test('a provider that takes connections and says nothing is given up on in time', async () => {
  const silent = await closing(net.createServer());
  const call = line(silent, { connectTimeoutMs: 200 }, 'https').send(request('x'));
  await expect(call.answered).rejects.toMatchObject({ name: 'ProviderBroke', sent: false });
});

test('a call that was given up on while it waited is not sent', async () => {
  const bodies: string[] = [];
  let first: ServerResponse | undefined;
  const { port } = await provider((_incoming, outgoing, body) => {
    bodies.push(body);
    if (first === undefined) first = outgoing;
    else outgoing.end(body);
  });
  const calls = line(port, { mostConnections: 1 });
  const open = calls.send(request('first'));
  await eventually(() => {
    expect(bodies).toEqual(['first']);
  });
  const waiting = calls.send(request('given up'));
  waiting.abort(new Error('left'));
  await expect(waiting.answered).rejects.toMatchObject({ sent: false });
  const next = calls.send(request('next'));
  first?.end('x');
  await (await open.answered).whole();
  expect((await (await next.answered).whole()).toString()).toBe('next');
  expect(bodies).toEqual(['first', 'next']);
});

test('tells a call that never left from one that may have arrived', async () => {
  const nobody = net.createServer();
  nobody.listen(0, '127.0.0.1');
  await once(nobody, 'listening');
  const { port: deadPort } = nobody.address() as AddressInfo;
  nobody.close();
  await once(nobody, 'close');
  await expect(line(deadPort).send(request('x')).answered).rejects.toMatchObject({ sent: false });

  const deaf = await closing(net.createServer((socket) => socket.on('data', () => socket.destroy())));
  await expect(line(deaf).send(request('x')).answered).rejects.toMatchObject({ name: 'ProviderBroke', sent: true });

  // A provider that speaks no TLS.
  await expect(line(deaf, {}, 'https').send(request('x')).answered).rejects.toMatchObject({ sent: false });

  const given = line(deaf).send(request('x'));
  given.abort(new Error('left'));
  await expect(given.answered).rejects.toMatchObject({ sent: false });
});

test('an answer that breaks off, or falls silent, is said to', async () => {
  const { port } = await provider((_incoming, outgoing, body) => {
    outgoing.setHeader('content-length', 10);
    outgoing.write('abc');
    if (body === 'cut') setImmediate(() => outgoing.destroy());
  });
  const calls = line(port, { bodyTimeoutMs: 1_000 });
  for (const body of ['cut', 'silent']) {
    const answer = await calls.send(request(body)).answered;
    await expect(answer.whole()).rejects.toBeInstanceOf(ProviderBroke);
  }
});

test('a slow reader holds a stream back, and loses nothing', async () => {
  const piece = 'x'.repeat(64 * 1024);
  const { port } = await provider((_incoming, outgoing) => {
    let left = 200;
    const more = (): void => {
      while (left > 0 && outgoing.write(piece)) left -= 1;
      if (left > 0) left -= 1;
      else outgoing.end();
    };
    outgoing.on('drain', more);
    more();
  });
  const answer = await line(port).send(request('x')).answered;
  let bytes = 0;
  let pauses = 0;
  await answer.each((data) => {
    bytes += data.length;
    if (pauses === 20) return;
    pauses += 1;
    answer.pause();
    setImmediate(() => {
      answer.resume();
    });
  });
  expect([bytes, pauses]).toEqual([200 * piece.length, 20]);
});

test('a connection that was held back at the end of an answer brings the next one', async () => {
  const open: ServerResponse[] = [];
  const { port, opened } = await provider((_incoming, outgoing, body) => {
    outgoing.setHeader('content-length', body.length);
    outgoing.flushHeaders();
    open.push(outgoing);
  });
  const calls = line(port);
  for (const body of ['first', 'second']) {
    const answer = await calls.send(request(body)).answered;
    let text = '';
    const read = answer.each((data) => {
      text += data.toString();
      answer.pause();
    });
    open.shift()?.end(body);
    await read;
    expect(text).toBe(body);
  }
  expect(opened()).toBe(1);
});

test('no header can smuggle another request', async () => {
  const { port } = await provider((_incoming, outgoing) => outgoing.end());
  const calls = line(port);
  expect(() => calls.send(request('x', { 'x-a': 'b\r\nx-c: d' }))).toThrow(TypeError);
});

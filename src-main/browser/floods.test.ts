/** Bytes that are no request, too many and too slow ones, to the browser shell's port. The table in README.md names each. */
import net from 'node:net';
import os from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PAGE_TEXT, startAttackedShell, statusOf, type AttackedShell } from '../testing/attacked-shell.ts';

let shell: AttackedShell;

beforeEach(async () => {
  shell = await startAttackedShell();
});
afterEach(() => shell.close());

async function restart(options: { readonly patienceMs: number }): Promise<void> {
  await shell.close();
  shell = await startAttackedShell(options);
}

describe('bytes that are no request', () => {
  it.each([
    ['two lengths', 'GET / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd'],
    [
      'a length and chunks',
      'GET / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: HOST\r\nX-A: b\r\n c\r\n\r\n'],
    ['a bare line feed', 'GET / HTTP/1.1\nHost: HOST\n\n'],
    ['a NUL', 'GET / HTTP/1.1\r\nHost: HOST\r\nX: a\0b\r\n\r\n'],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['an unknown version', 'GET / HTTP/9.9\r\nHost: HOST\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['too long a line', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: HOST\r\n\r\n`],
    ['a flood of headers', `GET / HTTP/1.1\r\nHost: HOST\r\n${'X-A: b\r\n'.repeat(5_000)}\r\n`],
  ])('%s: the line is closed with a refusal', async (_name, bytes) => {
    expect([400, 401, 431, 505]).toContain(
      statusOf(await shell.raw(Buffer.from(bytes.replace('HOST', shell.host), 'latin1'))),
    );
    const { Cookie } = await shell.openWindow();
    expect(await shell.ask({ headers: { Cookie } })).toContain(PAGE_TEXT);
  });

  it('a second Host does not count, and is answered nothing of ours', async () => {
    const { Cookie } = await shell.openWindow();
    const two = (first: string, second: string) =>
      shell.raw(
        `GET / HTTP/1.1\r\nHost: ${first}\r\nHost: ${second}\r\nCookie: ${Cookie}\r\nConnection: close\r\n\r\n`,
      );
    expect([400, 421]).toContain(statusOf(await two('evil.example', shell.host)));
  });
});

describe('many and slow ones', () => {
  it('who sends slowly is cut off', async () => {
    await restart({ patienceMs: 200 });
    const head = `GET / HTTP/1.1\r\nHost: ${shell.host}\r\nX-Slow: `;
    const socket = net.connect({ host: '127.0.0.1', port: shell.port });
    const gone = new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve));
    for (const letter of head.repeat(50)) {
      if (socket.destroyed || !socket.writable) break;
      socket.write(letter);
      await pause(20);
    }
    await gone;
    const body = shell.raw(`GET / HTTP/1.1\r\nHost: ${shell.host}\r\nContent-Length: 1000000\r\n\r\nx`);
    expect(statusOf(await body)).toBe(401);
  });

  it('a flood of connections ends at a limit, and the console answers after it', async () => {
    const { Cookie } = await shell.openWindow();
    const sockets = Array.from({ length: 400 }, () =>
      net.connect({ host: '127.0.0.1', port: shell.port }).on('error', () => undefined),
    );
    let closed = 0;
    await new Promise<void>((resolve) => {
      for (const socket of sockets) socket.on('close', () => (closed += 1) === 400 - 256 && resolve());
    });
    for (const socket of sockets) socket.destroy();
    await vi.waitFor(async () => expect(await shell.ask({ headers: { Cookie } })).toContain(PAGE_TEXT));
  });

  it('only 127.0.0.1 listens', async () => {
    const others = Object.values(os.networkInterfaces()).flatMap((found) => found ?? []);
    const addresses = ['::1', '127.0.0.2', ...others.filter(({ internal }) => !internal).map(({ address }) => address)];
    for (const address of addresses) {
      expect([address, await shell.raw('GET / HTTP/1.1\r\n\r\n', address)]).toEqual([address, '']);
    }
  });
});

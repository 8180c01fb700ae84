/** Both shells' lines to a console, as a hostile window has them. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { WebSocket } from 'ws';
import type { ConsoleRouter } from '../../../src-main/app/console-router.ts';
import { writePageList } from '../../../src-main/app/page-list.ts';
import { startBrowserServer } from '../../../src-main/browser/browser-server.ts';
import {
  createConsolePort,
  type ConsolePort,
  type ConsolePortOptions,
} from '../../../src-main/electron/console-port.ts';

export interface HostileLine {
  send(data: unknown): void;
  /** Bytes below the frames; absent where there are none. */
  readonly sendRaw?: (bytes: Buffer) => void;
  /** Resolves when the other side hung up. */
  readonly closed: Promise<void>;
  end(): void;
}

export interface HostileShell {
  readonly name: string;
  readonly carries: 'bytes' | 'clones';
  dial(hear: (text: string) => void): Promise<HostileLine>;
  close(): Promise<void>;
}

/** The real server of the browser shell, over its real WebSocket. */
export async function browserShell(router: ConsoleRouter): Promise<HostileShell> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-hostile-'));
  writeFileSync(path.join(folder, 'index.html'), 'page');
  writePageList(folder, ['index.html']);
  const nowMs = (): number => performance.now();
  const server = await startBrowserServer({ router, pageFolder: folder, random: randomBytes, nowMs });
  const opened = await fetch(server.newAddress(), { redirect: 'manual' });
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
  const key = opened.headers.get('location')?.split('=')[1] ?? '';
  const headers = { cookie, origin: server.origin };
  return {
    name: 'browser',
    carries: 'bytes',
    async dial(hear) {
      const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/rpc`, [`tenantdesk.${key}`], { headers });
      socket.on('error', () => undefined);
      socket.on('message', (data: Buffer) => hear(data.toString()));
      const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
      await new Promise<void>((resolve, reject) => {
        socket.on('open', () => resolve());
        socket.on('unexpected-response', (_request, { statusCode }) =>
          reject(new Error(`The dialling was answered ${statusCode}.`)),
        );
      });
      // There is no other way below the frames.
      const { _socket: raw } = socket as unknown as { readonly _socket: Socket };
      return {
        send: (data) => socket.send(data as string | Buffer),
        sendRaw: (bytes) => void raw.write(bytes),
        closed,
        end: () => socket.terminate(),
      };
    },
    async close() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The port that the Electron shell hands to its window, over Node's channel: the same cloning, without the program. */
export async function electronShell(router: ConsoleRouter): Promise<HostileShell> {
  const port = createConsolePort({
    router: Promise.resolve(router),
    openChannel: () => {
      const { port1, port2 } = new MessageChannel();
      return { port1: asElectrons(port1), port2 } as unknown as ReturnType<ConsolePortOptions['openChannel']>;
    },
    onError: () => undefined,
  });
  return {
    name: 'electron',
    carries: 'clones',
    async dial(hear) {
      const handed = Promise.withResolvers<MessagePort>();
      const frame = {
        postMessage: (_channel: string, _message: unknown, [end]: MessagePort[]) => handed.resolve(end!),
      };
      port.handTo(frame as unknown as Parameters<ConsolePort['handTo']>[0]);
      const end = await handed.promise;
      end.on('message', (text: unknown) => hear(String(text)));
      const closed = new Promise<void>((resolve) => end.on('close', () => resolve()));
      return { send: end.postMessage.bind(end), closed, end: () => end.close() };
    },
    async close() {
      port.close();
    },
  };
}

/** Electron's port wraps what comes in an event, and starts by hand. */
function asElectrons(port: MessagePort): object {
  return {
    postMessage: (data: unknown) => port.postMessage(data),
    on(event: 'message' | 'close', listener: (event: { readonly data: unknown }) => void) {
      // Node's port would start itself when it is listened to.
      if (event === 'message') port.addListener('message', (data: unknown) => listener({ data }));
      else port.on('close', () => listener({ data: undefined }));
    },
    start: () => port.start(),
    close: () => port.close(),
  };
}

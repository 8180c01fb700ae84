import { implement } from '@orpc/server';
import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { describe, expect, it, vi } from 'vitest';
import type { IpcMainEvent, MessagePortMain } from 'electron';
import type { ConsoleRouter } from '../app/console-router.ts';
import { contract, type Contract } from '../contract/contract.ts';
import { createFakeConsole } from '../testing/fake-console.ts';
import { fakeSession } from '../testing/fake-session.ts';
import { APP_ORIGIN } from './app-protocol.ts';
import { createConsolePort, isOurPage } from './console-port.ts';
import { PORT_CHANNEL } from './port-names.ts';

type Asking = Pick<IpcMainEvent, 'sender' | 'senderFrame'>;

describe('who gets the port', () => {
  const page = { parent: null, detached: false, origin: APP_ORIGIN, url: `${APP_ORIGIN}/` };
  const asking = (frame: object | null, id = 7): Asking =>
    ({ sender: { id }, senderFrame: frame }) as unknown as Asking;

  it('is the page of the window', () => {
    expect(isOurPage(asking(page), 7)).toBe(true);
  });

  it.each([
    ['another window', asking(page, 8)],
    ['a frame that is gone', asking(null)],
    ['a frame that was taken out', asking({ ...page, detached: true })],
    ['a frame inside the page', asking({ ...page, parent: page })],
    ['a page that is not loaded yet', asking({ ...page, origin: 'null', url: 'about:blank' })],
    ['a page without an address', asking({ ...page, origin: '' })],
    ['another site', asking({ ...page, origin: 'https://evil.example' })],
    ['a site that begins like ours', asking({ ...page, origin: 'app://console.evil.example' })],
    ['another host of the scheme', asking({ ...page, origin: 'app://other' })],
    ['a page that only has our address', asking({ ...page, origin: 'null' })],
  ])('is never %s', (_name, event) => {
    expect(isOurPage(event, 7)).toBe(false);
  });
});

/** Two joined ends that behave like Electron's: asynchronous, started by hand, closing one tells the other. */
class FakePort extends EventEmitter {
  other: FakePort | undefined;
  open = true;
  started = false;
  readonly waiting: unknown[] = [];
  postMessage(data: unknown): void {
    this.send(data);
  }
  send(data: unknown): void {
    if (this.open) this.other?.arrive(data);
  }
  arrive(data: unknown): void {
    if (this.started) queueMicrotask(() => this.emit('message', { data, ports: [] }));
    else this.waiting.push(data);
  }
  start(): void {
    this.started = true;
    for (const data of this.waiting.splice(0)) this.arrive(data);
  }
  close(): void {
    if (!this.open) return;
    this.open = false;
    if (this.other) this.other.open = false;
    this.other?.emit('close');
  }
}

function setUp(router: Promise<ConsoleRouter> = Promise.resolve(createFakeConsole({ frameMs: 5 }).router)) {
  const errors: unknown[] = [];
  const handed: FakePort[] = [];
  const port = createConsolePort({
    router,
    openChannel: () => {
      const port1 = new FakePort();
      const port2 = new FakePort();
      port1.other = port2;
      port2.other = port1;
      return { port1, port2 };
    },
    onError: (error) => errors.push(error),
  });
  const frame = {
    postMessage: (channel: string, message: unknown, ports: MessagePortMain[]) => {
      expect([channel, message]).toEqual([PORT_CHANNEL, null]);
      expect(ports).toHaveLength(1);
      handed.push(ports[0] as unknown as FakePort);
    },
  };
  const hand = (): FakePort => {
    port.handTo(frame as unknown as Parameters<typeof port.handTo>[0]);
    return handed.at(-1)!;
  };
  return { port, hand, errors };
}

function clientOf(port: FakePort): ContractRouterClient<Contract> {
  const client: ContractRouterClient<Contract> = createORPCClient(new RPCLink({ port }));
  port.start();
  return client;
}

describe('the port', () => {
  it('carries calls and streams with dates and bigints', async () => {
    const { hand } = setUp();
    const client = clientOf(hand());
    const { entries, asOf } = await client.audit.list({ limit: 10 });
    expect(entries).toEqual([]);
    expect(asOf).toBeInstanceOf(Date);
    for await (const frame of await client.board.watch()) {
      expect(frame.kind).toBe('snapshot');
      expect(typeof frame.summary.committedNanoUsd).toBe('bigint');
      break;
    }
  });

  it('may be asked for before the console is there: calls wait in it', async () => {
    const router = Promise.withResolvers<ConsoleRouter>();
    const { hand } = setUp(router.promise);
    const answer = clientOf(hand()).audit.list({ limit: 1 });
    router.resolve(createFakeConsole().router);
    expect((await answer).entries).toEqual([]);
  });

  it('says nothing more than once when the console never comes', async () => {
    const { hand, errors } = setUp(Promise.reject(new Error('no platform')));
    hand();
    await vi.waitFor(() => expect(errors).toEqual([new Error('no platform')]));
  });

  it('is one at a time: a reloaded page ends the streams of the page before', async () => {
    const ended = Promise.withResolvers<void>();
    const { hand } = setUp(Promise.resolve(watchedRouter(ended.resolve)));
    const first = hand();
    const stream = await clientOf(first).session.watch();
    await stream.next();
    const second = hand();
    await ended.promise;
    expect(first.open).toBe(false);
    expect(second.open).toBe(true);
  });

  it('ends its streams when the page is gone, and when the window is closed', async () => {
    for (const end of ['page', 'window'] as const) {
      const ended = Promise.withResolvers<void>();
      const { hand, port } = setUp(Promise.resolve(watchedRouter(ended.resolve)));
      const handed = hand();
      await (await clientOf(handed).session.watch()).next();
      if (end === 'page') handed.close();
      else port.close();
      await ended.promise;
    }
  });

  it('is closed for what no page of ours sends', async () => {
    for (const message of [
      { i: '1', p: { u: '/audit/list', b: {} } },
      new Uint8Array(8),
      null,
      7,
      'x'.repeat(262_145),
    ]) {
      const { hand, errors } = setUp();
      const handed = hand();
      const closed = Promise.withResolvers<void>();
      handed.on('close', closed.resolve);
      handed.send(message);
      await closed.promise;
      expect(String(errors)).toContain('its line was closed');
    }
  });

  it('survives any text, and the window is handed a next port', async () => {
    const { hand, errors } = setUp();
    const shaped = fc.record({ i: fc.anything(), t: fc.anything(), p: fc.anything() }, { requiredKeys: [] });
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      shaped.map((value) => String(toJson(value))),
    );
    fc.assert(
      fc.property(texts, (text) => hand().send(text)),
      { numRuns: 500 },
    );
    expect((await clientOf(hand()).audit.list({ limit: 1 })).entries).toEqual([]);
    expect(errors.length).toBeGreaterThan(0);
  });
});

function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
  } catch {
    return '{';
  }
}

/** A console whose session stream tells when it ended. */
function watchedRouter(onEnded: () => void): ConsoleRouter {
  const { router } = createFakeConsole();
  const os = implement(contract);
  const watch = os.session.watch.handler(async function* ({ signal }) {
    try {
      yield fakeSession(new Date(0), { shell: 'electron' });
      await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
    } finally {
      onEnded();
    }
  });
  return { ...router, session: { ...router.session, watch } };
}

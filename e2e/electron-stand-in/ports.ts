import type { MessagePortMain } from 'electron';
import { PORT_EVENTS } from './event-names.ts';
import { createEvents, refused, strict } from './strict.ts';

/** Where messages of a port go that was handed to a page. */
export interface PortSink {
  message(data: string): void;
  close(): void;
}

export interface PortEnd {
  readonly port: Pick<MessagePortMain, 'postMessage' | 'start' | 'close' | 'on' | 'once'>;
  /** The end goes to a page: it cannot be used here any more. */
  transfer(sink: PortSink): PageEnd;
}

/** The page's side of a transferred end. */
export interface PageEnd {
  post(data: string): void;
  close(): void;
}

const ends = new WeakMap<object, PortEnd>();

/** The end behind a port that main holds. */
export function endOf(port: object): PortEnd {
  const end = ends.get(port);
  if (!end) throw refused('what was handed over is no MessagePortMain');
  return end;
}

interface Inner extends PortEnd {
  receive(data: string): void;
  peerClosed(): void;
}

/** Two ends; messages are text (the stand-in clones nothing), kept until the receiver is started. */
export function createChannel(): { port1: PortEnd['port']; port2: PortEnd['port'] } {
  const first: Inner = createEnd(() => second);
  const second: Inner = createEnd(() => first);
  return { port1: first.port, port2: second.port };
}

function createEnd(peer: () => Inner): Inner {
  const events = createEvents('MessagePortMain', PORT_EVENTS);
  const waiting: string[] = [];
  let state: 'new' | 'started' | 'transferred' | 'closed' = 'new';
  let sink: PortSink | undefined;

  function deliver(): void {
    for (let data = waiting.shift(); data !== undefined; data = waiting.shift()) {
      if (state === 'closed') return;
      if (sink) sink.message(data);
      else events.emit('message', strict('MessageEvent', { data, ports: [] }));
    }
  }
  function close(): void {
    if (state === 'closed') return;
    state = 'closed';
    peer().peerClosed();
  }
  function own(): void {
    if (state === 'transferred') throw refused('a port was used after it had been handed over');
  }
  const target = {
    postMessage(data: unknown) {
      own();
      if (typeof data !== 'string') throw refused('only text passes its ports');
      if (state !== 'closed') peer().receive(data);
    },
    start() {
      own();
      if (state !== 'new') return;
      state = 'started';
      setImmediate(deliver);
    },
    close() {
      own();
      close();
    },
    on(event: 'message' | 'close', listener: (...args: never[]) => unknown) {
      own();
      events.on(event, listener);
      return port;
    },
    once(event: 'message' | 'close', listener: (...args: never[]) => unknown) {
      own();
      events.once(event, listener);
      return port;
    },
  };
  const port = strict('MessagePortMain', target) as unknown as PortEnd['port'];
  const end: Inner = {
    port,
    receive(data) {
      waiting.push(data);
      if (state === 'started' || state === 'transferred') setImmediate(deliver);
    },
    peerClosed() {
      if (state === 'closed') return;
      state = 'closed';
      setImmediate(() => (sink ? sink.close() : events.emit('close')));
    },
    transfer(to) {
      own();
      state = 'transferred';
      sink = to;
      setImmediate(deliver);
      return { post: (data) => peer().receive(data), close };
    },
  };
  ends.set(port, end);
  return end;
}

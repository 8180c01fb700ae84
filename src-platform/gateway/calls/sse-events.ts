const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Splits a stream of server-sent events into whole events, each with its blank line, byte for byte. */
export interface SseSplitter {
  /** The events that are complete with this chunk. */
  push(chunk: Buffer): Buffer[];
  /** What came after the last whole event. */
  rest(): Buffer;
  /** Bytes of that. */
  readonly restBytes: number;
}

export function createSseSplitter(): SseSplitter {
  /** The rest, and room for more of it: what has events in it that were handed out is never written to. */
  let store: Buffer = Buffer.alloc(0);
  let restBytes = 0;

  function append(chunk: Buffer): Buffer {
    const bytes = restBytes + chunk.length;
    if (bytes > store.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes, 2 * restBytes));
      store.copy(larger, 0, 0, restBytes);
      store = larger;
    }
    chunk.copy(store, restBytes);
    return store.subarray(0, bytes);
  }

  return {
    push: (chunk) => {
      // Looked at again are at most the three bytes that can belong to a blank line begun in the last chunk.
      let from = Math.max(0, restBytes - 3);
      const bytes = restBytes === 0 ? chunk : append(chunk);
      const events: Buffer[] = [];
      let start = 0;
      for (let end = eventEnd(bytes, from); end !== -1; end = eventEnd(bytes, from)) {
        events.push(bytes.subarray(start, end));
        start = end;
        from = end;
      }
      if (start > 0 || restBytes === 0) store = bytes.subarray(start);
      restBytes = bytes.length - start;
      return events;
    },
    rest: () => store.subarray(0, restBytes),
    get restBytes() {
      return restBytes;
    },
  };
}

/** Index after the first blank line (LF LF or CR LF CR LF) at or after `from`; -1: none. */
function eventEnd(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(LINE_FEED, from); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) {
    if (bytes[at + 1] === LINE_FEED) return at + 2;
    if (bytes[at + 1] === CARRIAGE_RETURN && bytes[at + 2] === LINE_FEED) return at + 3;
  }
  return -1;
}

const DATA = 'data:';

/** The data of an event, its lines joined; undefined when it has none (a comment, a bare id). */
export function eventData(event: Buffer): string | undefined {
  const data = event
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line.startsWith(DATA))
    .map((line) => line.slice(DATA.length).replace(/^ /, ''));
  return data.length === 0 ? undefined : data.join('\n');
}

const NAME = 'event: ';

/** The name of an event that begins with it, as providers write them; undefined: it begins otherwise. */
export function eventName(event: Buffer): string | undefined {
  if (event.length < NAME.length || event.toString('latin1', 0, NAME.length) !== NAME) return undefined;
  const end = event.indexOf(LINE_FEED);
  return event.toString('latin1', NAME.length, event[end - 1] === CARRIAGE_RETURN ? end - 1 : end);
}

/**
 * Everything that a command opened, closed in the opposite order, once, whatever the reason: a signal, a closed window, a
 * part that died, a parent that is gone (npm killed: no signal comes, but the parent's id changes).
 */
export interface Lifetime {
  /** To be closed later; closers run last in, first out. At once when the end has come already. */
  onClose(name: string, close: () => Promise<void> | void): void;
  /** Begins the end; the first reason counts. Never throws. */
  end(reason: EndReason): void;
  /** Aborted when the end begins: stops what is still being started. */
  readonly signal: AbortSignal;
  /** Resolves when the end begins. */
  readonly begun: Promise<EndReason>;
  /** Resolves when everything is closed. */
  readonly over: Promise<EndReason>;
}

export interface EndReason {
  readonly exitCode: number;
  /** A sentence for the user; absent when they wanted it so. */
  readonly message?: string;
}

const PARENT_POLL_MS = 300;
const CLOSE_TIMEOUT_MS = 15_000;

export interface LifetimeOptions {
  /** The process whose signals count; `ppid` is polled. */
  readonly process: { readonly ppid: number; on(signal: NodeJS.Signals, listener: () => void): unknown };
  /** Hears what could not be closed. */
  readonly say: (line: string) => void;
}

export function createLifetime(options: LifetimeOptions): Lifetime {
  const closers: { name: string; close: () => Promise<void> | void }[] = [];
  const begun = Promise.withResolvers<EndReason>();
  const over = Promise.withResolvers<EndReason>();
  const ended = new AbortController();

  async function closeAll(reason: EndReason): Promise<void> {
    for (let closer = closers.pop(); closer; closer = closers.pop()) {
      await closeOne(closer.name, closer.close, options.say);
    }
    over.resolve(reason);
  }
  function end(reason: EndReason): void {
    if (ended.signal.aborted) return;
    ended.abort();
    clearInterval(parentPoll);
    begun.resolve(reason);
    void closeAll(reason);
  }

  const parent = options.process.ppid;
  const parentPoll = setInterval(() => {
    if (options.process.ppid !== parent) end({ exitCode: 1 });
  }, PARENT_POLL_MS);
  parentPoll.unref();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    options.process.on(signal, () => end({ exitCode: 0 }));
  }
  return {
    onClose(name, close) {
      if (ended.signal.aborted) void closeOne(name, close, options.say);
      else closers.push({ name, close });
    },
    end,
    signal: ended.signal,
    begun: begun.promise,
    over: over.promise,
  };
}

async function closeOne(name: string, close: () => Promise<void> | void, say: (line: string) => void): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not closed after ${CLOSE_TIMEOUT_MS / 1000} s`)), CLOSE_TIMEOUT_MS);
  try {
    await Promise.race([close(), late]);
  } catch (error) {
    say(`tenantdesk: ${name}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

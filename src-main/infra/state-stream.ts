/** Where the values of a stream come from. State, not events: a slow reader gets the newest state, never a backlog. */
export interface StateSource<T> {
  /** Called at the first read; `wake` is to be called whenever `take` may have something. Answers how to leave. */
  start(wake: () => void): () => void;
  /** What the reader should hear now; undefined: nothing new. */
  take(): T | undefined;
  /** True when nothing will come any more. */
  ended(): boolean;
}

/**
 * A stream for one reader. It ends, and leaves its source, when the reader returns, when `signal` aborts (the window
 * left) or when the source ends, also while a read is waiting: an async generator would sit in its `await` until then.
 */
export function streamState<T>(source: StateSource<T>, signal?: AbortSignal): AsyncGenerator<T, void, unknown> {
  let leave: (() => void) | undefined;
  const state = { over: false };
  let waiting: (() => void) | undefined;
  const wake = (): void => {
    waiting?.();
    waiting = undefined;
  };
  function end(): void {
    if (state.over) return;
    state.over = true;
    signal?.removeEventListener('abort', end);
    leave?.();
    wake();
  }
  if (signal?.aborted === true) end();
  else signal?.addEventListener('abort', end, { once: true });

  return {
    async next() {
      if (!state.over) leave ??= source.start(wake);
      while (!state.over) {
        const value = source.take();
        if (value !== undefined) return { done: false, value };
        if (source.ended()) end();
        else await new Promise<void>((resolve) => void (waiting = resolve));
      }
      return { done: true, value: undefined };
    },
    async return() {
      end();
      return { done: true, value: undefined };
    },
    async throw(error) {
      end();
      throw error;
    },
    async [Symbol.asyncDispose]() {
      end();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

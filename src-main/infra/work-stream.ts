import { streamState } from './state-stream.ts';

/**
 * Long work for one reader, who hears its newest state, never a backlog. It begins at the first read; when the reader leaves, its
 * signal is aborted. The last state it told is always heard; its failure is thrown at the reader.
 */
export function streamWork<T extends object>(
  work: (tell: (state: T) => void, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): AsyncGenerator<T, void, unknown> {
  const leaving = new AbortController();
  let newest: T | undefined;
  let failed: { readonly error: unknown } | undefined;
  let over = false;
  return streamState<T>(
    {
      start(wake) {
        const tell = (state: T): void => {
          newest = state;
          wake();
        };
        void work(tell, leaving.signal)
          .catch((error: unknown) => (failed = { error }))
          .finally(() => {
            over = true;
            wake();
          });
        return () => leaving.abort();
      },
      take() {
        if (failed) throw failed.error;
        const state = newest;
        newest = undefined;
        return state;
      },
      ended: () => over,
    },
    signal,
  );
}

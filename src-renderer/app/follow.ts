/**
 * Reads a stream of state until the signal ends it. Lost lines are mended by the link; a stream that ends by itself is
 * opened again after `pauseMs`.
 */
export async function follow<T>(
  open: (options: { signal: AbortSignal; context: { live: true } }) => Promise<AsyncIterable<T>>,
  onValue: (value: T) => void,
  { signal, pauseMs = 1_000 }: { signal: AbortSignal; pauseMs?: number },
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const value of await open({ signal, context: { live: true } })) onValue(value);
    } catch (error) {
      if (signal.aborted) return;
      // eslint-disable-next-line no-console -- the only place where a fault of a stream can be seen
      console.warn('A stream ended with a fault and is opened again.', error);
    }
    await pause(pauseMs, signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

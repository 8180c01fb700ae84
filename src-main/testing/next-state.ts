/**
 * Reads a stream until a value satisfies the test, and answers with it. Fails after `withinMs` with the last value, so that
 * a test says what it saw instead of hanging.
 */
export async function nextState<T>(
  stream: AsyncIterator<T>,
  wanted: (value: T) => boolean,
  withinMs = 10_000,
): Promise<T> {
  let last: T | undefined;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`Not within ${withinMs} ms. Last: ${show(last)}`)), withinMs);
  try {
    for (;;) {
      const result: IteratorResult<T, unknown> = await Promise.race([stream.next(), late.promise]);
      if (result.done === true) throw new Error(`The stream ended. Last: ${show(last)}`);
      last = result.value;
      if (wanted(result.value)) return result.value;
    }
  } finally {
    clearTimeout(timer);
  }
}

function show(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? 'nothing'
  );
}

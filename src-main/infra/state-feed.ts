import { streamState } from './state-stream.ts';

/** One value that changes, with whoever wants to know. */
export interface StateFeed<T> {
  get(): T;
  /** Calls `hear` after each change; the answer stops it. */
  subscribe(hear: (value: T) => void): () => void;
  /** The value now and then each newer one; skips what a slow reader missed. */
  watch(signal?: AbortSignal): AsyncGenerator<T, void, unknown>;
}

export interface WritableStateFeed<T> extends StateFeed<T> {
  set(value: T): void;
  /** Ends every stream. */
  close(): void;
  /** How many listen: streams and subscribers. */
  readonly listeners: number;
}

export function createStateFeed<T extends object>(first: T): WritableStateFeed<T> {
  let value = first;
  let closed = false;
  const hearers = new Set<(value: T) => void>();
  function tell(): void {
    for (const hear of hearers) hear(value);
  }
  function subscribe(hear: (value: T) => void): () => void {
    hearers.add(hear);
    return () => hearers.delete(hear);
  }
  return {
    get: () => value,
    subscribe,
    set(next) {
      if (next === value || closed) return;
      value = next;
      tell();
    },
    close() {
      closed = true;
      tell();
    },
    get listeners() {
      return hearers.size;
    },
    watch(signal) {
      let shown: T | undefined;
      return streamState<T>(
        {
          start: (wake) => subscribe(() => wake()),
          take() {
            if (shown === value) return undefined;
            shown = value;
            return value;
          },
          ended: () => closed,
        },
        signal,
      );
    },
  };
}

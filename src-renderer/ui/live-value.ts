import { useSyncExternalStore } from 'react';

/** A value outside React that parts of the screen can watch. Values are replaced, never changed in place. */
export interface LiveValue<T> {
  get: () => T;
  /** Calls back after each change; answers with the function that ends it. */
  subscribe: (listener: () => void) => () => void;
}

export interface SettableLiveValue<T> extends LiveValue<T> {
  set: (next: T) => void;
}

export function createLiveValue<T>(initial: T): SettableLiveValue<T> {
  let current = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => current,
    set(next) {
      if (Object.is(next, current)) return;
      current = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useLiveValue<T>(value: LiveValue<T>): T {
  return useSyncExternalStore(value.subscribe, value.get);
}

import { createLiveValue, type LiveValue } from './live-value.ts';

/**
 * Work that takes a while and tells how far it is.
 *
 *   idle ── start ──▶ running ── its stream ends ──▶ done, with the last it told
 *                     running ── cancel ──▶ cancelled      running ── fault ──▶ failed
 *
 * From everywhere but running it can be started again.
 */
export type WorkState<T> =
  | { readonly kind: 'idle' | 'cancelled' }
  | { readonly kind: 'running'; readonly progress: T | null }
  | { readonly kind: 'done'; readonly result: T }
  | { readonly kind: 'failed'; readonly reason: string };

export interface LongWork<T> {
  readonly state: LiveValue<WorkState<T>>;
  /** Begins, unless it runs already. It goes on when its part of the screen is left. */
  start(open: (options: { signal: AbortSignal }) => Promise<AsyncIterable<T>>): void;
  cancel(): void;
}

export function createLongWork<T>(): LongWork<T> {
  const state = createLiveValue<WorkState<T>>({ kind: 'idle' });
  let leaving = new AbortController();

  async function run(open: Parameters<LongWork<T>['start']>[0], { signal }: AbortController): Promise<void> {
    let last: T | null = null;
    try {
      for await (const progress of await open({ signal })) {
        if (signal.aborted) return;
        last = progress;
        state.set({ kind: 'running', progress });
      }
      if (signal.aborted) return;
      state.set(
        last === null ? { kind: 'failed', reason: 'It ended without a word.' } : { kind: 'done', result: last },
      );
    } catch (error) {
      if (!signal.aborted) {
        state.set({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
      }
    }
  }

  return {
    state,
    start(open) {
      if (state.get().kind === 'running') return;
      leaving = new AbortController();
      state.set({ kind: 'running', progress: null });
      void run(open, leaving);
    },
    cancel() {
      if (state.get().kind !== 'running') return;
      leaving.abort();
      state.set({ kind: 'cancelled' });
    },
  };
}

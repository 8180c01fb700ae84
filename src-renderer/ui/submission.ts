import { ORPCError } from '@orpc/client';
import { useState } from 'react';
import { ConnectionLost } from './connection-lost.ts';
import { createLiveValue, useLiveValue, type LiveValue } from './live-value.ts';

/**
 * One change that is sent from a form, from the click to its end:
 *
 *   open ──submit──▶ pending ──agreed──▶ done
 *                      ├──no──▶ refused ──submit──▶ pending (a new idempotency key: the contents are others)
 *                      └──line or database away──▶ unanswered ──again, same key and contents──▶ pending
 *
 * While pending nothing else is sent: a double click is one change.
 */
export type Submission<Result> =
  | { state: 'open' | 'pending' }
  | { state: 'refused' | 'unanswered'; sentence: string }
  | { state: 'done'; result: Result };

export interface Submitter<Input, Result> {
  now: LiveValue<Submission<Result>>;
  submit: (input: Input) => void;
  /** When nobody knows: the very same again; if it had its effect, the answer is that. */
  again: () => void;
  /** Forgets the answer, and with it what must not be kept. */
  reset: () => void;
}

export interface SubmitterOptions<Input, Result> {
  send: (input: Input, idempotencyKey: string) => Promise<Result>;
  newKey: () => string;
  onDone?: (result: Result) => void;
}

/** It is under way, or nobody knows how it went: nothing else can be sent. */
export function isBusy({ state }: Submission<unknown>): boolean {
  return state === 'pending' || state === 'unanswered';
}

const UNREADABLE = 'The console gave no answer that can be read. Look at what is there before you try again.';

export function createSubmitter<Input, Result>(options: SubmitterOptions<Input, Result>): Submitter<Input, Result> {
  const { send, newKey, onDone } = options;
  const now = createLiveValue<Submission<Result>>({ state: 'open' });
  let last: { input: Input; key: string } | null = null;

  async function run(sent: { input: Input; key: string }): Promise<void> {
    last = sent;
    now.set({ state: 'pending' });
    try {
      const result = await send(sent.input, sent.key);
      last = null;
      now.set({ state: 'done', result });
      onDone?.(result);
    } catch (error) {
      const away = error instanceof ConnectionLost || (error instanceof ORPCError && error.code === 'UNAVAILABLE');
      if (away) now.set({ state: 'unanswered', sentence: error.message });
      else now.set({ state: 'refused', sentence: error instanceof ORPCError ? error.message : UNREADABLE });
    }
  }

  return {
    now,
    submit(input) {
      const { state } = now.get();
      if (state === 'open' || state === 'refused') void run({ input, key: newKey() });
    },
    again() {
      if (now.get().state === 'unanswered' && last !== null) void run(last);
    },
    reset() {
      if (now.get().state === 'pending') return;
      last = null;
      now.set({ state: 'open' });
    },
  };
}

/** A submitter for as long as the component lives; what it answered goes with it. */
export function useSubmitter<Input, Result>(
  options: SubmitterOptions<Input, Result>,
): Submitter<Input, Result> & { state: Submission<Result>; busy: boolean } {
  const [submitter] = useState(() => createSubmitter(options));
  const state = useLiveValue(submitter.now);
  return { ...submitter, state, busy: isBusy(state) };
}

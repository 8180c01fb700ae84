import { fallbackORPCErrorMessage, ORPCError } from '@orpc/client';
import type { ChangeCapInput, ChangeCapOutput } from '../../src-main/contract/caps.ts';
import { ConnectionLost } from '../ui/connection-lost.ts';
import { createLiveValue, type LiveValue, type SettableLiveValue } from '../ui/live-value.ts';

/** The cap as the operator saw it when deciding. */
export interface SeenCap {
  tenantId: string;
  capId: string;
  version: number;
  limitNanoUsd: bigint;
}

export type CapIntent = ChangeCapInput['change'];

/** What another operator made of the cap meanwhile. */
export interface TheirCap {
  limitNanoUsd: bigint;
  version: number;
  by: string | null;
  at: Date | null;
}

/**
 * One change of one cap, from the click to its end:
 *
 *   (nothing) ──change──▶ pending ──agreed──▶ done ──(new change, or dismissed)──▶ …
 *                           │ ├──somebody was faster──▶ conflict ──apply mine──▶ pending
 *                           │ │                                  └─keep theirs──▶ (nothing)
 *                           │ ├──no──▶ refused ──dismiss──▶ (nothing)
 *                           │ └──line broke──▶ unanswered ──send again, same key──▶ pending
 *                           └── a second click while pending, or within 500 ms of the first, changes nothing
 *
 * One idempotency key a click: it is made when `change` or `applyMine` begins and kept by `sendAgain`.
 */
export type CapChange =
  | { state: 'pending'; seen: SeenCap; intent: CapIntent; key: string }
  | { state: 'done'; seen: SeenCap; intent: CapIntent; result: ChangeCapOutput; atMs: number }
  | { state: 'conflict'; seen: SeenCap; intent: CapIntent; theirs: TheirCap }
  | { state: 'refused'; seen: SeenCap; intent: CapIntent; sentence: string }
  | { state: 'unanswered'; seen: SeenCap; intent: CapIntent; key: string };

export interface CapChanges {
  of: (capId: string) => LiveValue<CapChange | null>;
  /** False: not begun, because one is open or this was the second half of a double click. */
  change: (seen: SeenCap, intent: CapIntent) => boolean;
  /** After a conflict: the same wish, on the cap as it is now. */
  applyMine: (capId: string) => void;
  /** After a broken line: the very same request; if it had its effect, the database answers with that. */
  sendAgain: (capId: string) => void;
  dismiss: (capId: string) => void;
}

export interface CapChangesOptions {
  send: (input: ChangeCapInput) => Promise<ChangeCapOutput>;
  newKey: () => string;
  nowMs: () => number;
  onDone: (result: ChangeCapOutput) => void;
  /** The cap in the database is another than the one seen. */
  onConflict: (seen: SeenCap, theirs: TheirCap) => void;
}

const DOUBLE_CLICK_MS = 500;

export function createCapChanges({ send, newKey, nowMs, onDone, onConflict }: CapChangesOptions): CapChanges {
  const changes = new Map<string, SettableLiveValue<CapChange | null>>();
  const lastClick = new Map<string, number>();

  function value(capId: string): SettableLiveValue<CapChange | null> {
    const known = changes.get(capId);
    if (known) return known;
    const made = createLiveValue<CapChange | null>(null);
    changes.set(capId, made);
    return made;
  }

  async function run(seen: SeenCap, intent: CapIntent, key: string): Promise<void> {
    const slot = value(seen.capId);
    slot.set({ state: 'pending', seen, intent, key });
    try {
      const { tenantId, capId, version } = seen;
      const result = await send({ tenantId, capId, expectedVersion: version, idempotencyKey: key, change: intent });
      onDone(result);
      slot.set({ state: 'done', seen, intent, result, atMs: nowMs() });
    } catch (error) {
      const ended = endOf(error, seen, intent, key);
      if (ended.state === 'conflict') onConflict(seen, ended.theirs);
      slot.set(ended);
    }
  }

  return {
    of: value,
    change(seen, intent) {
      const now = nowMs();
      if (value(seen.capId).get()?.state === 'pending') return false;
      if (now - (lastClick.get(seen.capId) ?? Number.NEGATIVE_INFINITY) < DOUBLE_CLICK_MS) return false;
      lastClick.set(seen.capId, now);
      void run(seen, intent, newKey());
      return true;
    },
    applyMine(capId) {
      const now = value(capId).get();
      if (now?.state !== 'conflict') return;
      const { version, limitNanoUsd } = now.theirs;
      void run({ ...now.seen, version, limitNanoUsd }, now.intent, newKey());
    },
    sendAgain(capId) {
      const now = value(capId).get();
      if (now?.state === 'unanswered') void run(now.seen, now.intent, now.key);
    },
    dismiss(capId) {
      if (value(capId).get()?.state !== 'pending') value(capId).set(null);
    },
  };
}

function endOf(error: unknown, seen: SeenCap, intent: CapIntent, key: string): CapChange {
  if (error instanceof ConnectionLost) return { state: 'unanswered', seen, intent, key };
  if (!(error instanceof ORPCError)) {
    return {
      state: 'refused',
      seen,
      intent,
      sentence: 'The console gave no answer that can be read. The cap is unchanged.',
    };
  }
  const code = String(error.code);
  const theirs = code === 'CONFLICT' ? theirCap(error.data) : null;
  if (theirs) return { state: 'conflict', seen, intent, theirs };
  return { state: 'refused', seen, intent, sentence: sentenceOf(code, error.message) };
}

function theirCap(data: unknown): TheirCap | null {
  const cap = property(data, 'cap');
  const limitNanoUsd = property(cap, 'currentLimitNanoUsd');
  const version = property(cap, 'currentVersion');
  const by = property(cap, 'changedBy');
  const at = property(cap, 'changedAt');
  if (typeof limitNanoUsd !== 'bigint' || typeof version !== 'number') return null;
  return { limitNanoUsd, version, by: typeof by === 'string' ? by : null, at: at instanceof Date ? at : null };
}

function property(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;
}

/** Main's sentence; where it has none, what the code means for the operator. */
function sentenceOf(code: string, message: string): string {
  const own = message !== '' && message !== code && message !== fallbackORPCErrorMessage(code, undefined);
  if (own && !/^(Input|Output) validation failed/.test(message)) return message;
  return SENTENCES[code] ?? 'The console met a fault it did not expect. Look at the cap before you try again.';
}

const SENTENCES: Readonly<Record<string, string>> = {
  BAD_REQUEST: 'The platform does not take this value for a cap. The cap is unchanged.',
  UNAUTHORIZED: 'You are not signed in any more. The cap is unchanged.',
  FORBIDDEN: 'Your role may not make this change. The cap is unchanged.',
  NOT_FOUND: 'This cap does not exist any more.',
  CONFLICT: 'The cap was changed meanwhile. Look at its value, then decide again.',
  UNAVAILABLE: 'The database can’t be reached. The cap is unchanged; try again when it is back.',
};

import { fallbackORPCErrorMessage, ORPCError } from '@orpc/client';
import type {
  AddOverrideInput,
  ChangeCapInput,
  ChangeCapOutput,
  ChangeOverrideOutput,
  OverrideEnd,
  RemoveOverrideInput,
  UndoCapInput,
} from '../../src-main/contract/caps.ts';
import { ConnectionLost } from '../ui/connection-lost.ts';
import { createLiveValue, type LiveValue, type SettableLiveValue } from '../ui/live-value.ts';

/** The cap as the operator saw it when deciding. */
export interface SeenCap {
  tenantId: string;
  capId: string;
  version: number;
  limitNanoUsd: bigint;
  /** What temporary raises added to it. */
  overrideNanoUsd: bigint;
}

export type LimitIntent = ChangeCapInput['change'];
export type OverrideIntent = { kind: 'override'; amountNanoUsd: bigint; end: OverrideEnd };
export type CapIntent =
  LimitIntent | OverrideIntent | { kind: 'undo' } | { kind: 'remove'; overrideId: string; amountNanoUsd: bigint };

/** What another operator made of the cap meanwhile. */
export interface TheirCap {
  limitNanoUsd: bigint;
  overrideNanoUsd: bigint;
  version: number;
  by: string | null;
  at: Date | null;
}

/** A change the database agreed to. `undoForMs`: so long it can be undone; null: never. `endsAt`: of an override. */
export type CapResult = Omit<ChangeCapOutput, 'changedAt'> & { endsAt?: Date | null };

/** What went to the database. `sentMs`: the click, by this window's monotonic clock. */
interface Sent {
  seen: SeenCap;
  intent: CapIntent;
  key: string;
  sentMs: number;
}

/**
 * One change of one cap, from the click to its end:
 *
 *   (nothing) ──change──▶ pending ──agreed──▶ done ──undo──▶ pending … done ──(new change, or dismissed)──▶ …
 *                           │ ├──somebody was faster──▶ conflict ──apply mine──▶ pending
 *                           │ │                                  └─keep theirs──▶ (nothing)
 *                           │ ├──no──▶ refused ──dismiss──▶ (nothing)
 *                           │ └──line broke──▶ unanswered ──send again, same key──▶ pending
 *                           └── a second click while pending, or on the same thing within 500 ms, changes nothing
 *
 * One idempotency key a click: it is made when `change`, `undo` or `applyMine` begins and kept by `sendAgain`. An undo or a
 * removal that somebody was faster with has nothing left to apply: it is refused, with what the database says.
 */
export type CapChange =
  | ({ state: 'pending' } & Sent)
  | { state: 'done'; seen: SeenCap; intent: CapIntent; result: CapResult; atMs: number; sentMs: number }
  | { state: 'conflict'; seen: SeenCap; intent: LimitIntent | OverrideIntent; theirs: TheirCap }
  | { state: 'refused'; seen: SeenCap; intent: CapIntent; sentence: string }
  | ({ state: 'unanswered' } & Sent);

export interface CapChanges {
  of: (capId: string) => LiveValue<CapChange | null>;
  /** False: not begun, because one is open or this was the second half of a double click on the same thing. */
  change: (seen: SeenCap, intent: CapIntent) => boolean;
  /** Milliseconds for which the operator's last change of this cap, now at `version`, can still be undone; 0: it can't. */
  undoLeftMs: (capId: string, version: number) => number;
  /** Takes the last change back; nothing when it can't be undone any more. */
  undo: (capId: string, version: number) => void;
  /** After a conflict: the same wish, on the cap as it is now. */
  applyMine: (capId: string) => void;
  /** After a broken line: the very same request; if it had its effect, the database answers with that. */
  sendAgain: (capId: string) => void;
  dismiss: (capId: string) => void;
}

/** The calls of the contract that change a cap. */
export interface CapCalls {
  change: (input: ChangeCapInput) => Promise<ChangeCapOutput>;
  undo: (input: UndoCapInput) => Promise<ChangeCapOutput>;
  addOverride: (input: AddOverrideInput) => Promise<ChangeOverrideOutput>;
  removeOverride: (input: RemoveOverrideInput) => Promise<ChangeOverrideOutput>;
}

export interface CapChangesOptions {
  calls: CapCalls;
  newKey: () => string;
  nowMs: () => number;
  onDone: (result: CapResult) => void;
  /** The cap in the database is another than the one seen. */
  onConflict: (seen: SeenCap, theirs: TheirCap) => void;
}

const DOUBLE_CLICK_MS = 500;

export function createCapChanges({ calls, newKey, nowMs, onDone, onConflict }: CapChangesOptions): CapChanges {
  const changes = new Map<string, SettableLiveValue<CapChange | null>>();
  const lastClick = new Map<string, number>();

  function value(capId: string): SettableLiveValue<CapChange | null> {
    const known = changes.get(capId);
    if (known) return known;
    const made = createLiveValue<CapChange | null>(null);
    changes.set(capId, made);
    return made;
  }

  async function run(sent: Sent): Promise<void> {
    const { seen, intent, sentMs } = sent;
    const slot = value(seen.capId);
    slot.set({ state: 'pending', ...sent });
    try {
      const result = await send(calls, sent);
      onDone(result);
      slot.set({ state: 'done', seen, intent, result, atMs: nowMs(), sentMs });
    } catch (error) {
      const theirs = theirCapOf(error);
      if (theirs) onConflict(seen, theirs);
      slot.set(endOf(error, theirs, sent));
    }
  }

  function begin(seen: SeenCap, intent: CapIntent): void {
    void run({ seen, intent, key: newKey(), sentMs: nowMs() });
  }

  function undoLeftMs(capId: string, version: number): number {
    const now = value(capId).get();
    // Counted from the click, which was before the change: the database gives up no earlier.
    if (now?.state !== 'done' || now.result.undoForMs === null || now.result.version !== version) return 0;
    return Math.max(0, now.sentMs + now.result.undoForMs - nowMs());
  }

  return {
    of: value,
    change(seen, intent) {
      const now = nowMs();
      if (value(seen.capId).get()?.state === 'pending') return false;
      const button = `${seen.capId} ${intent.kind}`;
      if (now - (lastClick.get(button) ?? Number.NEGATIVE_INFINITY) < DOUBLE_CLICK_MS) return false;
      lastClick.set(button, now);
      begin(seen, intent);
      return true;
    },
    undoLeftMs,
    undo(capId, version) {
      const now = value(capId).get();
      if (now?.state !== 'done' || undoLeftMs(capId, version) === 0) return;
      const { limitNanoUsd, overrideNanoUsd } = now.result;
      begin({ ...now.seen, version, limitNanoUsd, overrideNanoUsd }, { kind: 'undo' });
    },
    applyMine(capId) {
      const now = value(capId).get();
      if (now?.state !== 'conflict') return;
      const { version, limitNanoUsd, overrideNanoUsd } = now.theirs;
      begin({ ...now.seen, version, limitNanoUsd, overrideNanoUsd }, now.intent);
    },
    sendAgain(capId) {
      const now = value(capId).get();
      if (now?.state !== 'unanswered') return;
      const { seen, intent, key, sentMs } = now;
      void run({ seen, intent, key, sentMs });
    },
    dismiss(capId) {
      if (value(capId).get()?.state !== 'pending') value(capId).set(null);
    },
  };
}

async function send(calls: CapCalls, { seen, intent, key: idempotencyKey }: Sent): Promise<CapResult> {
  const { tenantId, capId, version: expectedVersion } = seen;
  const cap = { tenantId, capId, expectedVersion, idempotencyKey };
  if (intent.kind === 'undo') return calls.undo(cap);
  if (intent.kind === 'override') {
    const { amountNanoUsd, end } = intent;
    return { ...(await calls.addOverride({ ...cap, amountNanoUsd, end })), undoForMs: null };
  }
  if (intent.kind === 'remove') {
    const { overrideId } = intent;
    const { endsAt: _ended, ...result } = await calls.removeOverride({ tenantId, overrideId, idempotencyKey });
    return { ...result, undoForMs: null };
  }
  return calls.change({ ...cap, change: intent });
}

function endOf(error: unknown, theirs: TheirCap | null, sent: Sent): CapChange {
  const { seen, intent } = sent;
  if (error instanceof ConnectionLost) return { state: 'unanswered', ...sent };
  if (!(error instanceof ORPCError)) {
    return {
      state: 'refused',
      seen,
      intent,
      sentence: 'The console gave no answer that can be read. The cap is unchanged.',
    };
  }
  if (theirs && intent.kind !== 'undo' && intent.kind !== 'remove') return { state: 'conflict', seen, intent, theirs };
  return { state: 'refused', seen, intent, sentence: sentenceOf(String(error.code), error.message) };
}

function theirCapOf(error: unknown): TheirCap | null {
  if (!(error instanceof ORPCError) || String(error.code) !== 'CONFLICT') return null;
  const cap = property(error.data, 'cap');
  const limitNanoUsd = property(cap, 'currentLimitNanoUsd');
  const overrideNanoUsd = property(cap, 'currentOverrideNanoUsd');
  const version = property(cap, 'currentVersion');
  const by = property(cap, 'changedBy');
  const at = property(cap, 'changedAt');
  if (typeof limitNanoUsd !== 'bigint' || typeof overrideNanoUsd !== 'bigint' || typeof version !== 'number') {
    return null;
  }
  return {
    limitNanoUsd,
    overrideNanoUsd,
    version,
    by: typeof by === 'string' ? by : null,
    at: at instanceof Date ? at : null,
  };
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

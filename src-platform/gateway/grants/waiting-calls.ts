import type { Balance } from './balance.ts';
import type { GrantScope } from './grant-authority.ts';

/** A cap as it stood at a decision, nano-USD. */
export interface ScopeFigures {
  readonly scope: GrantScope;
  readonly committed: bigint;
  readonly held: bigint;
}

/** What a call may be let through for. */
export interface LowerBound {
  /** Nano-USD. */
  readonly bound: bigint;
  /** Output tokens that each of its answers is cut to for that; null: none. */
  readonly trimmedTo: number | null;
}

/** The bound under which a call fits in what remains (nano-USD); undefined: none. May be asked again with another rest. */
export type LowerBounds = (remaining: bigint) => LowerBound | undefined;

/** What came of the wish to take a call's bound. */
export type Taken =
  | ({ readonly kind: 'taken' } & LowerBound)
  /** The figures of the cap that failed are those of the decision, in nano-USD. */
  | {
      readonly kind: 'refused';
      readonly scope: GrantScope;
      readonly committed: bigint;
      /** Open calls, and those that were let through in the same breath. */
      readonly held: bigint;
      /** Every cap of the call with its own figures, in the order in which they are asked. */
      readonly scopes: readonly ScopeFigures[];
      /** The most that could have been taken. */
      readonly remaining: bigint;
    }
  /** The wallet serves no new calls: its period or an override is over or the set of caps changed. Ask the book for another. */
  | { readonly kind: 'retired' }
  | { readonly kind: 'uncapped' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'unverifiable' };

/** `figures`: of a cap's period over all gateways; `promised`: bounds of calls let through in the same breath. */
export function refusedBy(
  failed: GrantScope,
  scopes: readonly GrantScope[],
  figures: (scope: GrantScope) => { readonly committed: bigint; readonly held: bigint },
  promised: bigint,
  remaining: bigint,
): Taken {
  const figuresOf = (scope: GrantScope): ScopeFigures => {
    const { committed, held } = figures(scope);
    return { scope, committed, held: held + promised };
  };
  return { kind: 'refused', ...figuresOf(failed), scopes: scopes.map(figuresOf), remaining };
}

export const RETIRED: Taken = { kind: 'retired' };
export const NO_LOWER_BOUNDS: LowerBounds = () => undefined;

/** What came of calling idle money back: all that hold any gave back what they could, or somebody did not answer. */
export type Recalled = 'all' | 'silent';

interface WaitingCall {
  /** Its bound untrimmed. */
  readonly whole: bigint;
  readonly lowerBounds: LowerBounds;
  /** What it waits for. */
  readonly now: LowerBound;
  /** Instant of admission, milliseconds since the epoch, database clock. */
  readonly at: number;
  /** Of a recall that began after the call came: without one it is not refused. */
  readonly recall: { outcome?: Recalled };
  readonly resolve: (taken: Taken) => void;
}

/** Calls that wait for money, in order of arrival. */
export class WaitingCalls {
  #calls: WaitingCall[] = [];
  /** Only so many from the front are asked for: those behind wait to see what these leave over. */
  #asked = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#calls.length;
  }
  get first(): WaitingCall | undefined {
    return this.#calls[0];
  }

  /** `now`: a lower bound to wait for, where the whole one doesn't fit. */
  add(whole: bigint, at: number, lowerBounds: LowerBounds, now = wholeOf(whole)): Promise<Taken> {
    const { promise, resolve } = Promise.withResolvers<Taken>();
    this.#calls.push({ whole, at, lowerBounds, now, recall: {}, resolve });
    return promise;
  }

  /** The first so many take their bounds; those admitted after the time that the money is for are sent on. */
  serve(count: number, balance: Balance, validUntil: number): void {
    this.#asked = count < this.#asked ? this.#asked - count : Number.POSITIVE_INFINITY;
    for (const { now, at, resolve } of this.#calls.splice(0, count)) {
      if (at >= validUntil) resolve(RETIRED);
      else {
        balance.hold(now.bound);
        resolve({ kind: 'taken', ...now });
      }
    }
  }

  /** From the front, as many as the balance holds; nobody is trimmed who fits whole by now. */
  serveFitting(balance: Balance, validUntil: number): void {
    for (let [first] = this.#calls; first !== undefined; [first] = this.#calls) {
      if (first.whole <= balance.available) this.#calls[0] = { ...first, now: wholeOf(first.whole) };
      else if (first.now.bound > balance.available) return;
      this.serve(1, balance, validUntil);
    }
  }

  /** All of them hear the same. */
  dismiss(kind: 'retired' | 'uncapped' | 'forbidden' | 'unverifiable'): void {
    this.#asked = Number.POSITIVE_INFINITY;
    for (const { resolve } of this.#calls.splice(0)) resolve({ kind });
  }

  /** For those that leave: money may lie idle with somebody who did not answer their recall, and then nobody knows. */
  refuse(leaving: readonly WaitingCall[], refused: Taken): void {
    for (const { recall, resolve } of leaving) {
      resolve(recall.outcome === 'silent' ? { kind: 'unverifiable' } : refused);
    }
  }

  /** A recall begins for all that wait now; tell the answer what came of it. */
  recalling(): (outcome: Recalled) => void {
    const theirs = this.#calls.map(({ recall }) => recall);
    return (outcome) => {
      for (const recall of theirs) recall.outcome = outcome;
    };
  }

  /** As many from the front as fit under `most`, at least one: how many, and the sum of their bounds. */
  sumUpTo(most: bigint): { readonly count: number; readonly sum: bigint } {
    let count = 0;
    let sum = 0n;
    for (const { now } of this.#calls) {
      if (count > 0 && (count >= this.#asked || sum + now.bound > most)) break;
      sum += now.bound;
      count += 1;
    }
    return { count, sum };
  }

  /**
   * Keeps those that fit in `reachable`, first come first served, whole ones before those that fit under a lower bound, and those for whom
   * nothing was called back yet (`recall`: there are such). Who would fit alone stays as well, behind them: whether they get their
   * money is not known yet. The others leave; `remaining`: what those that fit leave over.
   */
  divide(reachable: bigint): {
    readonly leaving: readonly WaitingCall[];
    readonly recall: boolean;
    readonly remaining: bigint;
  } {
    let remaining = reachable;
    const staying: WaitingCall[] = [];
    const leaving: WaitingCall[] = [];
    const unheard: WaitingCall[] = [];
    const behind: WaitingCall[] = [];
    const tooLarge: WaitingCall[] = [];
    const stay = (call: WaitingCall, now: LowerBound): void => {
      staying.push({ ...call, now });
      remaining -= now.bound;
    };
    for (const call of this.#calls) {
      if (call.whole > remaining) tooLarge.push(call);
      else stay(call, wholeOf(call.whole));
    }
    for (const call of tooLarge) {
      const heard = call.recall.outcome !== undefined;
      const less = heard ? call.lowerBounds(remaining) : undefined;
      if (less !== undefined) stay(call, less);
      else if (!heard) unheard.push(call);
      else (call.whole <= reachable ? behind : leaving).push(call);
    }
    this.#asked = behind.length > 0 ? staying.length + unheard.length : Number.POSITIVE_INFINITY;
    this.#calls = [...staying, ...unheard, ...behind];
    return { leaving, recall: unheard.length > 0, remaining };
  }
}

function wholeOf(bound: bigint): LowerBound {
  return { bound, trimmedTo: null };
}

import type { Balance } from './balance.ts';
import type { GrantScope } from './grant-authority.ts';

/** A cap as it stood at a decision, nano-USD. */
export interface ScopeFigures {
  readonly scope: GrantScope;
  readonly committed: bigint;
  readonly held: bigint;
}

/** What came of the wish to take a call's bound. */
export type Taken =
  | { readonly kind: 'taken' }
  /** The figures of the cap that failed are those of the decision, in nano-USD. */
  | {
      readonly kind: 'refused';
      readonly scope: GrantScope;
      readonly committed: bigint;
      /** Open calls, and those that were let through in the same breath. */
      readonly held: bigint;
      /** Every cap of the call with its own figures, in the order in which they are asked. */
      readonly scopes: readonly ScopeFigures[];
      /** The most that could have been taken (for a trimmed last call). */
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

export const TAKEN: Taken = { kind: 'taken' };
export const RETIRED: Taken = { kind: 'retired' };

interface WaitingCall {
  readonly bound: bigint;
  /** Instant of admission, milliseconds since the epoch, database clock. */
  readonly at: number;
  readonly resolve: (taken: Taken) => void;
}

/** Calls that wait for money, in order of arrival. */
export class WaitingCalls {
  #calls: WaitingCall[] = [];

  get size(): number {
    return this.#calls.length;
  }
  get first(): WaitingCall | undefined {
    return this.#calls[0];
  }

  add(bound: bigint, at: number): Promise<Taken> {
    const { promise, resolve } = Promise.withResolvers<Taken>();
    this.#calls.push({ bound, at, resolve });
    return promise;
  }

  /** The first so many take their bounds; those admitted after the time that the money is for are sent on. */
  serve(count: number, balance: Balance, validUntil: number): void {
    for (const { bound, at, resolve } of this.#calls.splice(0, count)) {
      if (at >= validUntil) resolve(RETIRED);
      else {
        balance.hold(bound);
        resolve(TAKEN);
      }
    }
  }

  /** From the front, as many as the balance holds. */
  serveFitting(balance: Balance, validUntil: number): void {
    while (this.first !== undefined && this.first.bound <= balance.available) this.serve(1, balance, validUntil);
  }

  /** All of them hear the same. */
  dismiss(kind: 'retired' | 'uncapped' | 'forbidden' | 'unverifiable'): void {
    for (const { resolve } of this.#calls.splice(0)) resolve({ kind });
  }

  /** As many from the front as fit under `most`, at least one: how many, and the sum of their bounds. */
  sumUpTo(most: bigint): { readonly count: number; readonly sum: bigint } {
    let count = 0;
    let sum = 0n;
    for (const { bound } of this.#calls) {
      if (count > 0 && sum + bound > most) break;
      sum += bound;
      count += 1;
    }
    return { count, sum };
  }

  /** Who fits in `reachable`, first come first served, and who doesn't; `remaining`: what those that fit leave over. */
  divide(reachable: bigint): {
    readonly staying: WaitingCall[];
    readonly leaving: WaitingCall[];
    readonly remaining: bigint;
  } {
    let remaining = reachable;
    const staying: WaitingCall[] = [];
    const leaving: WaitingCall[] = [];
    for (const call of this.#calls) {
      if (call.bound > remaining) leaving.push(call);
      else {
        staying.push(call);
        remaining -= call.bound;
      }
    }
    return { staying, leaving, remaining };
  }

  keep(calls: WaitingCall[]): void {
    this.#calls = calls;
  }
}

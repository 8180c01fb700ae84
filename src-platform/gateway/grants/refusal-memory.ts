import type { GrantScope } from './grant-authority.ts';

/** What the last refusal showed. */
export interface RememberedRefusal {
  readonly scope: GrantScope;
  /** What could be had beyond the grant, nano-USD. */
  readonly beyond: bigint;
  /** Other wallets hold money of the tenant: what their calls leave over can be had as soon as they end, unheard of here. */
  readonly elsewhere: boolean;
}

const MEMORY_MS = 250;
const MEMORY_WITH_OTHERS_MS = 25;

/** Remembers a refusal for a moment, so that a hammering client costs no round trips. Times are monotonic milliseconds. */
export class RefusalMemory {
  #last: (RememberedRefusal & { readonly until: number }) | undefined;

  at(now: number): RememberedRefusal | undefined {
    return this.#last !== undefined && this.#last.until > now ? this.#last : undefined;
  }
  keep(refusal: RememberedRefusal, now: number): void {
    this.#last = { ...refusal, until: now + (refusal.elsewhere ? MEMORY_WITH_OTHERS_MS : MEMORY_MS) };
  }
  forget(): void {
    this.#last = undefined;
  }
}

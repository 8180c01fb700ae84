import type { GrantScope } from './grant-authority.ts';

/** What the last refusal showed. */
export interface RememberedRefusal {
  readonly scope: GrantScope;
  /** What could be had beyond the grant, nano-USD. */
  readonly beyond: bigint;
}

const MEMORY_MS = 250;

/**
 * Remembers a refusal for a moment, so that a hammering client costs no round trips. Only for when nobody else holds money of the
 * tenant: what others' calls leave over could be had as soon as they end. Times are monotonic milliseconds.
 */
export class RefusalMemory {
  #last: (RememberedRefusal & { readonly until: number }) | undefined;

  at(now: number): RememberedRefusal | undefined {
    return this.#last !== undefined && this.#last.until > now ? this.#last : undefined;
  }
  keep(refusal: RememberedRefusal, now: number): void {
    this.#last = { ...refusal, until: now + MEMORY_MS };
  }
  forget(): void {
    this.#last = undefined;
  }
}

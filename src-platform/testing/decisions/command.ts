/** Who does something about a cap; the tenant through a gateway. */
export type Person = 'junior' | 'senior' | 'boss' | 'manager' | 'viewer' | 'stranger' | 'tenant';

/** USD that a person may raise alone in 24 hours; null: any. */
export const RAISE_LIMITS: Readonly<Record<Person, number | null>> = {
  junior: 60,
  senior: 100,
  boss: null,
  manager: 0,
  viewer: 0,
  stranger: 100,
  tenant: 0,
};

/** What they do. Amounts in whole USD; overrides, requests and raises by their ids. */
export type Deed =
  | { readonly does: 'set'; readonly limit: number; readonly version: number }
  | { readonly does: 'undo'; readonly version: number }
  | {
      readonly does: 'add';
      readonly amount: number;
      readonly until: 'removed' | 'period_end';
      readonly version: number;
    }
  | { readonly does: 'remove'; readonly override: string }
  | { readonly does: 'ask'; readonly amount: number; readonly reason: string }
  | {
      readonly does: 'approve';
      readonly request: string;
      readonly amount: number | null;
      readonly version: number | null;
    }
  | { readonly does: 'decline'; readonly request: string }
  | { readonly does: 'confirm'; readonly raise: string }
  | { readonly does: 'reject'; readonly raise: string }
  /** 25 hours: raises expire, the sums begin anew, nothing can be undone. `week`: requests expire as well. */
  | { readonly does: 'wait'; readonly week: boolean }
  /** The junior may raise as much as they like from now on. */
  | { readonly does: 'trust' };

/** A deed as it is sent. */
export interface Command {
  readonly who: Person;
  readonly deed: Deed;
  /** Idempotency key; the tenant and time have none. */
  readonly key: string;
}

/** Not a person's doing: nothing else happens at the same time, and it has no key. */
export const isAlone = (deed: Deed): boolean => deed.does === 'wait' || deed.does === 'trust';

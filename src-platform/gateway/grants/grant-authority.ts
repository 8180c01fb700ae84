/** One cap that a grant draws on, in one period, as PostgreSQL last told it. Amounts are nano-USD. */
export interface GrantScope {
  readonly capId: string;
  readonly scope: 'tenant' | 'key' | 'workflow';
  readonly period: 'month' | 'day';
  /** False: counted, never refuses. */
  readonly hard: boolean;
  /** Milliseconds since the epoch, database clock. */
  readonly periodStart: number;
  readonly periodEnd: number;
  readonly limit: bigint;
  readonly granted: bigint;
  readonly charged: bigint;
}

/**
 * Which message of its grant this is, counted from 1. A message that arrives after a later one is refused: an old release would
 * take away what was granted since, and it would be handed out twice.
 */
export type Turn = number;

/** Totals are cumulative amounts of the grant (spent + held + new), so asking twice changes nothing. */
export interface GrantAsk {
  readonly tenantId: string;
  /** Null unless a cap of this key (workflow) exists. */
  readonly keyId: string | null;
  readonly workflowId: string | null;
  readonly grantId: string;
  /** Admission instant, milliseconds since the epoch on the database's clock: decides the period. */
  readonly at: number;
  readonly needTotal: bigint;
  readonly wantTotal: bigint;
  readonly turn: Turn;
}

/** Sets the grant's amount down to `amountTotal`; `close`: no more asks will come for it. */
export interface GrantRelease {
  readonly tenantId: string;
  readonly grantId: string;
  readonly amountTotal: bigint;
  readonly close: boolean;
  readonly turn: Turn;
}

export type GrantAnswer =
  | {
      readonly kind: 'granted';
      readonly amount: bigint;
      readonly scopes: readonly GrantScope[];
      /** No call admitted from then on may use the grant (database clock): a period ends, or an override of a cap. Default: the periods' first end. */
      readonly validUntil?: number;
    }
  /** `amount`: what the grant has all the same. */
  | {
      readonly kind: 'refused';
      readonly amount: bigint;
      readonly failedCapId: string;
      readonly scopes: readonly GrantScope[];
      readonly validUntil?: number;
    }
  | { readonly kind: 'uncapped' }
  /** The tenant is not active or the key revoked. */
  | { readonly kind: 'forbidden' }
  /** The grant is closed, its caps or periods are no longer the call's, or a later message of it was heard: open another. */
  | { readonly kind: 'retired' };

/** Whoever hands out money: PostgreSQL in the product, a few lines in tests. Rejects when it cannot be reached in time. */
export interface GrantAuthority {
  take(ask: GrantAsk): Promise<GrantAnswer>;
  release(release: GrantRelease): Promise<void>;
}

/** A cap of a whole tenant as PostgreSQL knows it. */
export interface LedgerCap {
  readonly capId: string;
  readonly version: number;
  readonly limitNanoUsd: bigint;
  /** What temporary raises add to it; null: none. */
  readonly override: { readonly amountNanoUsd: bigint; readonly count: number; readonly nextEnd: Date | null } | null;
  readonly periodStart: Date;
  readonly periodEnd: Date;
  readonly thresholds: readonly number[];
  /** Cost of the calls in the ledger in that period. */
  readonly chargedNanoUsd: bigint;
  /** False: nobody has opened the period yet, so no gateway holds anything of it. */
  readonly opened: boolean;
}

/** What PostgreSQL says about a tenant on the board; true at `at`, by its clock. */
export interface LedgerRow {
  readonly tenantId: string;
  readonly slug: string;
  readonly name: string;
  readonly plan: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly status: 'active' | 'suspended' | 'archived';
  /** The monthly one. */
  readonly cap: LedgerCap | null;
  readonly dayCap: LedgerCap | null;
  readonly burnNanoUsdPerDay: bigint | null;
  readonly spentTodayNanoUsd: bigint | null;
  readonly callsToday: number;
  readonly failedToday: number;
  readonly p95TodayMs: number | null;
  readonly refusedLastHour: number | null;
  readonly at: Date;
}

/** The part of a row that moves with every call. */
export interface LedgerFigures extends Pick<
  LedgerRow,
  | 'tenantId'
  | 'burnNanoUsdPerDay'
  | 'spentTodayNanoUsd'
  | 'callsToday'
  | 'failedToday'
  | 'p95TodayMs'
  | 'refusedLastHour'
> {
  /** In the running period of its monthly cap; null without one, or when a period has only begun. */
  readonly chargedNanoUsd: bigint | null;
}

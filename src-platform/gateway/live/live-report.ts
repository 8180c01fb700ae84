/**
 * What one gateway says of one tenant, in absolute values: saying it twice or losing one changes nothing. Amounts are
 * nano-USD below 2^53 as JSON numbers, instants milliseconds since the epoch on the database's clock.
 */
export interface TenantReport {
  readonly at: number;
  readonly caps: readonly CapReport[];
  readonly callsLastMinute: number;
  readonly failedLastMinute: number;
  readonly refusedLastHour: number;
  readonly lastRefusedAt: number;
  /** When a call as large as the last refused one passed, or would have by the figures; 0: never. */
  readonly passedAt: number;
  /** First refusal since then; 0: none. */
  readonly refusingSince: number;
  /** What the latest refusal wanted, and of which cap; null: none yet. */
  readonly wanted: Wanted | null;
}

/** A refused call's bound in nano-USD, and the cap that had no room for it as it was then. */
export interface Wanted {
  readonly capId: string;
  readonly bound: number;
  readonly limit: number;
  readonly periodStart: number;
  readonly periodEnd: number;
}

/** What gateways that fell silent still hold of a cap's period. */
export interface OrphanedMoney {
  readonly tenantId: string;
  readonly capId: string;
  readonly periodStart: number;
  readonly gatewayId: string;
  readonly amount: bigint;
}

export interface CapReport {
  readonly capId: string;
  readonly periodStart: number;
  /** What PostgreSQL had charged when this gateway last heard. */
  readonly chargedSeen: number;
  /** Settled here and not yet in the ledger. */
  readonly pending: number;
  /** Bounds of the calls open here. */
  readonly held: number;
}

/** A cap in its present period as PostgreSQL last told it. */
export interface KnownCap {
  readonly capId: string;
  readonly scope: 'tenant' | 'key' | 'workflow';
  readonly period: 'month' | 'day';
  readonly periodStart: number;
  readonly periodEnd: number;
  readonly limit: bigint;
  readonly charged: bigint;
}

/** A tenant's row of the live stream: over all gateways. */
export interface LiveTenant {
  readonly id: string;
  readonly at: string;
  readonly caps: readonly LiveCap[];
  readonly callsLastMinute: number;
  readonly failedLastMinute: number;
  readonly refusedLastHour: number;
  readonly refusingSince: string | null;
  /** The cap it is refused for. */
  readonly refusingCapId: string | null;
}

export interface LiveCap {
  readonly capId: string;
  readonly scope: 'tenant' | 'key' | 'workflow';
  readonly period: 'month' | 'day';
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly limit: number;
  /** Cost of settled calls: in the ledger, and settled but not yet in it. */
  readonly committed: number;
  /** Bounds of open calls. */
  readonly held: number;
}

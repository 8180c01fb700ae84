import type { Dialect } from '../calls/wire-format.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import type { ModelPermission } from './model-permission.ts';
import type { QuotaPolicy } from '../quotas/quota.ts';

/** A cap as configured; what it has granted in the present period is PostgreSQL's to know. Limit in nano-USD. */
export interface CapPolicy {
  readonly id: string;
  readonly scope: 'tenant' | 'key' | 'workflow';
  readonly keyId: string | null;
  readonly workflowId: string | null;
  readonly period: 'month' | 'day';
  /** False: it is counted and shown, but refuses nothing. */
  readonly hard: boolean;
  readonly limit: bigint;
  /** With its temporary raises. */
  readonly inForce: bigint;
  /** How long that holds, milliseconds since the epoch; null: until somebody changes it. */
  readonly inForceUntil: number | null;
}

export interface TenantPolicy {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly status: 'active' | 'suspended' | 'archived';
  /** IANA name. */
  readonly timeZone: string;
  /** Output tokens of an answer: of one that names no limit, and the most that one may name. */
  readonly maxTokensPerMessage: number;
  /** The answer of a call that doesn't fit in what remains may be cut to what fits. */
  readonly trimsLastCall: boolean;
  readonly workflowsBySlug: ReadonlyMap<string, string>;
  readonly caps: readonly CapPolicy[];
  readonly quotas: QuotaPolicy;
  /** Which models it may ask for. */
  readonly models: ModelPermission;
  /** By the model that is asked for. */
  readonly downgrades: ReadonlyMap<string, Downgrade>;
}

/** A cheaper model answers while more than so much of a hard monthly cap of the tenant is used. */
export interface Downgrade {
  readonly toModel: string;
  readonly abovePercent: number;
}

/** One secret of a key. A key has more than one while a rotation overlaps. */
export interface KeySecret {
  readonly tenantId: string;
  readonly keyId: string;
  readonly defaultWorkflowId: string | null;
  readonly revokedAt: number | null;
  /** Milliseconds since the epoch. */
  readonly validFrom: number;
  readonly validUntil: number | null;
}

/** Where calls go. The credential never leaves the process but as a header to this URL. */
export interface ProviderPolicy {
  readonly id: string;
  readonly baseUrl: string;
  readonly credential: string;
  /** Wire formats it takes; null: all may be tried. */
  readonly speaks: readonly Dialect[] | null;
}

/** Everything the gateway decides by, as the database had it when it was last looked at. */
export interface Policy {
  tenant(id: string): TenantPolicy | undefined;
  tenants(): Iterable<TenantPolicy>;
  /** By SHA-256 of the whole key, hexadecimal. */
  secret(digest: string): KeySecret | undefined;
  readonly prices: PriceBook;
  /** In the order in which they are asked. */
  readonly providers: ReadonlyMap<string, ProviderPolicy>;
}

/**
 * A row of the ledger as `platform.ingest` takes it and the journal keeps it. Amounts are integer nano-USD below 2^53,
 * instants are ISO 8601.
 */
export interface LedgerRow {
  readonly tenant_id: string;
  /** Of admission: decides the period. */
  readonly occurred_at: string;
  readonly request_id: string;
  readonly attempt: number;
  readonly kind: 'charge' | 'estimate';
  readonly key_id: string;
  readonly workflow_id: string | null;
  readonly session: string | null;
  readonly provider: string;
  readonly model: string;
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly cache_write_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_tokens: number;
  readonly units: number | null;
  readonly cost_nanousd: number;
  readonly latency_ms: number;
  readonly first_token_ms: number | null;
  readonly http_status: number;
  readonly outcome: Outcome;
  readonly price_version: number;
  readonly grant_id: string | null;
}

/**
 * How a call ended: `ok`; `provider_error`: an answer that says no; `client_closed`: nobody waited for the answer, it was drained;
 * `interrupted`: the answer broke off; `unknown`: the gateway ended while it was open.
 */
export type Outcome = 'ok' | 'provider_error' | 'client_closed' | 'interrupted' | 'unknown';

/** A call that was turned away, for the operator's list. */
export interface RefusalRow {
  readonly tenant_id: string;
  readonly request_id: string;
  readonly refused_at: string;
  readonly key_id: string;
  readonly workflow_id: string | null;
  /** Null: refused before the request was read. */
  readonly model: string | null;
  readonly http_status: number;
  readonly type: string;
  readonly code: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface UnpricedRow {
  readonly tenant_id: string;
  readonly provider: string;
  readonly model: string;
  /** Of the refusal beside it: counted when that is new. */
  readonly request_id: string;
  readonly seen_at: string;
}

export interface IngestBatch {
  /** Rows as JSON, see `ledgerRowJson`. */
  readonly records: readonly string[];
  readonly refusals: readonly RefusalRow[];
  readonly unpriced: readonly UnpricedRow[];
}

/** The caps a batch charged, after it. */
export interface ChargedCap {
  readonly tenantId: string;
  readonly capId: string;
  readonly periodStart: number;
  readonly limit: bigint;
  readonly granted: bigint;
  readonly charged: bigint;
}

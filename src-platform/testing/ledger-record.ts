import { randomUUID } from 'node:crypto';

/** A record as `platform.ingest` takes it; amounts in nano-USD below 2^53. */
export interface LedgerRecord {
  tenant_id: string;
  occurred_at: string;
  request_id: string;
  attempt: number;
  kind: 'charge' | 'estimate' | 'correction';
  key_id: string | null;
  workflow_id: string | null;
  session: string | null;
  provider: string;
  model: string;
  input_tokens: number;
  output_tokens: number;
  cost_nanousd: number;
  latency_ms: number | null;
  http_status: number;
  outcome: string;
  price_version: number;
  grant_id: string | null;
}

/** A settled call of this moment; give what the test is about. */
export function ledgerRecord(tenantId: string, record: Partial<Omit<LedgerRecord, 'tenant_id'>> = {}): LedgerRecord {
  return {
    tenant_id: tenantId,
    occurred_at: new Date().toISOString(),
    request_id: randomUUID(),
    attempt: 1,
    kind: 'charge',
    key_id: null,
    workflow_id: null,
    session: null,
    provider: 'openai',
    model: 'gpt-4o',
    input_tokens: 100,
    output_tokens: 20,
    cost_nanousd: 1_000_000,
    latency_ms: 640,
    http_status: 200,
    outcome: 'ok',
    price_version: 1,
    grant_id: null,
    ...record,
  };
}

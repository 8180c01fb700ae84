import type { LedgerRow } from './ledger-row.ts';

/**
 * A row as JSON.stringify writes it, in a fraction of its time. It is made once for journal and ledger. Ids and instants are our own and hold
 * nothing that JSON writes differently.
 */
export function ledgerRowJson(row: LedgerRow): string {
  return (
    `{"tenant_id":"${row.tenant_id}","occurred_at":"${row.occurred_at}","request_id":"${row.request_id}"` +
    `,"attempt":${row.attempt},"kind":"${row.kind}","key_id":"${row.key_id}","workflow_id":${id(row.workflow_id)}` +
    `,"session":${text(row.session)},"provider":${text(row.provider)},"model":${text(row.model)}` +
    `,"input_tokens":${row.input_tokens},"cached_input_tokens":${row.cached_input_tokens}` +
    `,"cache_write_tokens":${row.cache_write_tokens},"output_tokens":${row.output_tokens}` +
    `,"reasoning_tokens":${row.reasoning_tokens},"units":${row.units},"cost_nanousd":${row.cost_nanousd}` +
    `,"latency_ms":${row.latency_ms},"first_token_ms":${row.first_token_ms},"http_status":${row.http_status}` +
    `,"outcome":"${row.outcome}","price_version":${row.price_version},"grant_id":${id(row.grant_id)}}`
  );
}

const id = (value: string | null): string => (value === null ? 'null' : `"${value}"`);
const text = (value: string | null): string => (value === null ? 'null' : JSON.stringify(value));

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LedgerRow } from './ledger-row.ts';
import { ledgerRowJson } from './ledger-row-json.ts';

const text = fc.string({ unit: 'binary', maxLength: 30 });
const count = fc.nat(Number.MAX_SAFE_INTEGER);
const uuid = fc.uuid();

test('every row is written as JSON.stringify writes it', () => {
  const row = fc.record<LedgerRow>({
    tenant_id: uuid,
    occurred_at: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    request_id: uuid,
    attempt: fc.nat(9),
    kind: fc.constantFrom('charge', 'estimate'),
    key_id: uuid,
    workflow_id: fc.option(uuid),
    session: fc.option(text),
    provider: text,
    model: text,
    input_tokens: count,
    cached_input_tokens: count,
    cache_write_tokens: count,
    output_tokens: count,
    reasoning_tokens: count,
    units: fc.option(count),
    cost_nanousd: count,
    latency_ms: count,
    first_token_ms: fc.option(count),
    http_status: fc.nat(599),
    outcome: fc.constantFrom('ok', 'provider_error', 'client_closed', 'interrupted', 'unknown'),
    price_version: fc.nat(),
    grant_id: fc.option(uuid),
  });
  fc.assert(
    fc.property(row, (given) => {
      expect(ledgerRowJson(given)).toBe(JSON.stringify({ ...given }));
    }),
  );
});

import type { Pool } from 'pg';

/** Sums over the ledger. Counts and amounts as bigint. */
export interface LedgerSums {
  readonly calls: bigint;
  readonly failed: bigint;
  readonly input: bigint;
  readonly cached: bigint;
  readonly output: bigint;
  readonly reasoning: bigint;
  readonly cost: bigint;
  readonly ledgerRows: bigint;
  readonly units: bigint;
}

const SUMS = `count(*) filter (where kind <> 'correction') as calls,
  count(*) filter (where kind <> 'correction' and outcome <> 'ok' and outcome <> 'client_closed') as failed,
  coalesce(sum(input_tokens), 0)::bigint as input, coalesce(sum(cached_input_tokens), 0)::bigint as cached,
  coalesce(sum(output_tokens), 0)::bigint as output, coalesce(sum(reasoning_tokens), 0)::bigint as reasoning,
  coalesce(sum(cost_nanousd), 0)::bigint as cost, count(*) as "ledgerRows",
  coalesce(sum(case when kind = 'correction' then units when outcome = 'ok' or outcome = 'client_closed' then coalesce(units, 1) end), 0)::bigint as units`;

/**
 * What the ledger itself says of a client's calendar month ("2026-10"), row by row, past every rollup: grouped by `by`, an expression over
 * `usage_records u` and the instant `at` in the client's zone. Needs a pool that sees every tenant (owner).
 */
export async function ledgerMonth(
  pool: Pool,
  tenantId: string,
  month: string | null,
  by = `'all'`,
): Promise<Map<string | null, LedgerSums>> {
  const { rows } = await pool.query<LedgerSums & { by: string | null }>(
    `select ${by} as by, ${SUMS}
     from (select u.*, timezone(t.time_zone, u.occurred_at) as at
           from platform.usage_records u join platform.tenants t on t.id = u.tenant_id where t.id = $1) u
     where $2::text is null or to_char(u.at, 'YYYY-MM') = $2
     group by 1`,
    [tenantId, month],
  );
  return new Map(rows.map(({ by: key, ...sums }) => [key, sums]));
}

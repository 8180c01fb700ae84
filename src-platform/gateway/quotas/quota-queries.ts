import type { Pool } from 'pg';
import { COUNTED_QUOTAS, NO_QUOTAS, type CountedQuota, type QuotaLimit, type QuotaPolicy } from './quota.ts';

/** A tenant's quotas as the database has them. */
export interface TenantQuotas {
  readonly policy: QuotaPolicy;
  readonly maxTokensPerMessage: number | null;
}

/** Of those tenants (null: all) by their ids; without a row of its own a tenant follows its plan. */
export async function selectQuotas(
  pool: Pool,
  tenantIds: readonly string[] | null,
): Promise<ReadonlyMap<string, TenantQuotas>> {
  const { rows } = await pool.query<{
    tenant_id: string;
    quota: string;
    limit_count: string;
    period_start: Date | null;
    period_end: Date | null;
    next_period_end: Date | null;
  }>(
    `select tenant_id, quota, limit_count, period_start, period_end, next_period_end
     from platform.quotas_in_force($1, now()) where limit_count is not null`,
    [tenantIds],
  );
  const found = new Map<string, TenantQuotas>();
  for (const [tenantId, own] of Map.groupBy(rows, ({ tenant_id }) => tenant_id)) {
    const rowOf = (quota: string) => own.find((row) => row.quota === quota);
    const numberOf = (quota: string): number | null => {
      const row = rowOf(quota);
      return row === undefined ? null : Number(row.limit_count);
    };
    const counted = COUNTED_QUOTAS.flatMap((quota): QuotaLimit[] => {
      const row = rowOf(quota);
      if (row === undefined) return [];
      const { period_start: start, period_end: end, next_period_end: nextEnd } = row;
      const period =
        start === null || end === null || nextEnd === null
          ? null
          : { start: start.getTime(), end: end.getTime(), nextEnd: nextEnd.getTime() };
      return [{ quota, limit: Number(row.limit_count), period }];
    });
    const sessions = numberOf('concurrent_sessions');
    found.set(tenantId, {
      policy: counted.length === 0 && sessions === null ? NO_QUOTAS : { counted, sessions },
      maxTokensPerMessage: numberOf('max_tokens_per_message'),
    });
  }
  return found;
}

/** What the ledger has of a quota since its window began (milliseconds since the epoch). */
export async function selectCounted(
  pool: Pool,
  tenantId: string,
  quota: CountedQuota,
  windowStart: number,
): Promise<number> {
  const { rows } = await pool.query<{ counted: string }>('select platform.quota_counted($1, $2, $3) as counted', [
    tenantId,
    quota,
    new Date(windowStart),
  ]);
  return Number(rows[0]?.counted ?? 0);
}

import type { Pool } from 'pg';
import type { KnownCap, OrphanedMoney } from './live-report.ts';

/** The caps' present periods with what is charged; caps whose period nobody opened yet are not among them: unknown, not zero. */
export async function selectCapPeriods(
  pool: Pool,
  tenantIds: readonly string[] | null,
): Promise<Map<string, KnownCap[]>> {
  const { rows } = await pool.query<{
    tenant_id: string;
    id: string;
    scope: 'tenant' | 'key' | 'workflow';
    period: 'month' | 'day';
    period_start: Date;
    period_end: Date;
    limit_nanousd: string;
    charged_nanousd: string;
  }>(
    `select c.tenant_id, c.id, c.scope, c.period, p.period_start, p.period_end, p.charged_nanousd,
            case when p.limit_until <= now() then (platform.limit_in_force(c.tenant_id, c.id, now())).limit_nanousd
                 else p.limit_nanousd end as limit_nanousd
     from platform.caps c join platform.cap_periods p on p.tenant_id = c.tenant_id and p.cap_id = c.id
     where c.removed_at is null and p.period_start <= now() and p.period_end > now() and ($1::uuid[] is null or c.tenant_id = any($1))
     order by c.id`,
    [tenantIds],
  );
  const caps = new Map<string, KnownCap[]>();
  for (const row of rows) {
    const known: KnownCap = {
      capId: row.id,
      scope: row.scope,
      period: row.period,
      periodStart: row.period_start.getTime(),
      periodEnd: row.period_end.getTime(),
      limit: BigInt(row.limit_nanousd),
      charged: BigInt(row.charged_nanousd),
    };
    caps.set(row.tenant_id, [...(caps.get(row.tenant_id) ?? []), known]);
  }
  return caps;
}

/** What gateways that fell silent hold and did not spend, of all tenants' caps. */
export async function selectOrphanedMoney(pool: Pool): Promise<OrphanedMoney[]> {
  const { rows } = await pool.query<{
    tenant_id: string;
    cap_id: string;
    period_start: Date;
    gateway_id: string;
    amount: string;
  }>(
    `select g.tenant_id, w.cap_id, w.period_start, g.gateway_id, sum(g.amount_nanousd - g.charged_nanousd)::bigint as amount
     from platform.grants g cross join unnest(g.cap_ids, g.period_starts) w(cap_id, period_start)
     where g.state = 'orphaned' group by 1, 2, 3, 4`,
  );
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    capId: row.cap_id,
    periodStart: row.period_start.getTime(),
    gatewayId: row.gateway_id,
    amount: BigInt(row.amount),
  }));
}

/**
 * A refusal with everything that is known of it, for the operator whose token this is; null: none that they may see.
 */
export async function selectRefusalOfToken(pool: Pool, digest: Buffer, requestId: string): Promise<object | null> {
  const { rows } = await pool.query<{ facts: object | null }>('select platform.refusal_of_token($1, $2) as facts', [
    digest,
    requestId,
  ]);
  return rows[0]?.facts ?? null;
}

/** Whose token is this? Undefined: nobody's. */
export async function selectOperatorOfToken(
  pool: Pool,
  digest: Buffer,
): Promise<{ readonly operatorId: string; readonly role: string; readonly tenantIds: readonly string[] } | undefined> {
  const { rows } = await pool.query<{ operator_id: string; role: string; tenant_ids: string[] }>(
    'select operator_id, role, tenant_ids from platform.operator_of_token($1)',
    [digest],
  );
  const [row] = rows;
  return row && { operatorId: row.operator_id, role: row.role, tenantIds: row.tenant_ids };
}

import type { Pool } from 'pg';

/**
 * What the rollups, caps and the board say otherwise than the ledger, a line a figure; empty: they agree to the nano-USD and to the call.
 * Takes the whole ledger: the months that were detached from it would be missing. Needs a pool that sees every tenant (owner).
 */
export async function ledgerDrift(pool: Pool, tenantIds: readonly string[]): Promise<string[]> {
  const drift: string[] = [];
  for (const [name, statement] of Object.entries(CHECKS)) {
    const { rows } = await pool.query<{ line: string }>(
      `with counted as (${COUNTED}), fine as (${FINE}), wanted as (${statement.wanted}), found as (${statement.found})
       select line from ((select 'missing ' || w::text as line from (select * from wanted except all select * from found) w)
         union all (select 'too much ' || f::text from (select * from found except all select * from wanted) f)) d order by 1 limit 5`,
      [tenantIds],
    );
    drift.push(...rows.map(({ line }) => `${name}: ${line}`));
  }
  return drift;
}

/** A call is failed, answered or timed as the platform's words say; written here once more on purpose. */
const COUNTED = `
  select u.*, t.time_zone, timezone(t.time_zone, u.occurred_at)::date as day, (kind <> 'correction')::int as is_call,
    (kind <> 'correction' and outcome not in ('ok', 'client_closed'))::int as is_failed,
    (kind <> 'correction' and attempt = 1)::int as is_message,
    case when kind <> 'correction' and outcome = 'ok' and latency_ms is not null then ceil(ln(greatest(latency_ms, 1)::float8) / ln(1.1::float8))::int end as took
  from platform.usage_records u join platform.tenants t on t.id = u.tenant_id where u.tenant_id = any ($1)`;

const SUMS = `sum(is_call)::bigint as calls, sum(is_failed)::bigint as failed, sum(input_tokens)::bigint as input,
  sum(cached_input_tokens)::bigint as cached, sum(output_tokens)::bigint as output, sum(reasoning_tokens)::bigint as reasoning,
  sum(cost_nanousd)::bigint as cost`;
const KEPT = 'calls, failed_calls, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, cost_nanousd';
const FINE = `select tenant_id, to_timestamp(floor(extract(epoch from occurred_at) / 900) * 900) as bucket, key_id, workflow_id, model, ${SUMS}
  from counted group by 1, 2, 3, 4, 5`;
const latencies = (table: string, keys: string) => `
  select ${keys}, array_lower(latency, 1) + l.place::int - 1 as took, l.calls::bigint
  from platform.${table} r cross join lateral unnest(r.latency) with ordinality l(calls, place)
  where r.tenant_id = any ($1) and l.calls <> 0`;

const CHECKS: Readonly<Record<string, { wanted: string; found: string }>> = {
  'quarter hours': {
    wanted: `select * from fine where bucket > now() - interval '39 days'`,
    found: `select tenant_id, bucket, key_id, workflow_id, model, ${KEPT} from platform.usage_15min
      where tenant_id = any ($1) and bucket > now() - interval '39 days'`,
  },
  days: {
    wanted: `select tenant_id, day, workflow_id, model, ${SUMS} from counted group by 1, 2, 3, 4`,
    found: `select tenant_id, day, workflow_id, model, ${KEPT} from platform.usage_daily where tenant_id = any ($1)`,
  },
  months: {
    wanted: `select tenant_id, date_trunc('month', day::timestamp)::date, workflow_id, model, provider, price_version, ${SUMS}, count(*),
        sum(case when is_call = 0 then coalesce(units, 0) when is_failed = 1 then 0 else coalesce(units, 1) end)::bigint
      from counted group by 1, 2, 3, 4, 5, 6`,
    found: `select tenant_id, month, workflow_id, model, provider, price_version, ${KEPT}, ledger_rows, units
      from platform.usage_monthly where tenant_id = any ($1)`,
  },
  'days of tenants': {
    wanted: `select tenant_id, day, sum(is_call)::bigint, sum(is_failed)::bigint, sum(cost_nanousd)::bigint, sum(is_message)::bigint
      from counted group by 1, 2`,
    found: `select tenant_id, day, calls, failed_calls, cost_nanousd, messages from platform.usage_tenant_daily
      where tenant_id = any ($1) and (calls > 0 or cost_nanousd <> 0)`,
  },
  'months of tenants': {
    wanted: `select tenant_id, date_trunc('month', day::timestamp)::date, sum(is_call)::bigint, sum(is_failed)::bigint,
      sum(cost_nanousd)::bigint, sum(is_message)::bigint from counted group by 1, 2`,
    found: `select tenant_id, month, calls, failed_calls, cost_nanousd, messages from platform.usage_tenant_monthly
      where tenant_id = any ($1) and (calls > 0 or cost_nanousd <> 0)`,
  },
  'latencies by day': {
    wanted: `select tenant_id, day, workflow_id, model, took, count(*) from counted where took is not null group by 1, 2, 3, 4, 5`,
    found: latencies('usage_daily', 'tenant_id, day, workflow_id, model'),
  },
  'latencies of tenants': {
    wanted: `select tenant_id, day, took, count(*) from counted where took is not null group by 1, 2, 3`,
    found: latencies('usage_tenant_daily', 'tenant_id, day'),
  },
  conversations: {
    wanted: `select tenant_id, day, count(*) from (
      select tenant_id, session, min(day) as day from counted where session is not null and is_call = 1 group by 1, 2) s group by 1, 2`,
    found: `select tenant_id, day, conversations from platform.usage_tenant_daily where tenant_id = any ($1) and conversations <> 0`,
  },
  'integration calls': {
    wanted: `select i.tenant_id, timezone(t.time_zone, i.occurred_at)::date, count(*) from platform.integration_calls i
      join platform.tenants t on t.id = i.tenant_id where i.tenant_id = any ($1) group by 1, 2`,
    found: `select tenant_id, day, integration_calls from platform.usage_tenant_daily where tenant_id = any ($1) and integration_calls <> 0`,
  },
  'counters by month': {
    wanted: `select tenant_id, date_trunc('month', day::timestamp)::date, sum(conversations), sum(integration_calls)
      from platform.usage_tenant_daily where tenant_id = any ($1) group by 1, 2`,
    found: `select tenant_id, month, conversations::numeric, integration_calls::numeric from platform.usage_tenant_monthly where tenant_id = any ($1)`,
  },
  caps: {
    wanted: `select p.tenant_id, p.cap_id, p.period_start, (select coalesce(sum(u.cost_nanousd), 0)::bigint from counted u
        where u.tenant_id = p.tenant_id and u.occurred_at >= p.period_start and u.occurred_at < p.period_end
          and (c.key_id is null or c.key_id = u.key_id) and (c.workflow_id is null or c.workflow_id = u.workflow_id))
      from platform.cap_periods p join platform.caps c on c.tenant_id = p.tenant_id and c.id = p.cap_id where p.tenant_id = any ($1)`,
    found: `select tenant_id, cap_id, period_start, charged_nanousd from platform.cap_periods where tenant_id = any ($1)`,
  },
  board: {
    wanted: `select t.id, coalesce(sum(cost_nanousd) filter (where day = today), 0)::bigint, coalesce(sum(is_call) filter (where day = today), 0)::bigint,
        coalesce(sum(cost_nanousd) filter (where day > today - 7 and day <= today), 0)::bigint
      from (select id, timezone(time_zone, now())::date as today from platform.tenants where id = any ($1)) t
      join counted u on u.tenant_id = t.id group by 1`,
    found: `select tenant_id, spent_today_nanousd, calls_today, spent_seven_days_nanousd from platform.board_figures where tenant_id = any ($1)`,
  },
};

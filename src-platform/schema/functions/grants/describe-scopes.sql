-- Periods of caps as the gateways read them, in the order in which a refusal names them: tenant month, tenant day, key, workflow;
-- with the limit in force at p_at.
create or replace function platform.describe_scopes(
  p_tenant uuid, p_caps uuid[], p_starts timestamptz[], p_at timestamptz default clock_timestamp()
) returns jsonb
language sql stable security definer set search_path = '' set timezone = 'UTC' as $$
  select coalesce(jsonb_agg(jsonb_build_object(
      'capId', c.id, 'scope', c.scope, 'period', c.period, 'hard', c.hard, 'periodStart', p.period_start, 'periodEnd', p.period_end,
      'limit', case when p.limit_until is null then p.limit_nanousd else (platform.limit_in_force(p_tenant, c.id, p_at)).limit_nanousd end,
      'granted', p.granted_nanousd, 'charged', p.charged_nanousd)
    order by array_position('{tenant,key,workflow}', c.scope), c.period = 'day', c.id), '[]')
  from unnest(p_caps, p_starts) w(cap_id, period_start)
  join platform.cap_periods p on p.tenant_id = p_tenant and p.cap_id = w.cap_id and p.period_start = w.period_start
  join platform.caps c on c.tenant_id = p_tenant and c.id = w.cap_id
$$;

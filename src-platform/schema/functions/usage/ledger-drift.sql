-- What rollups and caps say otherwise than what they are made of, a row a figure; none: they agree to the nano-USD. One statement, so one
-- snapshot: ingest writes all of it in one transaction, and a batch under way is in none of the figures or in all.
--
-- The ledger's own rows are compared for the last p_hours (quarter hours), everything above them in steps: quarter hours with the days of
-- yesterday and today, days with this month, quarter hours with what the caps of the present periods are charged.
--   figure   quarter_hours, days, tenant_days, month, tenant_month, or cap:<id>
create or replace function platform.ledger_drift(p_tenants uuid[], p_hours integer)
returns table (tenant_id uuid, figure text, wanted_nanousd bigint, found_nanousd bigint)
language sql stable security definer set search_path = '' set timezone = 'UTC' set jit = off as $$
  with asked as materialized (
    select t.id, date_bin('15 minutes', now() - make_interval(hours => p_hours), 'epoch') as since, d.today - 1 as day,
      platform.local_midnight(d.today - 1, t.time_zone) as day_began, date_trunc('month', d.today::timestamp)::date as month
    from platform.tenants t cross join lateral (select timezone(t.time_zone, now())::date as today) d
    where t.id = any (p_tenants)
  ), compared as (
    select a.id, f.figure, f.wanted, f.found
    from asked a cross join lateral (
      select 'quarter_hours' as figure,
        (select sum(u.cost_nanousd) from platform.usage_records u where u.tenant_id = a.id and u.occurred_at >= a.since) as wanted,
        (select sum(q.cost_nanousd) from platform.usage_15min q where q.tenant_id = a.id and q.bucket >= a.since) as found
      union all
      select 'days',
        (select sum(q.cost_nanousd) from platform.usage_15min q where q.tenant_id = a.id and q.bucket >= a.day_began),
        (select sum(d.cost_nanousd) from platform.usage_daily d where d.tenant_id = a.id and d.day >= a.day)
      union all
      select 'tenant_days',
        (select sum(d.cost_nanousd) from platform.usage_daily d where d.tenant_id = a.id and d.day >= a.day),
        (select sum(d.cost_nanousd) from platform.usage_tenant_daily d where d.tenant_id = a.id and d.day >= a.day)
      union all
      select 'month',
        (select sum(d.cost_nanousd) from platform.usage_daily d where d.tenant_id = a.id and d.day >= a.month),
        (select sum(m.cost_nanousd) from platform.usage_monthly m where m.tenant_id = a.id and m.month >= a.month)
      union all
      select 'tenant_month',
        (select sum(d.cost_nanousd) from platform.usage_tenant_daily d where d.tenant_id = a.id and d.day >= a.month),
        (select sum(m.cost_nanousd) from platform.usage_tenant_monthly m where m.tenant_id = a.id and m.month >= a.month)
    ) f
    union all
    select a.id, 'cap:' || c.id,
      (select sum(q.cost_nanousd) from platform.usage_15min q
       where q.tenant_id = a.id and q.bucket >= p.period_start and q.bucket < p.period_end
         and (c.key_id is null or q.key_id = c.key_id) and (c.workflow_id is null or q.workflow_id = c.workflow_id)),
      p.charged_nanousd
    from asked a
    join platform.caps c on c.tenant_id = a.id
    join platform.cap_periods p on p.tenant_id = c.tenant_id and p.cap_id = c.id and p.period_start <= now() and p.period_end > now()
  )
  select k.id, k.figure, coalesce(k.wanted, 0)::bigint, coalesce(k.found, 0)::bigint
  from compared k where coalesce(k.wanted, 0) <> coalesce(k.found, 0)
  order by 1, 2
$$;

-- Grants of gateways that do not return: how many, and what they hold that was not spent.
create or replace function platform.orphaned_grants(out grants bigint, out nanousd bigint)
language sql stable security definer set search_path = '' as $$
  select count(*), coalesce(sum(g.amount_nanousd - g.charged_nanousd), 0)::bigint from platform.grants g where g.state = 'orphaned'
$$;

grant execute on function platform.ledger_drift(uuid[], integer), platform.orphaned_grants()
  to td_gateway;

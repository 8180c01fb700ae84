-- Raises "100 percent" for caps that these refusals came from: a hard cap is reached when a call finds no room in it, a little below the last cent. One
-- that refused a large call far from its end is not reached: the highest threshold below has to be passed. A cap that was raised since is another one.
create or replace function platform.raise_refusing_alerts(p_tenants uuid[], p_requests text[]) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_now timestamptz := clock_timestamp();
  v_raised uuid[];
begin
  with raised as (
    insert into platform.cap_alerts (tenant_id, cap_id, period_start, period_end, threshold, raised_at, charged_nanousd, limit_nanousd)
    select distinct p.tenant_id, p.cap_id, p.period_start, p.period_end, 100, v_now, p.charged_nanousd, p.limit_nanousd
    from platform.refusals r
    join platform.caps c on c.tenant_id = r.tenant_id and c.id = (r.facts ->> 'cap_id')::uuid and c.removed_at is null
    join platform.cap_periods p on p.tenant_id = c.tenant_id and p.cap_id = c.id and p.period_start <= r.refused_at and p.period_end > v_now
    cross join lateral (select coalesce(max(t) filter (where t < 100), 0) as below from unnest(c.thresholds) t) n
    where r.tenant_id = any (p_tenants) and r.request_id = any (p_requests) and r.http_status = 402
      and 100 = any (c.thresholds) and p.limit_nanousd <= (r.facts ->> 'cap_nanousd')::bigint
      and p.charged_nanousd >= platform.percent_of(p.limit_nanousd, n.below)
    order by p.tenant_id, p.cap_id
    on conflict do nothing
    returning tenant_id
  )
  select array_agg(distinct tenant_id order by tenant_id) into v_raised from raised;
  perform platform.announce('alerts', t) from unnest(v_raised) t;
end
$$;

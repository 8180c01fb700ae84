-- Raises, once a period, that a tenant's monthly cap will be used up before its period ends if it goes on as in the last seven days; at most p_most at
-- a time, → how many. Gateways ask for it every minute: several at once raise it once. What the first day of a client makes of a week is no forecast.
create or replace function platform.forecast_cap_alerts(p_most integer) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_now timestamptz := clock_timestamp();
  v_raised uuid[];
begin
  with due as (
    select f.tenant_id, c.id as cap_id, f.period_start, f.period_end, f.charged_nanousd, l.limit_nanousd, c.thresholds, b.per_day
    from platform.board_figures f
    join platform.tenants t on t.id = f.tenant_id and t.status = 'active'
    join platform.caps c on c.tenant_id = f.tenant_id and c.scope = 'tenant' and c.period = 'month' and c.removed_at is null
    cross join lateral platform.limit_in_force(c.tenant_id, c.id, v_now) l
    cross join lateral (
      select f.spent_seven_days_nanousd / least(7, extract(epoch from v_now - f.began_at) / 86400) as per_day
    ) b
    where f.period_end > v_now and f.today_ends > v_now and f.began_at < v_now - interval '1 day' and b.per_day > 0
      and f.charged_nanousd < l.limit_nanousd
      and f.charged_nanousd + b.per_day * extract(epoch from f.period_end - v_now) / 86400 > l.limit_nanousd
      and not exists (
        select from platform.cap_alerts a
        where a.tenant_id = c.tenant_id and a.cap_id = c.id and a.period_start = f.period_start and a.resolved_at is null
          and a.threshold in (0, 100))
    order by f.tenant_id limit p_most
  ), raised as (
    insert into platform.cap_alerts
      (tenant_id, cap_id, period_start, period_end, threshold, raised_at, charged_nanousd, limit_nanousd, runs_out_at)
    select d.tenant_id, d.cap_id, d.period_start, d.period_end, 0, v_now, d.charged_nanousd, d.limit_nanousd,
      v_now + (d.limit_nanousd - d.charged_nanousd) / d.per_day * interval '1 day'
    from due d order by d.tenant_id
    on conflict do nothing
    returning tenant_id
  )
  select array_agg(distinct tenant_id order by tenant_id) into v_raised from raised;
  perform platform.announce('alerts', t) from unnest(v_raised) t;
  return coalesce(cardinality(v_raised), 0);
end
$$;

grant execute on function platform.forecast_cap_alerts(integer)
  to td_gateway;

-- Makes the board's rows of these tenants anew from rollups, caps and refusals. Whoever writes those calls it in the same transaction,
-- under the tenants' locks.
create or replace function platform.refresh_board(p_tenants uuid[]) returns void
language sql volatile security definer set search_path = '' as $$
  insert into platform.board_figures as f (tenant_id, began_at, today, today_ends, calls_today, failed_today, p95_today_ms,
    spent_today_nanousd, spent_seven_days_nanousd, period_start, period_end, charged_nanousd, last_refused_at)
  select t.id, least(t.created_at, d.first_start), t.today, platform.local_midnight(t.today + 1, t.time_zone), coalesce(d.calls, 0),
    coalesce(d.failed, 0), round(platform.latency_at(d.latency, 0.95))::integer, coalesce(d.spent, 0), coalesce(d.seven_days, 0),
    p.period_start, p.period_end, p.charged_nanousd,
    (select max(r.refused_at) from platform.refusals r where r.tenant_id = t.id)
  from (
    select x.id, x.time_zone, x.created_at, timezone(x.time_zone, clock_timestamp())::date as today
    from platform.tenants x where x.id = any (p_tenants) offset 0
  ) t
  cross join lateral (
    select timezone(t.time_zone, min(u.day)::timestamp) as first_start, sum(u.cost_nanousd)::bigint as seven_days,
      min(u.calls) filter (where u.day = t.today) as calls, min(u.failed_calls) filter (where u.day = t.today) as failed,
      min(u.cost_nanousd) filter (where u.day = t.today) as spent, min(u.latency) filter (where u.day = t.today) as latency
    from platform.usage_tenant_daily u where u.tenant_id = t.id and u.day > t.today - 7 and u.day <= t.today
  ) d
  left join lateral (
    select l.period_start, l.period_end, l.charged_nanousd
    from platform.caps c join platform.cap_periods l on l.tenant_id = c.tenant_id and l.cap_id = c.id
    where c.tenant_id = t.id and c.scope = 'tenant' and c.period = 'month'
    order by l.period_start desc limit 1
  ) p on true
  order by t.id
  on conflict (tenant_id) do update set began_at = least(f.began_at, excluded.began_at), today = excluded.today,
    today_ends = excluded.today_ends, calls_today = excluded.calls_today, failed_today = excluded.failed_today,
    p95_today_ms = excluded.p95_today_ms, spent_today_nanousd = excluded.spent_today_nanousd,
    spent_seven_days_nanousd = excluded.spent_seven_days_nanousd, period_start = excluded.period_start,
    period_end = excluded.period_end, charged_nanousd = excluded.charged_nanousd, last_refused_at = excluded.last_refused_at
$$;

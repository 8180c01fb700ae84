-- The board: one row a tenant the operator may see. Rollups only; the rights are those of who asks (security_invoker).
set local role td_owner;

-- cap_*: the tenant's monthly cap in the running period; null without one.
-- burn_nanousd_per_day: spend of the last seven days (today and the six before), a day; counted from its beginning for a younger tenant, a day at least.
-- refusals_last_hour: exact up to 10,000.
create view platform.board with (security_invoker = true) as
select
  t.id as tenant_id, t.slug, t.name, t.status, t.plan_id, t.currency, t.time_zone, t.anchor_day,
  c.id as cap_id, c.version as cap_version, c.limit_nanousd, c.hard, c.thresholds,
  coalesce(p.period_start, b.period_start) as period_start, coalesce(p.period_end, b.period_end) as period_end,
  case when c.id is not null then
    -- No period yet: the cap was made after the last ingest. The quarter hours of the period have the same sum.
    coalesce(p.charged_nanousd, (select coalesce(sum(q.cost_nanousd), 0)::bigint from platform.usage_15min q
                                 where q.tenant_id = t.id and q.bucket >= b.period_start and q.bucket < b.period_end))
  end as charged_nanousd,
  p.granted_nanousd,
  (d.seven_days / greatest(1, extract(epoch from now() - greatest(timezone(t.time_zone, (d.today - 6)::timestamp),
    least(t.created_at, timezone(t.time_zone, d.first_day::timestamp)))) / 86400))::bigint as burn_nanousd_per_day,
  d.spent_today as spent_today_nanousd,
  r.refusals_last_hour,
  l.refused_at as last_refused_at, l.type as last_refusal_type, l.code as last_refusal_code,
  now() as as_of
from platform.tenants t
left join platform.caps c on c.tenant_id = t.id and c.scope = 'tenant' and c.period = 'month'
left join lateral (
  select x.period_start, x.period_end, x.charged_nanousd, x.granted_nanousd from platform.cap_periods x
  where x.tenant_id = c.tenant_id and x.cap_id = c.id and x.period_start <= now() and x.period_end > now()
) p on true
left join lateral platform.period_bounds('month', t.time_zone, t.anchor_day, now()) b on c.id is not null and p.period_start is null
cross join lateral (
  select n.today, min(u.day) as first_day, coalesce(sum(u.cost_nanousd), 0)::bigint as seven_days,
         coalesce(sum(u.cost_nanousd) filter (where u.day = n.today), 0)::bigint as spent_today
  from (select timezone(t.time_zone, now())::date as today) n
  left join platform.usage_daily u on u.tenant_id = t.id and u.day > n.today - 7 and u.day <= n.today
  group by n.today
) d
cross join lateral (
  select count(*)::integer as refusals_last_hour from (
    select from platform.refusals f where f.tenant_id = t.id and f.refused_at > now() - interval '1 hour' limit 10000) h
) r
left join lateral (
  select f.refused_at, f.type, f.code from platform.refusals f where f.tenant_id = t.id order by f.refused_at desc limit 1
) l on true
where t.status <> 'archived';
grant select on platform.board to td_viewer, td_account_manager, td_operator, td_admin, td_auditor;

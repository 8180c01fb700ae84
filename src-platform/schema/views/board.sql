set local role td_owner;

-- The board: one row a tenant the operator may see. Rollups only; the rights are those of who asks (security_invoker).
--
-- cap_*: the tenant's monthly cap in the running period; null without one. limit_nanousd: of the cap itself.
-- override_*: its overrides that are in force: their sum, how many, the first end (null: until removed).
-- burn_nanousd_per_day: spend of the last seven days (today and the six before), a day; counted from its beginning for a younger tenant, a day at least.
-- refusals_last_hour: exact up to 10,000.
create view platform.board with (security_invoker = true) as
select
  t.id as tenant_id, t.slug, t.name, t.status, t.plan_id, t.currency, t.time_zone, t.anchor_day,
  c.id as cap_id, c.version as cap_version, c.limit_nanousd, c.hard, c.thresholds,
  -- No period yet: no ingest and no grant since the cap was made. Its bounds and the sum of its quarter hours stand in.
  case when c.id is not null then coalesce(p.period_start,
    (select b.period_start from platform.period_bounds('month', t.time_zone, t.anchor_day, now()) b)) end as period_start,
  case when c.id is not null then coalesce(p.period_end,
    (select b.period_end from platform.period_bounds('month', t.time_zone, t.anchor_day, now()) b)) end as period_end,
  case when c.id is not null then coalesce(p.charged_nanousd, (
    select coalesce(sum(q.cost_nanousd), 0)::bigint
    from platform.period_bounds('month', t.time_zone, t.anchor_day, now()) b
    join platform.usage_15min q on q.tenant_id = t.id and q.bucket >= b.period_start and q.bucket < b.period_end)) end as charged_nanousd,
  p.granted_nanousd,
  (d.seven_days / greatest(1, extract(epoch from now() - greatest(timezone(t.time_zone, (t.today - 6)::timestamp),
    least(t.created_at, timezone(t.time_zone, d.first_day::timestamp)))) / 86400))::bigint as burn_nanousd_per_day,
  d.spent_today as spent_today_nanousd,
  case when l.refused_at > now() - interval '1 hour' then (
    select count(*)::integer from (
      select from platform.refusals f where f.tenant_id = t.id and f.refused_at > now() - interval '1 hour' limit 10000) h)
  else 0 end as refusals_last_hour,
  l.refused_at as last_refused_at, l.type as last_refusal_type, l.code as last_refusal_code,
  now() as as_of,
  c.limit_nanousd + coalesce(o.amount, 0)::bigint as limit_in_force_nanousd,
  coalesce(o.amount, 0)::bigint as override_nanousd, coalesce(o.count, 0)::integer as override_count, o.next_end as override_next_end
from (select x.*, timezone(x.time_zone, now())::date as today from platform.tenants x where x.status <> 'archived' offset 0) t
left join platform.caps c on c.tenant_id = t.id and c.scope = 'tenant' and c.period = 'month'
left join platform.cap_periods p on p.tenant_id = c.tenant_id and p.cap_id = c.id and p.period_start <= now() and p.period_end > now()
-- Few caps have one: read once, not looked up for each tenant.
left join (
  select x.tenant_id, x.cap_id, sum(x.amount_nanousd) as amount, count(*) as count, min(x.ends_at) as next_end
  from platform.cap_overrides x where x.removed_at is null and (x.ends_at is null or x.ends_at > now())
  group by 1, 2
) o on o.tenant_id = c.tenant_id and o.cap_id = c.id
cross join lateral (
  select min(u.day) as first_day, coalesce(sum(u.cost_nanousd), 0)::bigint as seven_days,
         coalesce(sum(u.cost_nanousd) filter (where u.day = t.today), 0)::bigint as spent_today
  from platform.usage_tenant_daily u where u.tenant_id = t.id and u.day > t.today - 7 and u.day <= t.today
) d
left join lateral (
  select f.refused_at, f.type, f.code from platform.refusals f where f.tenant_id = t.id order by f.refused_at desc limit 1
) l on true;

grant select on platform.board to td_viewer, td_account_manager, td_operator, td_admin, td_auditor;

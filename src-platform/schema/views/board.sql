set local role td_owner;

-- What changes on the board from call to call; one row a tenant the operator may see that was ever used or refused. From rows kept ready
-- by ingest: nothing is joined or summed, but for a tenant whose day has ended without a call since. The rights are those of who asks.
--
-- period_*, charged_nanousd: of the monthly cap's running period; null without one, or when it has only begun.
-- burn_nanousd_per_day: spend of the last seven days (today and the six before), a day; counted from its beginning for a younger tenant, a day at least.
-- p95_today_ms: within 5 % (and the half of a millisecond); null: no answered call today.
create view platform.board_now with (security_invoker = true) as
select
  f.tenant_id,
  case when f.period_end > now() then f.period_start end as period_start,
  case when f.period_end > now() then f.period_end end as period_end,
  case when f.period_end > now() then f.charged_nanousd end as charged_nanousd,
  (case when f.today_ends > now() then f.spent_seven_days_nanousd else platform.spent_seven_days(f.tenant_id) end
  / greatest(1, least(date_part('epoch', now() - f.began_at) / 86400,
      7 - case when f.today_ends > now() then least(1, f.days_left) else f.days_left - floor(f.days_left) end)))::bigint as burn_nanousd_per_day,
  case when f.today_ends > now() then f.spent_today_nanousd else 0 end as spent_today_nanousd,
  case when f.today_ends > now() then f.calls_today else 0 end as calls_today,
  case when f.today_ends > now() then f.failed_today else 0 end as failed_today,
  case when f.today_ends > now() then f.p95_today_ms end as p95_today_ms,
  case when f.last_refused_at > now() - interval '1 hour' then platform.refusals_last_hour(f.tenant_id) else 0 end as refusals_last_hour,
  f.last_refused_at
from (select *, date_part('epoch', today_ends - now()) / 86400 as days_left from platform.board_figures) f;

grant select on platform.board_now to td_viewer, td_account_manager, td_operator, td_admin, td_auditor;

-- The whole board: one row a tenant the operator may see.
--
-- cap_*: the tenant's monthly cap in the running period; null without one. limit_nanousd: of the cap itself. day_*: its daily cap.
-- granted_nanousd, day_granted_nanousd: null while nobody has opened the period: no gateway holds any of it then.
-- override_*: its overrides that are in force: their sum, how many, the first end (null: until removed).
create view platform.board with (security_invoker = true) as
-- Few caps have one: read once, not looked up for each tenant.
with overrides as (
  select x.tenant_id, x.cap_id, sum(x.amount_nanousd) as amount, count(*) as count, min(x.ends_at) as next_end
  from platform.cap_overrides x where x.removed_at is null and (x.ends_at is null or x.ends_at > now())
  group by 1, 2
)
select
  t.id as tenant_id, t.slug, t.name, t.status, t.plan_id, t.currency, t.time_zone, t.anchor_day,
  c.id as cap_id, c.version as cap_version, c.limit_nanousd, c.hard, c.thresholds,
  -- No period yet: no ingest and no grant since the cap was made. Its bounds and the sum of its quarter hours stand in.
  case when c.id is not null then
    coalesce(n.period_start, (platform.period_bounds('month', t.time_zone, t.anchor_day, now())).period_start) end as period_start,
  case when c.id is not null then
    coalesce(n.period_end, (platform.period_bounds('month', t.time_zone, t.anchor_day, now())).period_end) end as period_end,
  case when c.id is not null then coalesce(n.charged_nanousd,
    platform.spent_since(t.id, (platform.period_bounds('month', t.time_zone, t.anchor_day, now())).period_start)) end as charged_nanousd,
  -- Looks in the select list, so that who does not ask for them does not wait for them.
  (select p.granted_nanousd from platform.cap_periods p
   where p.tenant_id = c.tenant_id and p.cap_id = c.id and p.period_start <= now() and p.period_end > now()) as granted_nanousd,
  coalesce(n.burn_nanousd_per_day, 0) as burn_nanousd_per_day, coalesce(n.spent_today_nanousd, 0) as spent_today_nanousd,
  coalesce(n.calls_today, 0) as calls_today, coalesce(n.failed_today, 0) as failed_today, n.p95_today_ms,
  coalesce(n.refusals_last_hour, 0) as refusals_last_hour, n.last_refused_at,
  (select r.type from platform.refusals r where r.tenant_id = t.id order by r.refused_at desc limit 1) as last_refusal_type,
  (select r.code from platform.refusals r where r.tenant_id = t.id order by r.refused_at desc limit 1) as last_refusal_code,
  now() as as_of,
  c.limit_nanousd + coalesce(o.amount, 0)::bigint as limit_in_force_nanousd,
  coalesce(o.amount, 0)::bigint as override_nanousd, coalesce(o.count, 0)::integer as override_count, o.next_end as override_next_end,
  dc.id as day_cap_id, dc.version as day_cap_version, dc.limit_nanousd as day_limit_nanousd, dc.thresholds as day_thresholds,
  case when dc.id is not null then
    coalesce(dp.period_start, (platform.period_bounds('day', t.time_zone, t.anchor_day, now())).period_start) end as day_period_start,
  case when dc.id is not null then
    coalesce(dp.period_end, (platform.period_bounds('day', t.time_zone, t.anchor_day, now())).period_end) end as day_period_end,
  case when dc.id is not null then coalesce(dp.charged_nanousd, n.spent_today_nanousd, 0) end as day_charged_nanousd,
  dp.granted_nanousd as day_granted_nanousd,
  coalesce(od.amount, 0)::bigint as day_override_nanousd, coalesce(od.count, 0)::integer as day_override_count,
  od.next_end as day_override_next_end
from platform.tenants t
left join platform.board_now n on n.tenant_id = t.id
left join platform.caps c on c.tenant_id = t.id and c.scope = 'tenant' and c.period = 'month'
left join overrides o on o.tenant_id = c.tenant_id and o.cap_id = c.id
left join platform.caps dc on dc.tenant_id = t.id and dc.scope = 'tenant' and dc.period = 'day' and dc.removed_at is null
left join platform.cap_periods dp on dp.tenant_id = dc.tenant_id and dp.cap_id = dc.id and dp.period_start <= now() and dp.period_end > now()
left join overrides od on od.tenant_id = dc.tenant_id and od.cap_id = dc.id
where t.status <> 'archived';

grant select on platform.board to td_viewer, td_account_manager, td_operator, td_admin, td_auditor;

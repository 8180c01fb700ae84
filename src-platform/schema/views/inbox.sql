set local role td_owner;

-- What waits for a decision: open increase requests, and raises that wait for a second person; a request whose approval waits shows as that
-- raise. One row each, of tenants the operator may see (security_invoker). What time has ended is not here.
--
-- cap_changed: the cap is another one than when this was asked: a fresh look is needed (a waiting raise would be void and is not here).
-- why_not: why this operator can't decide it; null: they can. needs_second: for the amount asked for, this operator needs a second person.
create view platform.inbox with (security_invoker = true) as
select
  i.kind, i.id, i.tenant_id, t.name as tenant_name, t.slug as tenant_slug, t.currency, t.time_zone, t.status as tenant_status,
  i.request_id, i.amount_nanousd, i.asked_nanousd, i.reason, i.source, i.requested_at, i.expires_at, i.until, i.ends_at, i.new_limit_nanousd,
  who.name as requested_by, i.key_id,
  c.id as cap_id, c.scope as cap_scope, c.period as cap_period, c.version as cap_version, c.limit_nanousd,
  c.version <> i.cap_version as cap_changed,
  c.limit_nanousd + overrides.nanousd as limit_in_force_nanousd,
  p.period_start, p.period_end, p.charged_nanousd,
  burn.nanousd_per_day as burn_nanousd_per_day,
  case
    when me.role not in ('operator', 'admin') then format('Your role (%s) does not decide about raises.', replace(me.role, '_', ' '))
    when i.requested_by = me.operator_id or i.asked_by = me.operator_id then 'You asked for it yourself: somebody else decides.'
    when i.kind = 'raise' and me.raise_limit_nanousd < me.raised_24h_nanousd + i.amount_nanousd then 'It passes your own limit as well: an admin decides.'
  end as why_not,
  coalesce(me.raise_limit_nanousd < me.raised_24h_nanousd + i.amount_nanousd, false) as needs_second,
  i.requested_by = me.operator_id as mine
from (
  select 'request' as kind, r.tenant_id, r.id, r.id as request_id, r.cap_id, r.cap_version, r.amount_nanousd, r.amount_nanousd as asked_nanousd,
    r.reason, r.source, r.requested_by, null::uuid as asked_by, r.key_id, r.requested_at, r.expires_at, 'period_end' as until,
    null::timestamptz as ends_at, null::bigint as new_limit_nanousd
  from platform.increase_requests r
  where r.status = 'open' and r.expires_at > now() and not exists (
    select from platform.pending_raises w join platform.caps k on k.tenant_id = w.tenant_id and k.id = w.cap_id
    where w.tenant_id = r.tenant_id and w.request_id = r.id and w.state = 'waiting' and w.expires_at > now() and w.cap_version = k.version)
  union all
  select 'raise', w.tenant_id, w.id, w.request_id, w.cap_id, w.cap_version, w.amount_nanousd, coalesce(r.amount_nanousd, w.amount_nanousd),
    coalesce(w.reason, r.reason), coalesce(r.source, 'staff'), w.requested_by, r.requested_by, r.key_id, w.requested_at, w.expires_at, w.until,
    w.ends_at, w.new_limit_nanousd
  from platform.pending_raises w
  join platform.caps k on k.tenant_id = w.tenant_id and k.id = w.cap_id
  left join platform.increase_requests r on r.tenant_id = w.tenant_id and r.id = w.request_id
  where w.state = 'waiting' and w.expires_at > now() and w.cap_version = k.version
) i
cross join platform.whoami() me
join platform.tenants t on t.id = i.tenant_id
join platform.caps c on c.tenant_id = i.tenant_id and c.id = i.cap_id
left join platform.operators who on who.id = i.requested_by
left join platform.cap_periods p on p.tenant_id = c.tenant_id and p.cap_id = c.id and p.period_start <= now() and p.period_end > now()
cross join lateral (
  select coalesce(sum(o.amount_nanousd), 0)::bigint as nanousd from platform.cap_overrides o
  where o.tenant_id = c.tenant_id and o.cap_id = c.id and o.removed_at is null and (o.ends_at is null or o.ends_at > now())
) overrides
cross join lateral (
  select (coalesce(sum(u.cost_nanousd), 0) / greatest(1, least(7, timezone(t.time_zone, now())::date - timezone(t.time_zone, t.created_at)::date + 1)))::bigint
    as nanousd_per_day
  from platform.usage_tenant_daily u
  where u.tenant_id = t.id and u.day > timezone(t.time_zone, now())::date - 7 and u.day <= timezone(t.time_zone, now())::date
) burn;

grant select on platform.inbox to td_account_manager, td_operator, td_admin, td_auditor;

-- What the board has to look up for few of its rows. Functions, so that PostgreSQL plans these looks only where one is taken; with the rights
-- of who asks.

-- Spend of today and the six days before: for a tenant whose day has ended without a call since.
create or replace function platform.spent_seven_days(p_tenant uuid) returns bigint
language sql stable set search_path = '' as $$
  select coalesce(sum(u.cost_nanousd), 0)::bigint
  from platform.tenants t
  join platform.usage_tenant_daily u on u.tenant_id = t.id
    and u.day > timezone(t.time_zone, now())::date - 7 and u.day <= timezone(t.time_zone, now())::date
  where t.id = p_tenant
$$;

-- Spend since an instant of the last 40 days: for a cap that has no period yet.
create or replace function platform.spent_since(p_tenant uuid, p_from timestamptz) returns bigint
language sql stable set search_path = '' as $$
  select coalesce(sum(q.cost_nanousd), 0)::bigint from platform.usage_15min q where q.tenant_id = p_tenant and q.bucket >= p_from
$$;

-- Exact up to 10,000.
create or replace function platform.refusals_last_hour(p_tenant uuid) returns integer
language sql stable set search_path = '' as $$
  select count(*)::integer from (
    select from platform.refusals r where r.tenant_id = p_tenant and r.refused_at > now() - interval '1 hour' limit 10000) h
$$;

grant execute on function platform.spent_seven_days(uuid), platform.spent_since(uuid, timestamptz), platform.refusals_last_hour(uuid)
  to td_viewer, td_account_manager, td_operator, td_admin, td_auditor;

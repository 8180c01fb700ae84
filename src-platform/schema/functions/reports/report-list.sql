-- The months that reports can be made of, newest first: those in which any client of the caller's was used, and the one that runs. A month runs
-- as long as it does for one of them.
create or replace function platform.report_months(p_at timestamptz) returns table (month text, running boolean)
language sql stable set search_path = '' as $$
  with running as materialized (
    select distinct date_trunc('month', timezone(t.time_zone, p_at))::date as month from platform.tenants t
  )
  select to_char(m.month, 'YYYY-MM'), m.month in (select r.month from running r)
  from (
    select u.month from platform.usage_tenant_monthly u union select r.month from running r
  ) m order by m.month desc
$$;

-- The clients of a month (first day): those that are not archived, and whoever was used in it. calls and cost are null without usage. "state" is
-- another one whenever what a report of the month tells has changed; limits of caps are not in it.
create or replace function platform.report_list(p_at timestamptz, p_month date) returns table (
  tenant_id uuid, name text, slug text, currency text, colour text, calls bigint, cost_nanousd bigint, running boolean, state text)
language sql stable set search_path = '' as $$
  select t.id, t.name, t.slug, t.currency, coalesce(b.colour, '#1f4f8f'), u.calls, u.cost_nanousd,
    p_month >= date_trunc('month', timezone(t.time_zone, p_at))::date,
    concat_ws('.', t.version, b.version, v.versions, u.calls, u.failed_calls, u.cost_nanousd, u.messages, u.conversations, u.integration_calls)
  from platform.tenants t
  left join platform.usage_tenant_monthly u on u.tenant_id = t.id and u.month = p_month
  left join platform.brandings b on b.tenant_id = t.id
  left join (select v.tenant_id, sum(v.version) as versions from platform.workflow_values v group by 1) v on v.tenant_id = t.id
  where t.status <> 'archived' or u.calls is not null
  order by t.name collate "C", t.id
$$;

grant execute on function platform.report_months(timestamptz), platform.report_list(timestamptz, date)
  to td_account_manager, td_operator, td_admin, td_auditor;

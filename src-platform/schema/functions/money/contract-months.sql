-- Contracts with the months they are in force: from_month <= month < until_month (first days of months). One contract a tenant's month.
create or replace function platform.contract_months(p_tenants uuid[] default null)
returns table (tenant_id uuid, contract platform.contracts, from_month date, until_month date)
language sql stable set search_path = '' as $$
  select c.tenant_id, c, c.valid_from, least(
    coalesce(c.valid_until + 1, 'infinity'), lead(c.valid_from, 1, 'infinity') over (partition by c.tenant_id order by c.valid_from))
  from platform.contracts c where p_tenants is null or c.tenant_id = any (p_tenants)
$$;

-- The rate in force on a day: the latest one up to it; no row: none is known. One USD is one USD, on every day.
create or replace function platform.fx_on(p_currency text, p_day date)
returns table (usd_per_unit numeric, on_date date, source text)
language sql stable set search_path = '' as $$
  select 1::numeric, p_day, 'US dollar'::text where p_currency = 'USD'
  union all
  (select f.usd_per_unit, f.on_date, f.source from platform.fx_rates f
   where f.currency = p_currency and f.on_date <= p_day order by f.on_date desc limit 1)
$$;

grant execute on function platform.contract_months(uuid[]), platform.fx_on(text, date)
  to td_account_manager, td_operator, td_admin, td_auditor;

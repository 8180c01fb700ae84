-- The contract of a tenant's month (p_month: its first day); a row of nulls without one.
create or replace function platform.contract_of(p_tenant uuid, p_month date) returns platform.contracts
language sql stable set search_path = '' as $$
  select c from platform.contracts c
  where c.tenant_id = p_tenant and (c.valid_until is null or c.valid_until >= p_month)
    and c.valid_from = (select max(l.valid_from) from platform.contracts l where l.tenant_id = p_tenant and l.valid_from <= p_month)
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

grant execute on function platform.contract_of(uuid, date), platform.fx_on(text, date)
  to td_account_manager, td_operator, td_admin, td_auditor;

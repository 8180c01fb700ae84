-- Margins of whole calendar months that are over in the tenant's zone, p_from to p_until (first days), from the rollups: a row for each month of a
-- tenant that has a contract or usage in it. Amounts in minor units of the contract's currency at the month's last rate, and in nano-USD at the
-- same rate, for sums over tenants. Null where there is no contract, no rate or no revenue.
create or replace function platform.margin_months(p_at timestamptz, p_from date, p_until date, p_tenants uuid[] default null)
returns table (
  tenant_id uuid, month date, contract_id uuid, currency text, minor_digits integer, target_margin_bp integer,
  usd_per_unit numeric, fx_date date, fx_source text, cost_nanousd bigint,
  retainer_minor bigint, overage_minor bigint, revenue_minor bigint, ai_cost_minor bigint, other_cost_minor bigint, margin_bp bigint,
  revenue_nanousd bigint, other_cost_nanousd bigint)
language sql stable set search_path = '' set jit = off as $$
  with running as materialized (
    select t.id, date_trunc('month', timezone(t.time_zone, p_at))::date as month from platform.tenants t
    where p_tenants is null or t.id = any (p_tenants)
  ), months as (
    select m::date as month, (m + interval '1 month')::date - m::date as days from generate_series(p_from, p_until, interval '1 month') m
  ), used as (
    select u.tenant_id, u.month, sum(u.cost_nanousd)::bigint as cost
    from platform.usage_monthly u
    where u.month between p_from and p_until and (p_tenants is null or u.tenant_id = any (p_tenants))
    group by 1, 2
  ), contracted as (
    select c.tenant_id, m.month, c.contract from platform.contract_months(p_tenants) c
    join months m on m.month >= c.from_month and m.month < c.until_month
  ), rates as materialized (
    select k.currency, m.month, x.usd_per_unit, x.on_date, x.source
    from (select distinct (c.contract).currency from contracted c) k(currency)
    cross join months m
    cross join lateral platform.fx_on(k.currency, m.month + m.days - 1) x
  )
  select r.id, m.month, (c.contract).id, (c.contract).currency, platform.minor_digits((c.contract).currency), (c.contract).target_margin_bp,
    x.usd_per_unit, x.on_date, x.source, coalesce(u.cost, 0),
    f.retainer_minor, f.overage_minor, f.revenue_minor, f.ai_cost_minor, f.other_cost_minor, f.margin_bp,
    platform.to_nanousd(f.revenue_minor, (c.contract).currency, x.usd_per_unit),
    platform.to_nanousd(f.other_cost_minor, (c.contract).currency, x.usd_per_unit)
  from used u
  full join contracted c on c.tenant_id = u.tenant_id and c.month = u.month
  join months m on m.month = coalesce(u.month, c.month)
  join running r on r.id = coalesce(u.tenant_id, c.tenant_id) and r.month > m.month
  left join rates x on x.currency = (c.contract).currency and x.month = m.month
  left join lateral platform.margin_of(c.contract, coalesce(u.cost, 0), x.usd_per_unit, m.days, m.days) f on true
$$;

grant execute on function platform.margin_months(timestamptz, date, date, uuid[]) to td_account_manager, td_operator, td_admin, td_auditor;

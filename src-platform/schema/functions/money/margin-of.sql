-- The arithmetic of margins. Whole numbers in, whole numbers out, numeric between: no float touches money. The bodies are bound when they are
-- defined, so they need no search_path and are planned as part of whoever calls them.

-- p_amount ÷ p_by, rounded half up, exactly: div() cuts without rounding, and the shift keeps it above zero. p_by above 0; |p_amount ÷ p_by| < 10^20.
create or replace function platform.divided(p_amount numeric, p_by numeric) returns numeric
language sql immutable
return div(2 * p_amount + p_by + 2e20 * p_by, 2 * p_by) - 1e20;

-- Decimals of a currency's minor unit (ISO 4217).
create or replace function platform.minor_digits(p_currency text) returns integer
language sql immutable
return case
  when p_currency is null then null
  when p_currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') then 0
  when p_currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 3
  else 2 end;

-- Minor units in one unit of a currency.
create or replace function platform.minor_units(p_currency text) returns numeric
language sql immutable
return case platform.minor_digits(p_currency) when 0 then 1 when 2 then 100 when 3 then 1000 end;

-- Nano-USD in minor units of a currency, and back.
create or replace function platform.to_minor(p_nanousd numeric, p_currency text, p_usd_per_unit numeric) returns bigint
language sql immutable
return platform.divided(p_nanousd * platform.minor_units(p_currency), 1000000000 * p_usd_per_unit)::bigint;

create or replace function platform.to_nanousd(p_minor bigint, p_currency text, p_usd_per_unit numeric) returns bigint
language sql immutable
return platform.divided(p_minor * p_usd_per_unit * 1000000000, platform.minor_units(p_currency))::bigint;

-- (revenue − AI cost − other direct cost) ÷ revenue in basis points; null where there is no revenue. Amounts in one unit, whatever it is.
create or replace function platform.margin_bp(p_revenue numeric, p_ai_cost numeric, p_other_cost numeric) returns bigint
language sql immutable
return platform.divided((p_revenue - p_ai_cost - p_other_cost) * 10000, nullif(p_revenue, 0))::bigint;

-- Figures of a month, or of its first p_days days, from amounts in whole minor units of the contract's currency, each rounded once.
-- Retainer and other cost are accrued for p_days of p_month_days. Overage: AI cost above what is included, with the markup. One row.
create or replace function platform.margin_of(
  p_contract platform.contracts, p_cost_nanousd bigint, p_usd_per_unit numeric, p_days integer, p_month_days integer
) returns table (
  retainer_minor bigint, overage_minor bigint, revenue_minor bigint, ai_cost_minor bigint, other_cost_minor bigint, margin_bp bigint
) language sql immutable
begin atomic
  -- "offset 0" keeps each step computed once.
  select b.retainer, b.overage, b.revenue, b.ai_cost, b.other_cost, platform.margin_bp(b.revenue, b.ai_cost, b.other_cost)
  from (
    select a.*, a.retainer + a.overage as revenue
    from (
      select platform.divided((p_contract).retainer_minor::numeric * p_days, p_month_days)::bigint as retainer,
        case when (p_contract).included_ai_nanousd is null then 0
             else platform.divided(greatest(0, p_cost_nanousd - (p_contract).included_ai_nanousd) * u.units
               * (10000 + (p_contract).overage_markup_bp), u.by * 10000) end::bigint as overage,
        platform.divided(p_cost_nanousd * u.units, u.by)::bigint as ai_cost,
        platform.divided((p_contract).other_direct_cost_minor::numeric * p_days, p_month_days)::bigint as other_cost
      from (select platform.minor_units((p_contract).currency) as units, 1000000000 * p_usd_per_unit as by offset 0) u offset 0) a offset 0) b;
end;

grant execute on function platform.divided(numeric, numeric), platform.minor_digits(text), platform.minor_units(text),
  platform.to_minor(numeric, text, numeric), platform.to_nanousd(bigint, text, numeric), platform.margin_bp(numeric, numeric, numeric),
  platform.margin_of(platform.contracts, bigint, numeric, integer, integer)
  to td_account_manager, td_operator, td_admin, td_auditor;

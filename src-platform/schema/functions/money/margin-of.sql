-- Decimals of a currency's minor unit (ISO 4217).
create or replace function platform.minor_digits(p_currency text) returns integer
language sql immutable set search_path = '' as $$
  select case when p_currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') then 0
              when p_currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 3
              else 2 end
$$;

-- Nano-USD in minor units of a currency, rounded half up, and back.
create or replace function platform.to_minor(p_nanousd numeric, p_currency text, p_usd_per_unit numeric) returns bigint
language sql immutable set search_path = '' as $$
  select round(p_nanousd * 10 ^ platform.minor_digits(p_currency) / (1000000000 * p_usd_per_unit))::bigint
$$;

create or replace function platform.to_nanousd(p_minor bigint, p_currency text, p_usd_per_unit numeric) returns bigint
language sql immutable set search_path = '' as $$
  select round(p_minor * p_usd_per_unit * 1000000000 / 10 ^ platform.minor_digits(p_currency))::bigint
$$;

-- The one rule of margins: (revenue − AI cost − other direct cost) ÷ revenue, in basis points, from amounts in whole minor units of the
-- contract's currency, each rounded half up once. Retainer and other cost are accrued for p_days of the month's p_month_days.
-- Overage: AI cost above what is included, with the markup. margin_bp is null where there is no revenue.
create or replace function platform.margin_of(
  p_contract platform.contracts, p_cost_nanousd bigint, p_usd_per_unit numeric, p_days integer, p_month_days integer,
  out retainer_minor bigint, out overage_minor bigint, out revenue_minor bigint, out ai_cost_minor bigint,
  out other_cost_minor bigint, out margin_bp bigint
) language plpgsql immutable set search_path = '' as $$
begin
  retainer_minor := round(p_contract.retainer_minor::numeric * p_days / p_month_days);
  overage_minor := coalesce(platform.to_minor(greatest(0, p_cost_nanousd - p_contract.included_ai_nanousd)
    * (10000 + p_contract.overage_markup_bp)::numeric / 10000, p_contract.currency, p_usd_per_unit), 0);
  revenue_minor := retainer_minor + overage_minor;
  ai_cost_minor := platform.to_minor(p_cost_nanousd, p_contract.currency, p_usd_per_unit);
  other_cost_minor := round(p_contract.other_direct_cost_minor::numeric * p_days / p_month_days);
  margin_bp := platform.margin_bp(revenue_minor, ai_cost_minor, other_cost_minor);
end
$$;

create or replace function platform.margin_bp(p_revenue numeric, p_ai_cost numeric, p_other_cost numeric) returns bigint
language sql immutable set search_path = '' as $$
  select round((p_revenue - p_ai_cost - p_other_cost) * 10000 / nullif(p_revenue, 0))::bigint
$$;

grant execute on function platform.minor_digits(text), platform.to_minor(numeric, text, numeric), platform.to_nanousd(bigint, text, numeric),
  platform.margin_of(platform.contracts, bigint, numeric, integer, integer), platform.margin_bp(numeric, numeric, numeric)
  to td_account_manager, td_operator, td_admin, td_auditor;

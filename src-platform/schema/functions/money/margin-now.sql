-- Margins of the running calendar month, one row a tenant that the caller may see (archived ones without usage in it left out).
--
-- to_date_*: usage so far; retainer and other cost accrued for the days that have begun. forecast_*: the whole month with the expected cost,
-- which hard caps bound. low and high: the range of the cost, so margin_low_bp goes with the high cost. All amounts of a tenant are in minor
-- units of its contract's currency at the rate beside them; *_nanousd in nano-USD. Null where there is no contract, no rate or no revenue.
-- after_*: the whole month when the monthly cap in force, raised by p_extra_cap_nanousd, is used up: what was spent in the month, what is
-- left of the cap, and what is expected after the cap's period where that ends first. Null without a hard monthly cap.
create or replace function platform.margin_now(p_at timestamptz, p_tenants uuid[] default null, p_extra_cap_nanousd bigint default 0)
returns table (
  tenant_id uuid, month date, month_days integer, day_of_month integer, contract platform.contracts, minor_digits integer,
  usd_per_unit numeric, fx_date date, fx_source text,
  spent_nanousd bigint, forecast_nanousd bigint, low_nanousd bigint, high_nanousd bigint, cap_bounds boolean, after_nanousd bigint,
  to_date_revenue_minor bigint, to_date_ai_cost_minor bigint, to_date_other_cost_minor bigint, to_date_margin_bp bigint,
  forecast_retainer_minor bigint, forecast_overage_minor bigint, forecast_revenue_minor bigint, forecast_ai_cost_minor bigint,
  forecast_other_cost_minor bigint, forecast_margin_bp bigint, margin_low_bp bigint, margin_high_bp bigint, after_margin_bp bigint,
  to_date_revenue_nanousd bigint, to_date_other_nanousd bigint, forecast_revenue_nanousd bigint, forecast_other_nanousd bigint)
language sql stable set search_path = '' set jit = off as $$
  with caps as (
    -- A cap without a period yet: its quarter hours stand in, as on the board.
    select c.tenant_id, coalesce(p.period_end, b.period_end) as period_end,
      greatest(0, c.limit_nanousd + coalesce(o.amount, 0) + p_extra_cap_nanousd - coalesce(p.charged_nanousd, (
        select coalesce(sum(q.cost_nanousd), 0) from platform.usage_15min q
        where q.tenant_id = c.tenant_id and q.bucket >= b.period_start and q.bucket < b.period_end))) as room
    from platform.caps c
    join platform.tenants t on t.id = c.tenant_id
    left join platform.cap_periods p on p.tenant_id = c.tenant_id and p.cap_id = c.id and p.period_start <= p_at and p.period_end > p_at
    left join lateral (
      select x.* from platform.period_bounds('month', t.time_zone, t.anchor_day, p_at) x where p.cap_id is null) b on true
    left join (
      select x.tenant_id, x.cap_id, sum(x.amount_nanousd) as amount from platform.cap_overrides x
      where x.removed_at is null and x.starts_at <= p_at and (x.ends_at is null or x.ends_at > p_at) group by 1, 2
    ) o on o.tenant_id = c.tenant_id and o.cap_id = c.id
    where c.scope = 'tenant' and c.period = 'month' and c.hard and (p_tenants is null or c.tenant_id = any (p_tenants))
  ), costs as (
    select f.*, k.room,
      -- Of the time still to come, the part in the cap's present period.
      case when e.period_end < e.month_end then extract(epoch from e.period_end - e.at) / extract(epoch from e.month_end - e.at) else 1 end as in_period
    from platform.forecast_costs(p_at, p_tenants) f
    join platform.tenants t on t.id = f.tenant_id
    left join caps k on k.tenant_id = f.tenant_id
    cross join lateral (
      select timezone(t.time_zone, p_at) as at, timezone(t.time_zone, k.period_end) as period_end, f.month + interval '1 month' as month_end offset 0) e
    where t.status <> 'archived' or f.spent_nanousd <> 0
  ), bounded as (
    select c.*, least(c.rest_nanousd * c.in_period, c.room) + c.rest_nanousd * (1 - c.in_period) as rest,
      case when c.rest_low_nanousd is not null
           then least(c.rest_low_nanousd * c.in_period, c.room) + c.rest_low_nanousd * (1 - c.in_period) end as low,
      case when c.rest_high_nanousd is not null
           then least(c.rest_high_nanousd * c.in_period, c.room) + c.rest_high_nanousd * (1 - c.in_period) end as high,
      c.room + c.rest_nanousd * (1 - c.in_period) as after
    from costs c
  ), whole as (
    select b.tenant_id, b.month, b.month_days, b.day_of_month, b.spent_nanousd,
      b.spent_nanousd + round(b.rest)::bigint as forecast, b.spent_nanousd + round(b.low)::bigint as low,
      b.spent_nanousd + round(b.high)::bigint as high, coalesce(b.rest_nanousd * b.in_period > b.room, false) as cap_bounds,
      b.spent_nanousd + round(b.after)::bigint as after
    from bounded b
  ), contracted as materialized (
    select w.*, c.contract, w.month + w.day_of_month - 1 as today
    from whole w left join platform.contract_months(p_tenants) c on c.tenant_id = w.tenant_id and w.month >= c.from_month and w.month < c.until_month
  ), rates as materialized (
    select k.currency, k.today, x.usd_per_unit, x.on_date, x.source
    from (select distinct (c.contract).currency, c.today from contracted c) k cross join lateral platform.fx_on(k.currency, k.today) x
  )
  select w.tenant_id, w.month, w.month_days, w.day_of_month, w.contract, platform.minor_digits((w.contract).currency),
    x.usd_per_unit, x.on_date, x.source, w.spent_nanousd, w.forecast, w.low, w.high, w.cap_bounds, w.after,
    d.revenue_minor, d.ai_cost_minor, d.other_cost_minor, d.margin_bp,
    f.retainer_minor, f.overage_minor, f.revenue_minor, f.ai_cost_minor, f.other_cost_minor, f.margin_bp, h.margin_bp, l.margin_bp, a.margin_bp,
    platform.to_nanousd(d.revenue_minor, (w.contract).currency, x.usd_per_unit),
    platform.to_nanousd(d.other_cost_minor, (w.contract).currency, x.usd_per_unit),
    platform.to_nanousd(f.revenue_minor, (w.contract).currency, x.usd_per_unit),
    platform.to_nanousd(f.other_cost_minor, (w.contract).currency, x.usd_per_unit)
  from contracted w
  left join rates x on x.currency = (w.contract).currency and x.today = w.today
  left join lateral platform.margin_of(w.contract, w.spent_nanousd, x.usd_per_unit, w.day_of_month, w.month_days) d on true
  left join lateral platform.margin_of(w.contract, w.forecast, x.usd_per_unit, w.month_days, w.month_days) f on true
  left join lateral platform.margin_of(w.contract, w.low, x.usd_per_unit, w.month_days, w.month_days) l on true
  left join lateral platform.margin_of(w.contract, w.high, x.usd_per_unit, w.month_days, w.month_days) h on true
  left join lateral platform.margin_of(w.contract, w.after, x.usd_per_unit, w.month_days, w.month_days) a on true
$$;

grant execute on function platform.margin_now(timestamptz, uuid[], bigint) to td_account_manager, td_operator, td_admin, td_auditor;

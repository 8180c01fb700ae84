-- What the rest of each tenant's calendar month is expected to cost, and how far off it may be.
--
-- The past is cut into weeks that begin on today's weekday, so that weeks compare whatever the day. Of the last eight come the level, their mean,
-- and the shape, each weekday's share, drawn a quarter towards the even share: few calls make few weekdays typical.
--   rest = level × (the weekdays still to come, of today the part that is left) × drift
-- The same is reckoned for ten earlier weeks, over as many days, and compared with what came. Seven tenths of how much those were short or over
-- on average is the drift: use grows. How they scatter around it gives the range, in which about 8 of 10 months end.
-- A tenant without such weeks (younger than nine and the days to forecast) has no range: null, which is not "certain".
-- The weights were found with invented histories; `npm run bench -- forecast` judges them on others, beside the plain run rate.
--
-- p_at: the instant of forecast (usage after it must not be there). p_tenants null: all whom the caller may see.
create or replace function platform.forecast_costs(p_at timestamptz, p_tenants uuid[] default null)
returns table (
  tenant_id uuid, month date, month_days integer, day_of_month integer, spent_nanousd bigint, rest_nanousd bigint,
  rest_low_nanousd bigint, rest_high_nanousd bigint)
language sql stable set search_path = '' set jit = off as $$
  with clock as materialized (
    select t.id, d.today, m.month, (m.month + interval '1 month')::date - m.month as month_days,
      m.days / 7 as weeks, m.days % 7 as days, -- still to come, today included
      1 - extract(epoch from d.at - d.today) / 86400 as today_left -- by the clock on the wall
    from platform.tenants t
    cross join lateral (select x.at, x.at::date as today from (select timezone(t.time_zone, p_at) as at offset 0) x offset 0) d
    cross join lateral (
      select x.month, (x.month + interval '1 month')::date - d.today as days
      from (select date_trunc('month', d.today::timestamp)::date as month offset 0) x offset 0) m
    where p_tenants is null or t.id = any (p_tenants)
  ), daily as materialized (
    -- week 0: the last seven whole days; weekday 0: that of today. today: week null.
    select c.id, u.day, case when u.day < c.today then (c.today - 1 - u.day) / 7 end as week,
      6 - (c.today - 1 - u.day) % 7 as weekday, c.days, u.cost_nanousd as cost, u.day >= c.month as in_month
    from clock c
    join platform.usage_tenant_daily u on u.tenant_id = c.id and u.day >= c.today - 161 and u.day <= c.today
  ), sums as (
    select d.id, sum(d.cost) filter (where d.in_month) as spent, sum(d.cost) filter (where d.week is null) as today,
      min(d.day) filter (where d.week is not null) as first_day,
      nullif(sum(d.cost) filter (where d.week < 8), 0) as eight_weeks,
      coalesce(sum(d.cost) filter (where d.week < 8 and d.weekday = 0), 0) as on_today,
      coalesce(sum(d.cost) filter (where d.week < 8 and d.weekday < d.days), 0) as on_days
    from daily d group by d.id
  ), shaped as (
    -- Shares of a week: of today's weekday, and of the weekdays in the broken week at the month's end.
    select c.*, coalesce(s.spent, 0) as spent, coalesce(s.today, 0) as spent_today, (c.today - s.first_day) / 7 as weeks_known,
      s.eight_weeks * 7 / least(56, c.today - s.first_day) as level,
      case when c.today - s.first_day >= 28 then coalesce(0.75 * s.on_today / s.eight_weeks, 0.75 / 7) + 0.25 / 7
           else 1 / 7.0 end as share_today,
      case when c.today - s.first_day >= 28 then coalesce(0.75 * s.on_days / s.eight_weeks, 0.75 * c.days / 7) + 0.25 * c.days / 7
           else c.days / 7.0 end as share_days
    from clock c left join sums s on s.id = c.id
  ), weekly as (
    select s.id, s.weeks, s.weeks_known, s.share_days, g.week, coalesce(sum(d.cost), 0) as cost,
      coalesce(sum(d.cost) filter (where d.weekday < d.days), 0) as begun
    from shaped s cross join generate_series(0, 22) g(week)
    left join daily d on d.id = s.id and d.week = g.week
    group by 1, 2, 3, 4, 5
  ), summed as (
    select w.*, sum(w.cost) over (partition by w.id order by w.week) as until from weekly w
  ), past as (
    -- What would have been said with the weeks from "week" back, and what came in as many days after them.
    select s.id, (lead(s.until, 7) over w - lag(s.until) over w) / 8 * (s.weeks + s.share_days) as said,
      lag(s.until) over w - lag(s.until, s.weeks + 1) over w + lag(s.begun, s.weeks + 1) over w as came,
      s.week between s.weeks + 1 and s.weeks + 10 and s.week + 8 <= s.weeks_known as counts
    from summed s window w as (partition by s.id order by s.week)
  ), errors as (
    select p.id, 1 + 0.7 * (avg(p.came / p.said) - 1) as drift, avg(p.came / p.said) as mean, avg(p.came / p.said * (p.came / p.said)) as square
    from past p where p.counts and p.said > 0 group by p.id having count(*) >= 4
  ), expected as (
    select s.*, 1.7 * sqrt(e.square - 2 * e.drift * e.mean + e.drift * e.drift) / e.drift as error, coalesce(
      s.level * (s.weeks + s.share_days - s.share_today * (1 - s.today_left)) * coalesce(e.drift, 1),
      -- Nothing but today is known.
      s.spent_today / greatest(0.25, 1 - s.today_left) * (s.weeks * 7 + s.days - 1 + s.today_left)) as rest
    from shaped s left join errors e on e.id = s.id
  )
  select x.id, x.month, x.month_days, x.today - x.month + 1, x.spent::bigint, round(x.rest)::bigint,
    case when x.error is not null then round(x.rest * greatest(0, 1 - x.error))::bigint end, round(x.rest * (1 + x.error))::bigint
  from expected x
$$;

grant execute on function platform.forecast_costs(timestamptz, uuid[]) to td_account_manager, td_operator, td_admin, td_auditor;

-- Raises what the present figures of these caps' running periods ask for: of each the highest threshold that is passed, once a period, unless a higher
-- one was raised before; a jump over several is one alert. Who calls it holds the rows of the periods.
create or replace function platform.raise_cap_alerts(p_tenants uuid[], p_caps uuid[], p_starts timestamptz[]) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_now timestamptz := clock_timestamp();
  v_raised uuid[];
begin
  with raised as (
    insert into platform.cap_alerts (tenant_id, cap_id, period_start, period_end, threshold, raised_at, charged_nanousd, limit_nanousd)
    select p.tenant_id, p.cap_id, p.period_start, p.period_end, n.threshold, v_now, p.charged_nanousd, p.limit_nanousd
    from unnest(p_tenants, p_caps, p_starts) w(tenant_id, cap_id, period_start)
    join platform.cap_periods p on p.tenant_id = w.tenant_id and p.cap_id = w.cap_id and p.period_start = w.period_start
    join platform.caps c on c.tenant_id = p.tenant_id and c.id = p.cap_id and c.removed_at is null
    cross join lateral (
      select max(t) as threshold from unnest(c.thresholds) t
      where p.charged_nanousd > 0 and p.charged_nanousd >= platform.percent_of(p.limit_nanousd, t)
    ) n
    where n.threshold is not null and p.period_end > v_now and not exists (
      select from platform.cap_alerts a
      where a.tenant_id = p.tenant_id and a.cap_id = p.cap_id and a.period_start = p.period_start and a.threshold >= n.threshold
        and a.resolved_at is null)
    order by p.tenant_id, p.cap_id
    on conflict do nothing
    returning tenant_id
  )
  select array_agg(distinct tenant_id order by tenant_id) into v_raised from raised;
  perform platform.announce('alerts', t) from unnest(v_raised) t;
end
$$;

-- After a change of a cap: what is not so any more is resolved, what is so now is raised.
create or replace function platform.judge_cap_alerts(p_period platform.cap_periods, p_at timestamptz) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  update platform.cap_alerts a set resolved_at = p_at
  where a.tenant_id = p_period.tenant_id and a.cap_id = p_period.cap_id and a.period_start = p_period.period_start and a.resolved_at is null
    and (a.threshold = 0 and p_period.limit_nanousd > a.limit_nanousd
      or p_period.charged_nanousd < platform.percent_of(p_period.limit_nanousd, a.threshold));
  if found then
    perform platform.announce('alerts', p_period.tenant_id);
  end if;
  perform platform.raise_cap_alerts(array[p_period.tenant_id], array[p_period.cap_id], array[p_period.period_start]);
end
$$;

-- Periods: a day or an anchored month in an IANA zone. The only place where they are computed; every function takes its instant.

-- The first instant at which the zone's calendar shows p_day. Where midnight happens twice (clocks put back over it) that is the
-- first of the two, where it is skipped (clocks put forward) the instant of the jump.
create or replace function platform.local_midnight(p_day date, p_zone text) returns timestamptz
language sql immutable
return case
  when timezone(p_zone, timezone(p_zone, p_day::timestamp) - interval '1 hour') >= p_day::timestamp
    then timezone(p_zone, p_day::timestamp) - interval '1 hour'
  when timezone(p_zone, timezone(p_zone, p_day::timestamp) - interval '30 minutes') >= p_day::timestamp
    then timezone(p_zone, p_day::timestamp) - interval '30 minutes'
  else timezone(p_zone, p_day::timestamp) end;

-- The period of p_at: period_start <= p_at < period_end. p_anchor_day (1 to 28) counts for months alone.
create or replace function platform.period_bounds(
  p_period text, p_zone text, p_anchor_day integer, p_at timestamptz, out period_start timestamptz, out period_end timestamptz
) language plpgsql immutable set search_path = '' as $$
declare
  v_day date := timezone(p_zone, p_at)::date;
  v_step interval;
  v_first date;
begin
  if p_period = 'day' then
    v_step := interval '1 day';
    v_first := v_day;
  elsif p_period = 'month' and p_anchor_day between 1 and 28 then
    v_step := interval '1 month';
    v_first := date_trunc('month', v_day::timestamp)::date + (p_anchor_day - 1);
    if v_first > v_day then
      v_first := (v_first - v_step)::date;
    end if;
  else
    raise exception 'There is no period "%" with anchor day %.', p_period, p_anchor_day using errcode = 'TD400';
  end if;
  period_start := platform.local_midnight(v_first, p_zone);
  period_end := platform.local_midnight((v_first + v_step)::date, p_zone);
  -- Clocks put back over midnight show the old date again: the instants decide, so that each lies in exactly one period.
  if p_at >= period_end then
    v_first := (v_first + v_step)::date;
  elsif p_at < period_start then
    v_first := (v_first - v_step)::date;
  else
    return;
  end if;
  period_start := platform.local_midnight(v_first, p_zone);
  period_end := platform.local_midnight((v_first + v_step)::date, p_zone);
end
$$;

grant execute on function platform.local_midnight(date, text), platform.period_bounds(text, text, integer, timestamptz)
  to td_owner, td_gateway, td_viewer, td_account_manager, td_operator, td_admin, td_auditor;

-- Opens the periods of p_tenants' caps that contain p_at and are not there yet, with what the ledger already has in them.
--
-- Ingest adds to the periods that exist. So that no row falls between the sum and the new period, both hold the
-- tenant's row: an ingest in flight is waited for, a later one sees the period. A changed zone or anchor takes effect at the next
-- boundary: a period begins no earlier than the one before it ended.
create or replace function platform.open_cap_periods(p_tenants uuid[], p_at timestamptz) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_missing uuid[];
begin
  select array_agg(distinct c.tenant_id) into v_missing
  from platform.caps c
  where c.tenant_id = any (p_tenants) and c.removed_at is null and not exists (
    select from platform.cap_periods p
    where p.tenant_id = c.tenant_id and p.cap_id = c.id and p.period_start <= p_at and p.period_end > p_at);
  if v_missing is null then
    return;
  end if;
  perform from platform.tenants t where t.id = any (v_missing) order by t.id for no key update;
  -- set_cap may be changing the limit at this moment: wait for it and take its figure.
  perform from platform.caps c where c.tenant_id = any (v_missing) order by c.tenant_id, c.id for share;
  insert into platform.cap_periods (tenant_id, cap_id, period_start, period_end, limit_nanousd, granted_nanousd, charged_nanousd)
  select n.tenant_id, n.id, n.period_start, n.period_end, n.limit_nanousd, s.cost, s.cost
  from (
    select c.*, greatest(b.period_start, last.period_end) as period_start, b.period_end
    from platform.caps c
    join platform.tenants t on t.id = c.tenant_id
    cross join lateral platform.period_bounds(c.period, t.time_zone, t.anchor_day, p_at) b
    left join lateral (
      select p.period_end from platform.cap_periods p
      where p.tenant_id = c.tenant_id and p.cap_id = c.id and p.period_start <= p_at
      order by p.period_start desc limit 1
    ) last on true
    where c.tenant_id = any (v_missing) and c.removed_at is null and coalesce(last.period_end <= p_at, true)
  ) n
  cross join lateral (
    select coalesce(sum(u.cost_nanousd), 0)::bigint as cost
    from platform.usage_records u
    where u.tenant_id = n.tenant_id and u.occurred_at >= n.period_start and u.occurred_at < n.period_end
      and (n.key_id is null or u.key_id = n.key_id) and (n.workflow_id is null or u.workflow_id = n.workflow_id)
  ) s
  on conflict do nothing;
  perform platform.refresh_board(v_missing);
end
$$;

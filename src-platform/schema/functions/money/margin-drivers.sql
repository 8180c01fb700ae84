-- Why a tenant's margin of a calendar month differs from that of the month before, in steps that add up to the difference to the basis point:
-- one part is replaced after the other, and each step is the margin after it less the margin before it.
--   retainer → overage → other direct cost → rate of exchange (a contract in another currency: all four at once, "contract")
--   → volume: each workflow's and model's calls at last month's cost a call (what is new or gone is volume as a whole)
--   → unit cost: the rest of its change: prices, longer prompts, less from the cache
-- The running month counts with its forecast, dealt out as its cost so far is (last month's, before the first call).
--
-- → {"month","running","beforeBp","afterBp","contractBp"|null,"retainerBp","overageBp","otherCostBp","fxBp","items":[{"workflow","model",
--    "callsBefore","callsAfter" (expected),"costBeforeNanoUsd","costAfterNanoUsd","volumeBp","unitCostBp"}],"asOf"}
-- Null: no such tenant among the caller's, or neither contract nor usage. Basis points are null without a margin in both months.
create or replace function platform.margin_drivers(p_at timestamptz, p_tenant uuid, p_month date) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_zone text := (select t.time_zone from platform.tenants t where t.id = p_tenant);
  v_running boolean := p_month = date_trunc('month', timezone(v_zone, p_at))::date;
  v_old record;
  v_new record;
  v_items jsonb;
  v_spent bigint;
  v_bp bigint[]; -- before, then after each of the steps that are not the cost of calls
  v_same boolean;
begin
  if p_tenant is null or p_month is null or p_month <> date_trunc('month', p_month::timestamp)::date then
    raise exception 'Drivers are asked of a tenant and a month.' using errcode = 'TD400';
  end if;
  select m.*, coalesce(m.cost_nanousd, 0) as cost into v_old
  from (select) one left join platform.margin_months(p_at, (p_month - interval '1 month')::date, (p_month - interval '1 month')::date, array[p_tenant]) m on true;
  if v_running then
    select n.tenant_id, (n.contract).currency, n.usd_per_unit, n.forecast_nanousd as cost, n.forecast_retainer_minor as retainer_minor,
      n.forecast_overage_minor as overage_minor, n.forecast_other_cost_minor as other_cost_minor, n.forecast_margin_bp as margin_bp
    into v_new from platform.margin_now(p_at, array[p_tenant]) n;
  else
    select m.tenant_id, m.currency, m.usd_per_unit, m.cost_nanousd as cost, m.retainer_minor, m.overage_minor, m.other_cost_minor, m.margin_bp
    into v_new from platform.margin_months(p_at, p_month, p_month, array[p_tenant]) m;
  end if;
  if v_new.tenant_id is null then
    return null;
  end if;

  v_same := v_old.currency = v_new.currency;
  v_bp := array[v_old.margin_bp];
  if v_same then
    v_bp := v_bp
      || platform.margin_bp(v_new.retainer_minor + v_old.overage_minor, v_old.ai_cost_minor, v_old.other_cost_minor)
      || platform.margin_bp(v_new.retainer_minor + v_new.overage_minor, v_old.ai_cost_minor, v_old.other_cost_minor)
      || platform.margin_bp(v_new.retainer_minor + v_new.overage_minor, v_old.ai_cost_minor, v_new.other_cost_minor);
  end if;
  v_bp := v_bp || platform.margin_bp(v_new.retainer_minor + v_new.overage_minor,
    platform.to_minor(v_old.cost, v_new.currency, v_new.usd_per_unit), v_new.other_cost_minor);

  select coalesce(sum(u.cost_nanousd), 0) into v_spent from platform.usage_monthly u where u.tenant_id = p_tenant and u.month = p_month;
  with cost as (
    select u.workflow_id, u.model,
      coalesce(sum(u.calls) filter (where u.month < p_month), 0) as calls_before,
      coalesce(sum(u.cost_nanousd) filter (where u.month < p_month), 0) as before,
      coalesce(sum(u.calls) filter (where u.month = p_month or v_spent = 0), 0) as calls,
      coalesce(sum(u.cost_nanousd) filter (where u.month = p_month or v_spent = 0), 0) as share
    from platform.usage_monthly u
    where u.tenant_id = p_tenant and u.month in (p_month, (p_month - interval '1 month')::date)
    group by 1, 2
    -- A forecast without a call in both months has no workflow to be dealt to.
    union all select null, null, 0, 0, 0, 1 where v_spent = 0 and v_old.cost = 0 and v_new.cost > 0
  ), dealt as (
    -- Rounded sums, not rounded shares: they add up to the whole.
    select c.*, row_number() over w as position,
      platform.divided(v_new.cost * sum(c.share) over w, sum(c.share) over ())
        - platform.divided(v_new.cost * (sum(c.share) over w - c.share), sum(c.share) over ()) as after,
      case when sum(c.share) over () > 0 then c.calls * v_new.cost / sum(c.share) over () else 0 end as calls_after
    from cost c window w as (order by c.share desc, c.before desc, c.workflow_id, c.model)
  ), parted as (
    select d.*, case when d.calls_before > 0 then round(d.before * (d.calls_after - d.calls_before) / d.calls_before)
                     else coalesce(d.after, 0) - d.before end as volume
    from (select x.workflow_id, x.model, x.calls_before, x.before, x.calls_after, x.position, coalesce(x.after, 0) as after from dealt x) d
  ), steps as (
    select p.position, 1 as round, p.volume as change from parted p
    union all select p.position, 2, p.after - p.before - p.volume from parted p
  ), margins as (
    select s.position, s.round, platform.margin_bp(v_new.retainer_minor + v_new.overage_minor,
      platform.to_minor(v_old.cost + sum(s.change) over (order by s.round, s.position), v_new.currency, v_new.usd_per_unit), v_new.other_cost_minor) as bp
    from steps s
  ), effects as (
    select m.position, m.round, m.bp - coalesce(lag(m.bp) over (order by m.round, m.position), v_bp[cardinality(v_bp)]) as effect from margins m
  )
  select coalesce(jsonb_agg(jsonb_build_object('workflow', w.name, 'model', p.model, 'callsBefore', p.calls_before,
    'callsAfter', round(p.calls_after), 'costBeforeNanoUsd', p.before, 'costAfterNanoUsd', p.after,
    'volumeBp', case when v_old.margin_bp is not null then e.effect end, 'unitCostBp', case when v_old.margin_bp is not null then u.effect end)
    order by p.position), '[]')
  into v_items
  from parted p
  left join platform.workflows w on w.tenant_id = p_tenant and w.id = p.workflow_id
  join effects e on e.position = p.position and e.round = 1
  join effects u on u.position = p.position and u.round = 2;

  return jsonb_build_object('month', p_month, 'running', v_running, 'beforeBp', v_old.margin_bp, 'afterBp', v_new.margin_bp,
    'contractBp', case when not v_same then v_bp[2] - v_bp[1] end,
    'retainerBp', case when v_same then v_bp[2] - v_bp[1] end, 'overageBp', case when v_same then v_bp[3] - v_bp[2] end,
    'otherCostBp', case when v_same then v_bp[4] - v_bp[3] end, 'fxBp', case when v_same then v_bp[5] - v_bp[4] end, 'items', v_items, 'asOf', now());
end
$$;

grant execute on function platform.margin_drivers(timestamptz, uuid, date) to td_account_manager, td_operator, td_admin, td_auditor;

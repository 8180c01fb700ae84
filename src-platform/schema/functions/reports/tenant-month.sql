-- Everything that the report of one client's calendar month (in its zone) tells, read from the rollups at one moment: a stable function sees the
-- snapshot of the statement that calls it. The rights are those of who asks. It reads what the client may know of itself and nothing else: no
-- contract, no margin, no other client. What the client would learn from a new figure here is to be thought of before it is added.
--
-- p_month: first day. Amounts in nano-USD; rates as text, so that no float comes between. A workflow without "name": calls that named none;
-- a model without "provider": it is not known any more. A month uses the latest exchange rate up to its last day (the running one: up to today),
-- as margins do; null: USD, or none is known.
-- "units": what calls said they did, one for an answered call that said nothing. Latency of answered calls, within 5 %.
-- "budget": periods of the monthly cap of the client that touch the month; they follow its anchor day.
--
-- Null: no such tenant among the caller's. TD400 no month, or it has not begun.
create or replace function platform.tenant_month(p_at timestamptz, p_tenant uuid, p_month date) returns jsonb
language plpgsql stable set search_path = '' set jit = off as $$
declare
  v_tenant platform.tenants;
  v_brand platform.brandings;
  v_running date;
  v_next date;
  v_latency integer[];
  v_usage jsonb;
begin
  if p_at is null or p_tenant is null or p_month is null or p_month not between '2000-01-01' and '2100-01-01'
    or p_month <> date_trunc('month', p_month::timestamp)::date then
    raise exception 'A report is of one client and one calendar month.' using errcode = 'TD400';
  end if;
  select * into v_tenant from platform.tenants t where t.id = p_tenant;
  if not found then
    return null;
  end if;
  v_running := date_trunc('month', timezone(v_tenant.time_zone, p_at))::date;
  v_next := (p_month + interval '1 month')::date;
  if p_month > v_running then
    raise exception '% has not begun for %: there is nothing to report yet.', to_char(p_month, 'FMMonth YYYY'), v_tenant.name using errcode = 'TD400';
  end if;
  select * into v_brand from platform.brandings b where b.tenant_id = p_tenant;
  select platform.sum_counts(u.latency) into v_latency from platform.usage_tenant_daily u
  where u.tenant_id = p_tenant and u.day >= p_month and u.day < v_next;

  with usage as materialized (
    select * from platform.usage_monthly u where u.tenant_id = p_tenant and u.month = p_month
  ), total as (
    select coalesce(sum(ledger_rows), 0) as ledger_rows, platform.usage_json(sum(calls), sum(failed_calls), sum(input_tokens),
      sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens), sum(cost_nanousd)) as figures
    from usage
  ), by_workflow as (
    select u.workflow_id, sum(u.calls) as calls, sum(u.cost_nanousd) as cost, sum(u.units) as units, platform.usage_json(sum(calls),
      sum(failed_calls), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens), sum(cost_nanousd)) as figures
    from usage u group by 1
  ), by_model as (
    select u.provider, u.model, sum(u.calls) as calls, sum(u.cost_nanousd) as cost, platform.usage_json(sum(calls), sum(failed_calls),
      sum(input_tokens), sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens), sum(cost_nanousd)) as figures
    from usage u group by 1, 2
  )
  select jsonb_build_object(
    'ledgerRows', t.ledger_rows,
    'total', t.figures,
    'priceVersions', (select coalesce(jsonb_agg(p.name order by p.name collate "C"), '[]') from (
      select distinct u.provider || '/' || u.model || ' v' || u.price_version as name from usage u where u.price_version is not null) p),
    'workflows', (select coalesce(jsonb_agg(w.figures || jsonb_build_object('name', f.name, 'value', case when v.version is not null then
        jsonb_build_object('unit', v.unit, 'units', w.units, 'minutesSavedPerUnit', trim_scale(v.minutes_saved)::text,
          'hourlyWorthMinor', v.hourly_worth_minor) end)
        order by w.cost desc, w.calls desc, f.name collate "C", w.workflow_id), '[]')
      from by_workflow w
      left join platform.workflows f on f.tenant_id = p_tenant and f.id = w.workflow_id
      left join platform.workflow_values v on v.tenant_id = p_tenant and v.workflow_id = w.workflow_id),
    'models', (select coalesce(jsonb_agg(m.figures || jsonb_build_object('model', m.model, 'provider', coalesce(m.provider, ''))
        order by m.cost desc, m.calls desc, m.model collate "C", m.provider collate "C"), '[]') from by_model m))
  into v_usage from total t;

  return v_usage || jsonb_build_object(
    'version', 1,
    'tenant', jsonb_build_object('id', v_tenant.id, 'slug', v_tenant.slug, 'name', v_tenant.name, 'currency', v_tenant.currency,
      'minorDigits', platform.minor_digits(v_tenant.currency), 'timeZone', v_tenant.time_zone),
    'brand', jsonb_build_object(
      'displayName', coalesce(v_brand.display_name, v_tenant.name),
      'colour', coalesce(v_brand.colour, '#1f4f8f'),
      -- PostgreSQL breaks base64 into lines.
      'logo', 'data:image/png;base64,' || translate(encode(v_brand.logo, 'base64'), E'\n', ''),
      'footer', coalesce(v_brand.footer, ''),
      'locale', coalesce(v_brand.locale, case when v_tenant.currency = 'INR' then 'en-IN' else 'en-US' end)),
    'month', to_char(p_month, 'YYYY-MM'),
    'basis', case when p_month = v_running then 'running' else 'final' end,
    'asOf', p_at,
    'fx', (select jsonb_build_object('usdPerUnit', trim_scale(x.usd_per_unit)::text, 'date', x.on_date, 'source', x.source)
      from platform.fx_on(v_tenant.currency, least(v_next - 1, timezone(v_tenant.time_zone, p_at)::date)) x where v_tenant.currency <> 'USD'),
    'latency', case when v_latency is not null and cardinality(v_latency) > 0 then jsonb_build_object(
      'p50Ms', round(platform.latency_at(v_latency, 0.5)), 'p95Ms', round(platform.latency_at(v_latency, 0.95)),
      'p99Ms', round(platform.latency_at(v_latency, 0.99))) end,
    'days', (select coalesce(jsonb_agg(jsonb_build_object('day', u.day, 'calls', u.calls, 'failedCalls', u.failed_calls, 'costNanoUsd',
        u.cost_nanousd) order by u.day), '[]')
      from platform.usage_tenant_daily u where u.tenant_id = p_tenant and u.day >= p_month and u.day < v_next),
    'months', (select coalesce(jsonb_agg(jsonb_build_object('month', to_char(u.month, 'YYYY-MM'), 'calls', u.calls, 'failedCalls',
        u.failed_calls, 'costNanoUsd', u.cost_nanousd) order by u.month), '[]')
      from platform.usage_tenant_monthly u
      where u.tenant_id = p_tenant and u.month > p_month - interval '13 months' and u.month <= p_month),
    'budget', (select coalesce(jsonb_agg(jsonb_build_object('from', p.period_start, 'until', p.period_end,
        'limitNanoUsd', platform.limit_at(p, c.limit_nanousd, p_at), 'chargedNanoUsd', p.charged_nanousd) order by p.period_start), '[]')
      from platform.caps c join platform.cap_periods p on p.tenant_id = c.tenant_id and p.cap_id = c.id
      where c.tenant_id = p_tenant and c.scope = 'tenant' and c.period = 'month'
        and p.period_start < platform.local_midnight(v_next, v_tenant.time_zone)
        and p.period_end > platform.local_midnight(p_month, v_tenant.time_zone)),
    'counters', (select jsonb_build_object('messages', coalesce(sum(u.messages), 0), 'conversations', coalesce(sum(u.conversations), 0),
        'integrations', coalesce(sum(u.integration_calls), 0))
      from platform.usage_tenant_monthly u where u.tenant_id = p_tenant and u.month = p_month));
end
$$;

create or replace function platform.usage_json(p_calls numeric, p_failed numeric, p_input numeric, p_cached numeric, p_output numeric,
  p_reasoning numeric, p_cost numeric) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('calls', coalesce(p_calls, 0), 'failedCalls', coalesce(p_failed, 0), 'inputTokens', coalesce(p_input, 0),
    'cachedInputTokens', coalesce(p_cached, 0), 'outputTokens', coalesce(p_output, 0), 'reasoningTokens', coalesce(p_reasoning, 0),
    'costNanoUsd', coalesce(p_cost, 0))
$$;

-- The limit in force of a period as a reader sees it: the written figure, or after limit_until the cap and its overrides that have not ended.
create or replace function platform.limit_at(p_period platform.cap_periods, p_limit_nanousd bigint, p_at timestamptz) returns bigint
language sql stable set search_path = '' as $$
  select case when p_period.limit_until is null or p_at < p_period.limit_until or p_at >= p_period.period_end then p_period.limit_nanousd
    else p_limit_nanousd + coalesce((select sum(o.amount_nanousd) from platform.cap_overrides o
      where o.tenant_id = p_period.tenant_id and o.cap_id = p_period.cap_id and o.removed_at is null
        and (o.ends_at is null or o.ends_at > p_at)), 0)::bigint end
$$;

grant execute on function platform.tenant_month(timestamptz, uuid, date), platform.usage_json(numeric, numeric, numeric, numeric, numeric, numeric, numeric),
  platform.limit_at(platform.cap_periods, bigint, timestamptz) to td_account_manager, td_operator, td_admin, td_auditor;

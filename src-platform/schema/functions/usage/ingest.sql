-- Units of work in a ledger row: what the call said, or one for an answered call that said nothing; a correction has what it says.
create or replace function platform.units_of(p_kind text, p_outcome text, p_units bigint) returns bigint
language sql immutable
return case when p_kind = 'correction' then coalesce(p_units, 0) when p_outcome in ('ok', 'client_closed') then coalesce(p_units, 1) else 0 end;

-- Ingests a batch of settled calls. Sending it again changes nothing: a row that is there is skipped, and only rows really new reach
-- rollups and caps. Set-based: one pass over the records, one lock a tenant, a cap period and a grant, always in the same order.
--
-- p_batch {"records":[{tenant_id, occurred_at, request_id, attempt, kind, key_id, workflow_id, session, provider, model, input_tokens,
--   cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, units, cost_nanousd, latency_ms, first_token_ms,
--   http_status, outcome, price_version, grant_id}],
--  "refusals":[{tenant_id, request_id, refused_at, key_id, workflow_id, model, http_status, type, code, facts}],
--  "unpriced":[{tenant_id, provider, model, request_id, seen_at}]   counted when the refusal request_id is new
--  "counters":[{tenant_id, id, occurred_at, integration, workflow_id}]   calls to other systems: counted once an id, free of charge
--  "release":[{tenant_id, grant_id, amount_total, close}]}          like release_grant, after the charges
--
-- What a record charges:
--   its ledger row's periods (scope and admission instant), always: charged is the sum of the ledger;
--   its grant: the amount was taken from the caps before, so granted stays. A bill above the amount is charged in full, the amount and granted
--   grow with it: "overBound". Periods that the grant did not take from (history, no grant, a cap made since) are granted what they
--   are charged; periods it took from that the call doesn't belong to get the cost back. A correction below zero gives a closed
--   grant's amount back; an open one keeps it.
--
-- → {"inserted":n,"duplicates":n,"capPeriods":[{tenantId,capId,periodStart,limit,granted,charged}],"overBound":[{tenantId,grantId,nanoUsd}]}
-- TD400 no batch, TD404 an unknown tenant, classes 22 and 23 a malformed record or one outside the ledger's partitions: nothing is kept.
create or replace function platform.ingest(p_gateway uuid, p_batch jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' set jit = off
-- Planned once a session, not for each batch: that took longer than to ingest a small one.
set plan_cache_mode = force_generic_plan as $$
declare
  v_records jsonb := coalesce(p_batch -> 'records', '[]');
  v_refusals jsonb := coalesce(p_batch -> 'refusals', '[]');
  v_release jsonb := coalesce(p_batch -> 'release', '[]');
  v_counters jsonb := coalesce(p_batch -> 'counters', '[]');
  v_tenants uuid[];
  v_touched uuid[];
  v_sessions jsonb;
  v_inserted integer := 0;
  v_tenant_of uuid[];
  v_grant_of uuid[];
  v_cap_of uuid[];
  v_start_of timestamptz[];
  v_cost_of bigint[];
  v_back_of bigint[];
  v_periods jsonb;
  v_over jsonb;
  v_new_refusals text[];
begin
  if p_gateway is null or jsonb_typeof(p_batch) is distinct from 'object' then
    raise exception 'Ingest needs a gateway and a batch.' using errcode = 'TD400';
  end if;
  select array_agg(distinct (r ->> 'tenant_id')::uuid) into v_tenants
  from (select jsonb_array_elements(v_records || v_release || v_counters || v_refusals)) a(r);

  if v_tenants is not null then
    perform from platform.tenants t where t.id = any (v_tenants) order by t.id for no key update;
    if array_position(v_tenants, null) is not null or exists (
        select unnest(v_tenants) except select t.id from platform.tenants t) then
      raise exception 'A record names a tenant that does not exist.' using errcode = 'TD404';
    end if;
    perform platform.open_cap_periods(v_tenants, clock_timestamp());

    with sent as materialized (
      select * from jsonb_to_recordset(v_records) r(
        tenant_id uuid, occurred_at timestamptz, request_id text, attempt smallint, kind text, key_id uuid, workflow_id uuid,
        session text, provider text, model text, input_tokens bigint, cached_input_tokens bigint, cache_write_tokens bigint,
        output_tokens bigint, reasoning_tokens bigint, units bigint, cost_nanousd bigint, latency_ms integer,
        first_token_ms integer, http_status smallint, outcome text, price_version integer, grant_id uuid)
    ), new as (
      insert into platform.usage_records (
        tenant_id, occurred_at, request_id, attempt, kind, key_id, workflow_id, session, provider, model, input_tokens,
        cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, units, cost_nanousd, latency_ms,
        first_token_ms, http_status, outcome, price_version, gateway_id, grant_id)
      select tenant_id, occurred_at, request_id, coalesce(attempt, 1), coalesce(kind, 'charge'), key_id, workflow_id, session,
        provider, model, coalesce(input_tokens, 0), coalesce(cached_input_tokens, 0), coalesce(cache_write_tokens, 0),
        coalesce(output_tokens, 0), coalesce(reasoning_tokens, 0), units, cost_nanousd, latency_ms,
        first_token_ms, http_status, coalesce(outcome, 'ok'), price_version, p_gateway, grant_id
      from sent s
      -- An attempt is charged or estimated, never both: whoever reads an old journal may not know that the charge is here.
      where s.kind is distinct from 'estimate' or not exists (
        select from platform.usage_records u
        where u.tenant_id = s.tenant_id and u.occurred_at = s.occurred_at and u.request_id = s.request_id
          and u.attempt = coalesce(s.attempt, 1) and u.kind = 'charge')
      on conflict do nothing
      returning tenant_id, occurred_at, attempt, kind, key_id, workflow_id, session, provider, model, input_tokens, cached_input_tokens,
        output_tokens, reasoning_tokens, units, cost_nanousd, latency_ms, outcome, price_version, grant_id
    ), fine as materialized (
      -- The finest sums that everything else is made of. A bucket lies in one day and one period of every zone.
      select n.tenant_id, date_bin('15 minutes', n.occurred_at, 'epoch') as bucket, n.key_id, n.workflow_id, n.model, n.grant_id,
        n.provider, n.price_version, count(*) as rows, count(*) filter (where n.kind <> 'correction') as calls,
        count(*) filter (where n.kind <> 'correction' and n.outcome not in ('ok', 'client_closed')) as failed_calls,
        count(*) filter (where n.kind <> 'correction' and n.attempt = 1) as messages,
        platform.sum_counts(array_fill(1, '{1}', array[platform.latency_bucket(n.latency_ms)]))
          filter (where n.kind <> 'correction' and n.outcome = 'ok' and n.latency_ms is not null) as latency,
        sum(n.input_tokens)::bigint as input_tokens, sum(n.cached_input_tokens)::bigint as cached_input_tokens,
        sum(n.output_tokens)::bigint as output_tokens, sum(n.reasoning_tokens)::bigint as reasoning_tokens,
        sum(n.cost_nanousd)::bigint as cost_nanousd, sum(least(n.cost_nanousd, 0))::bigint as back,
        sum(platform.units_of(n.kind, n.outcome, n.units)) as units
      from new n group by 1, 2, 3, 4, 5, 6, 7, 8
    ), dated as materialized (
      select f.*, timezone(t.time_zone, f.bucket)::date as day from fine f join platform.tenants t on t.id = f.tenant_id
    ), quarter_hours as (
      insert into platform.usage_15min as u (tenant_id, bucket, key_id, workflow_id, model, calls, failed_calls, input_tokens,
        cached_input_tokens, output_tokens, reasoning_tokens, cost_nanousd, latency)
      select tenant_id, bucket, key_id, workflow_id, model, sum(calls), sum(failed_calls), sum(input_tokens), sum(cached_input_tokens),
        sum(output_tokens), sum(reasoning_tokens), sum(cost_nanousd), coalesce(platform.sum_counts(latency), '{}')
      from dated where bucket >= now() - interval '40 days' group by 1, 2, 3, 4, 5
      on conflict (tenant_id, bucket, key_id, workflow_id, model) do update set
        calls = u.calls + excluded.calls, failed_calls = u.failed_calls + excluded.failed_calls,
        input_tokens = u.input_tokens + excluded.input_tokens, cached_input_tokens = u.cached_input_tokens + excluded.cached_input_tokens,
        output_tokens = u.output_tokens + excluded.output_tokens, reasoning_tokens = u.reasoning_tokens + excluded.reasoning_tokens,
        cost_nanousd = u.cost_nanousd + excluded.cost_nanousd, latency = platform.add_counts(u.latency, excluded.latency)
    ), days as (
      insert into platform.usage_daily as u (tenant_id, day, workflow_id, model, calls, failed_calls, input_tokens,
        cached_input_tokens, output_tokens, reasoning_tokens, cost_nanousd, latency)
      select tenant_id, day, workflow_id, model, sum(calls), sum(failed_calls), sum(input_tokens), sum(cached_input_tokens),
        sum(output_tokens), sum(reasoning_tokens), sum(cost_nanousd), coalesce(platform.sum_counts(latency), '{}')
      from dated group by 1, 2, 3, 4
      on conflict (tenant_id, day, workflow_id, model) do update set
        calls = u.calls + excluded.calls, failed_calls = u.failed_calls + excluded.failed_calls,
        input_tokens = u.input_tokens + excluded.input_tokens, cached_input_tokens = u.cached_input_tokens + excluded.cached_input_tokens,
        output_tokens = u.output_tokens + excluded.output_tokens, reasoning_tokens = u.reasoning_tokens + excluded.reasoning_tokens,
        cost_nanousd = u.cost_nanousd + excluded.cost_nanousd, latency = platform.add_counts(u.latency, excluded.latency)
    ), months as (
      insert into platform.usage_monthly as u (tenant_id, month, workflow_id, model, calls, failed_calls, input_tokens,
        cached_input_tokens, output_tokens, reasoning_tokens, cost_nanousd, provider, price_version, ledger_rows, units)
      select tenant_id, date_trunc('month', day::timestamp)::date, workflow_id, model, sum(calls), sum(failed_calls), sum(input_tokens),
        sum(cached_input_tokens), sum(output_tokens), sum(reasoning_tokens), sum(cost_nanousd), provider, price_version, sum(rows), sum(units)
      from dated group by 1, 2, 3, 4, provider, price_version
      on conflict (tenant_id, month, workflow_id, model, provider, price_version) do update set
        ledger_rows = u.ledger_rows + excluded.ledger_rows, units = u.units + excluded.units,
        calls = u.calls + excluded.calls, failed_calls = u.failed_calls + excluded.failed_calls,
        input_tokens = u.input_tokens + excluded.input_tokens, cached_input_tokens = u.cached_input_tokens + excluded.cached_input_tokens,
        output_tokens = u.output_tokens + excluded.output_tokens, reasoning_tokens = u.reasoning_tokens + excluded.reasoning_tokens,
        cost_nanousd = u.cost_nanousd + excluded.cost_nanousd
    ), keys_used as (
      -- When each was used last, written at most once a minute.
      update platform.api_keys k set last_used_at = n.at
      from (select tenant_id, key_id, max(occurred_at) as at from new where key_id is not null group by 1, 2) n
      where k.tenant_id = n.tenant_id and k.id = n.key_id and coalesce(n.at > k.last_used_at + interval '1 minute', true)
    ), tenant_days as (
      insert into platform.usage_tenant_daily as u (tenant_id, day, calls, failed_calls, cost_nanousd, messages, latency)
      select tenant_id, day, sum(calls), sum(failed_calls), sum(cost_nanousd), sum(messages), coalesce(platform.sum_counts(latency), '{}')
      from dated group by 1, 2
      on conflict (tenant_id, day) do update set
        calls = u.calls + excluded.calls, failed_calls = u.failed_calls + excluded.failed_calls,
        cost_nanousd = u.cost_nanousd + excluded.cost_nanousd, messages = u.messages + excluded.messages,
        latency = platform.add_counts(u.latency, excluded.latency)
    ), tenant_months as (
      insert into platform.usage_tenant_monthly as u (tenant_id, month, calls, failed_calls, cost_nanousd, messages)
      select tenant_id, date_trunc('month', day::timestamp)::date, sum(calls), sum(failed_calls), sum(cost_nanousd), sum(messages)
      from dated group by 1, 2
      on conflict (tenant_id, month) do update set
        calls = u.calls + excluded.calls, failed_calls = u.failed_calls + excluded.failed_calls,
        cost_nanousd = u.cost_nanousd + excluded.cost_nanousd, messages = u.messages + excluded.messages
    ), charges as (
      -- cap_id null: the cost of all rows of a grant; else the part of it that belongs to a cap's period.
      select f.tenant_id, f.grant_id, null::uuid as cap_id, null::timestamptz as period_start,
        sum(f.cost_nanousd)::bigint as cost, sum(f.back)::bigint as back
      from dated f where f.grant_id is not null group by 1, 2
      union all
      select f.tenant_id, f.grant_id, c.id, p.period_start, sum(f.cost_nanousd)::bigint, sum(f.back)::bigint
      from dated f
      join platform.caps c on c.tenant_id = f.tenant_id and (c.scope = 'tenant' or c.key_id = f.key_id or c.workflow_id = f.workflow_id)
      cross join lateral (
        select l.period_start, l.period_end from platform.cap_periods l
        where l.tenant_id = c.tenant_id and l.cap_id = c.id and l.period_start <= f.bucket
        order by l.period_start desc limit 1) p
      where f.bucket < p.period_end
      group by 1, 2, 3, 4
    )
    select (select coalesce(sum(rows), 0) from dated), (select array_agg(distinct tenant_id) from dated),
      (select jsonb_agg(s) from (
        select tenant_id, session, min(occurred_at) as first_at from new where session is not null and kind <> 'correction' group by 1, 2) s),
      array_agg(tenant_id), array_agg(grant_id), array_agg(cap_id), array_agg(period_start), array_agg(cost), array_agg(back)
    into v_inserted, v_touched, v_sessions, v_tenant_of, v_grant_of, v_cap_of, v_start_of, v_cost_of, v_back_of
    from charges;

    perform from platform.cap_periods p
    where (p.tenant_id, p.cap_id, p.period_start) in (
      select w.tenant_id, w.cap_id, w.period_start from unnest(v_tenant_of, v_cap_of, v_start_of) w(tenant_id, cap_id, period_start)
      union
      select g.tenant_id, w.cap_id, w.period_start
      from platform.grants g cross join unnest(g.cap_ids, g.period_starts) w(cap_id, period_start)
      where (g.tenant_id, g.id) in (
        select * from unnest(v_tenant_of, v_grant_of)
        union select r.tenant_id, r.grant_id from jsonb_to_recordset(v_release) r(tenant_id uuid, grant_id uuid)))
    order by p.tenant_id, p.cap_id, p.period_start for no key update;

    with charge as materialized (
      select * from unnest(v_tenant_of, v_grant_of, v_cap_of, v_start_of, v_cost_of, v_back_of)
        w(tenant_id, grant_id, cap_id, period_start, cost, back)
    ), touched as (
      -- One row a grant: grouped, not joined, because the planner cannot know how long these lists are.
      select tenant_id, grant_id, sum(cost)::bigint as cost, sum(back)::bigint as back, min(amount_total) as amount_total,
        bool_or(close) as close
      from (
        select tenant_id, grant_id, cost, back, null::bigint as amount_total, false as close from charge where cap_id is null
        union all
        select tenant_id, grant_id, 0, 0, amount_total, coalesce(close, false)
        from jsonb_to_recordset(v_release) r(tenant_id uuid, grant_id uuid, amount_total bigint, close boolean) where amount_total >= 0
      ) parts group by 1, 2
    ), account as materialized (
      select g.tenant_id, g.id, g.cap_ids, g.period_starts, t.cost, g.amount_nanousd as old_amount, a.charged,
        greatest(0, a.charged - g.amount_nanousd) as over,
        case when t.amount_total is null then a.amount else greatest(a.charged, least(a.amount, t.amount_total)) end as new_amount,
        case when t.close then 'closed' else g.state end as state
      from touched t
      join platform.grants g on g.tenant_id = t.tenant_id and g.id = t.grant_id and g.gateway_id = p_gateway
      cross join lateral (select g.charged_nanousd + t.cost) n(charged)
      cross join lateral (select n.charged,
        greatest(n.charged, g.amount_nanousd + case when g.state = 'closed' then t.back else 0 end)) a(charged, amount)
    ), keep as (
      update platform.grants g set charged_nanousd = a.charged, amount_nanousd = a.new_amount, state = a.state, updated_at = clock_timestamp()
      from account a where g.tenant_id = a.tenant_id and g.id = a.id
    ), prepaid as materialized (
      select a.tenant_id, a.id, w.cap_id, w.period_start, a.new_amount - a.old_amount as grown, a.cost
      from account a cross join unnest(a.cap_ids, a.period_starts) w(cap_id, period_start)
    ), change as (
      select tenant_id, cap_id, period_start, sum(charged)::bigint as charged, sum(granted)::bigint as granted
      from (
        select c.tenant_id, c.cap_id, c.period_start, c.cost as charged, case when p.id is null then c.cost else 0 end as granted
        from charge c left join prepaid p
          on p.tenant_id = c.tenant_id and p.id = c.grant_id and p.cap_id = c.cap_id and p.period_start = c.period_start
        where c.cap_id is not null
        union all
        select p.tenant_id, p.cap_id, p.period_start, 0, p.grown - p.cost + coalesce(c.cost, 0)
        from prepaid p left join charge c
          on c.tenant_id = p.tenant_id and c.grant_id = p.id and c.cap_id = p.cap_id and c.period_start = p.period_start
      ) parts group by 1, 2, 3
    ), kept as (
      update platform.cap_periods p
      set charged_nanousd = p.charged_nanousd + c.charged, granted_nanousd = p.granted_nanousd + c.granted
      from change c
      where p.tenant_id = c.tenant_id and p.cap_id = c.cap_id and p.period_start = c.period_start
      returning p.*
    )
    select
      (select jsonb_agg(jsonb_build_object('tenantId', tenant_id, 'capId', cap_id, 'periodStart', period_start,
        'limit', limit_nanousd, 'granted', granted_nanousd, 'charged', charged_nanousd)) from kept),
      (select jsonb_agg(jsonb_build_object('tenantId', tenant_id, 'grantId', id, 'nanoUsd', over)) from account where over > 0)
    into v_periods, v_over;
    if v_periods is not null then
      perform platform.raise_cap_alerts(array_agg(w.tenant_id), array_agg(w.cap_id), array_agg(w.period_start))
      from (select distinct * from unnest(v_tenant_of, v_cap_of, v_start_of) u(tenant_id, cap_id, period_start) where u.cap_id is not null) w;
    end if;

    if v_sessions is not null then
      perform platform.count_conversations(v_sessions);
    end if;
    if jsonb_array_length(v_counters) > 0 then
      perform platform.count_integration_calls(v_counters);
    end if;
  end if;

  with sent as (
    insert into platform.refusals (tenant_id, request_id, refused_at, key_id, workflow_id, model, http_status, type, code, facts)
    select tenant_id, request_id, refused_at, key_id, workflow_id, model, http_status, type, code, coalesce(facts, '{}')
    from jsonb_to_recordset(v_refusals) r(tenant_id uuid, request_id text, refused_at timestamptz, key_id uuid, workflow_id uuid,
      model text, http_status smallint, type text, code text, facts jsonb)
    order by tenant_id, request_id
    on conflict do nothing returning tenant_id, request_id
  )
  select array_agg(request_id), v_touched || array_agg(distinct tenant_id) into v_new_refusals, v_touched from sent;
  if v_new_refusals is not null then
    perform platform.raise_refusing_alerts(v_tenants, v_new_refusals);
  end if;

  if jsonb_array_length(coalesce(p_batch -> 'unpriced', '[]')) > 0 then
    insert into platform.unpriced_models as u (tenant_id, provider, model, first_seen_at, last_seen_at, calls)
    select tenant_id, provider, model, min(coalesce(seen_at, now())), max(coalesce(seen_at, now())), count(*)
    from jsonb_to_recordset(p_batch -> 'unpriced') r(tenant_id uuid, provider text, model text, request_id text, seen_at timestamptz)
    where request_id is null or request_id = any (v_new_refusals)
    group by 1, 2, 3 order by 1, 2, 3
    on conflict (tenant_id, provider, model) do update
    set last_seen_at = greatest(u.last_seen_at, excluded.last_seen_at), calls = u.calls + excluded.calls;
  end if;
  perform platform.refresh_board(v_touched);
  return jsonb_build_object('inserted', v_inserted, 'duplicates', jsonb_array_length(v_records) - v_inserted,
    'capPeriods', coalesce(v_periods, '[]'), 'overBound', coalesce(v_over, '[]'));
end
$$;

grant execute on function platform.ingest(uuid, jsonb)
  to td_gateway;

-- Cuts the days and months of a tenant anew after its zone changed. What lies in another day now is taken from the one and added to
-- the other, as far back as the ledger goes: months detached from it stay cut as they were, and no sum changes.
-- Under the tenant's lock, which keeps ingest out.
create or replace function platform.recut_usage(p_tenant uuid, p_old_zone text, p_new_zone text) returns void
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
begin
  with moved as materialized (
    select timezone(p_old_zone, u.occurred_at)::date as old_day, timezone(p_new_zone, u.occurred_at)::date as new_day,
      u.workflow_id, u.model, count(*) filter (where u.kind <> 'correction') as calls,
      count(*) filter (where u.kind <> 'correction' and u.outcome not in ('ok', 'client_closed')) as failed_calls,
      count(*) filter (where u.kind <> 'correction' and u.attempt = 1) as messages,
      sum(u.input_tokens) as input_tokens, sum(u.cached_input_tokens) as cached_input_tokens, sum(u.output_tokens) as output_tokens,
      sum(u.reasoning_tokens) as reasoning_tokens, sum(u.cost_nanousd) as cost_nanousd, u.provider, u.price_version, count(*) as ledger_rows,
      sum(platform.units_of(u.kind, u.outcome, u.units)) as units,
      platform.sum_counts(array_fill(1, '{1}', array[platform.latency_bucket(u.latency_ms)]))
        filter (where u.kind <> 'correction' and u.outcome = 'ok' and u.latency_ms is not null) as latency
    from platform.usage_records u
    where u.tenant_id = p_tenant and timezone(p_old_zone, u.occurred_at)::date <> timezone(p_new_zone, u.occurred_at)::date
    group by 1, 2, 3, 4, u.provider, u.price_version
  ), change as materialized (
    select m.*, s.day, s.sign,
      array(select c * s.sign from unnest(m.latency) with ordinality l(c, place) order by place) as counts
    from moved m cross join lateral (values (m.old_day, -1), (m.new_day, 1)) s(day, sign)
  ), counted as materialized (
    -- An array made from a list begins at 1: put it back where it was.
    select c.*, case when array_lower(c.latency, 1) is null then '{}' else
      format('[%s:%s]=%s', array_lower(c.latency, 1), array_upper(c.latency, 1), c.counts::text)::integer[] end as signed_latency
    from change c
  ), other as materialized (
    select s.day, sum(s.sign * o.conversations) as conversations, sum(s.sign * o.integration_calls) as integration_calls
    from (
      select timezone(p_old_zone, c.first_at)::date as old_day, timezone(p_new_zone, c.first_at)::date as new_day, 1 as conversations,
        0 as integration_calls
      from platform.usage_sessions c where c.tenant_id = p_tenant
      union all
      select timezone(p_old_zone, i.occurred_at)::date, timezone(p_new_zone, i.occurred_at)::date, 0, 1
      from platform.integration_calls i where i.tenant_id = p_tenant
    ) o cross join lateral (values (o.old_day, -1), (o.new_day, 1)) s(day, sign)
    where o.old_day <> o.new_day
    group by 1
  ), days as (
    insert into platform.usage_daily as u (tenant_id, day, workflow_id, model, calls, failed_calls, input_tokens, cached_input_tokens,
      output_tokens, reasoning_tokens, cost_nanousd, latency)
    select p_tenant, day, workflow_id, model, sum(sign * calls), sum(sign * failed_calls), sum(sign * input_tokens),
      sum(sign * cached_input_tokens), sum(sign * output_tokens), sum(sign * reasoning_tokens), sum(sign * cost_nanousd),
      coalesce(platform.sum_counts(signed_latency), '{}')
    from counted group by 2, 3, 4
    on conflict (tenant_id, day, workflow_id, model) do update set
      calls = u.calls + excluded.calls, failed_calls = u.failed_calls + excluded.failed_calls,
      input_tokens = u.input_tokens + excluded.input_tokens, cached_input_tokens = u.cached_input_tokens + excluded.cached_input_tokens,
      output_tokens = u.output_tokens + excluded.output_tokens, reasoning_tokens = u.reasoning_tokens + excluded.reasoning_tokens,
      cost_nanousd = u.cost_nanousd + excluded.cost_nanousd, latency = platform.add_counts(u.latency, excluded.latency)
  ), months as (
    insert into platform.usage_monthly as u (tenant_id, month, workflow_id, model, calls, failed_calls, input_tokens, cached_input_tokens,
      output_tokens, reasoning_tokens, cost_nanousd, provider, price_version, ledger_rows, units)
    select p_tenant, date_trunc('month', day::timestamp)::date, workflow_id, model, sum(sign * calls), sum(sign * failed_calls),
      sum(sign * input_tokens), sum(sign * cached_input_tokens), sum(sign * output_tokens), sum(sign * reasoning_tokens),
      sum(sign * cost_nanousd), provider, price_version, sum(sign * ledger_rows), sum(sign * units)
    from counted group by 2, 3, 4, provider, price_version
    on conflict (tenant_id, month, workflow_id, model, provider, price_version) do update set
      ledger_rows = u.ledger_rows + excluded.ledger_rows, units = u.units + excluded.units,
      calls = u.calls + excluded.calls, failed_calls = u.failed_calls + excluded.failed_calls,
      input_tokens = u.input_tokens + excluded.input_tokens, cached_input_tokens = u.cached_input_tokens + excluded.cached_input_tokens,
      output_tokens = u.output_tokens + excluded.output_tokens, reasoning_tokens = u.reasoning_tokens + excluded.reasoning_tokens,
      cost_nanousd = u.cost_nanousd + excluded.cost_nanousd
  ), tenant_change as materialized (
    select day, sum(calls) as calls, sum(failed_calls) as failed_calls, sum(cost_nanousd) as cost_nanousd, sum(messages) as messages,
      sum(conversations) as conversations, sum(integration_calls) as integration_calls, coalesce(platform.sum_counts(latency), '{}') as latency
    from (
      select day, sign * calls as calls, sign * failed_calls as failed_calls, sign * cost_nanousd as cost_nanousd,
        sign * messages as messages, 0 as conversations, 0 as integration_calls, signed_latency as latency
      from counted
      union all select day, 0, 0, 0, 0, conversations, integration_calls, '{}' from other
    ) c group by 1
  ), tenant_days as (
    insert into platform.usage_tenant_daily as u (tenant_id, day, calls, failed_calls, cost_nanousd, messages, conversations,
      integration_calls, latency)
    select p_tenant, day, calls, failed_calls, cost_nanousd, messages, conversations, integration_calls, latency from tenant_change
    on conflict (tenant_id, day) do update set
      calls = u.calls + excluded.calls, failed_calls = u.failed_calls + excluded.failed_calls,
      cost_nanousd = u.cost_nanousd + excluded.cost_nanousd, messages = u.messages + excluded.messages,
      conversations = u.conversations + excluded.conversations, integration_calls = u.integration_calls + excluded.integration_calls,
      latency = platform.add_counts(u.latency, excluded.latency)
  )
  insert into platform.usage_tenant_monthly as u (tenant_id, month, calls, failed_calls, cost_nanousd, messages, conversations, integration_calls)
  select p_tenant, date_trunc('month', day::timestamp)::date, sum(calls), sum(failed_calls), sum(cost_nanousd), sum(messages),
    sum(conversations), sum(integration_calls)
  from tenant_change group by 2
  on conflict (tenant_id, month) do update set
    calls = u.calls + excluded.calls, failed_calls = u.failed_calls + excluded.failed_calls,
    cost_nanousd = u.cost_nanousd + excluded.cost_nanousd, messages = u.messages + excluded.messages,
    conversations = u.conversations + excluded.conversations, integration_calls = u.integration_calls + excluded.integration_calls;

  -- Days that nothing is left of. A correction alone has no call but tokens or cost.
  delete from platform.usage_daily u where u.tenant_id = p_tenant and u.calls = 0 and u.cost_nanousd = 0 and u.input_tokens = 0 and u.output_tokens = 0;
  delete from platform.usage_monthly u where u.tenant_id = p_tenant and u.calls = 0 and u.ledger_rows = 0 and u.cost_nanousd = 0
    and u.input_tokens = 0 and u.output_tokens = 0;
  delete from platform.usage_tenant_daily u where u.tenant_id = p_tenant and u.calls = 0 and u.cost_nanousd = 0 and u.conversations = 0
    and u.integration_calls = 0;
  delete from platform.usage_tenant_monthly u where u.tenant_id = p_tenant and u.calls = 0 and u.cost_nanousd = 0 and u.conversations = 0
    and u.integration_calls = 0;
end
$$;

-- Gives a tenant another time zone. Its days and calendar months are cut anew from the ledger in this transaction; other tenants' ingest goes
-- on meanwhile, its own waits. Cap periods that are running end as they were told; the next ones follow the new zone.
--
-- → {"timeZone","previousTimeZone","auditId","changedAt"}; the same idempotency key again gets the first answer.
-- TD400 no such zone, or it has it already, TD403 not an admin, TD404 no such tenant, TD409 it has another zone than expected by now,
-- DETAIL {"currentTimeZone"}, TD422 the key was used for another change.
create or replace function platform.set_tenant_zone(
  p_tenant uuid, p_time_zone text, p_expected_time_zone text, p_idempotency_key uuid, p_reason text default null
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.my_operator();
  v_first jsonb;
  v_old text;
  v_now timestamptz;
  v_audit platform.audit_log;
begin
  if v_me.role is distinct from 'admin' then
    raise exception 'Only an admin changes a client''s time zone.' using errcode = 'TD403';
  elsif p_tenant is null or p_time_zone is null or p_expected_time_zone is null or p_idempotency_key is null then
    raise exception 'A change of the time zone names its client, the zone, the one before and its own key.' using errcode = 'TD400';
  elsif length(p_reason) > 500 then
    raise exception 'A reason has at most 500 characters.' using errcode = 'TD400';
  elsif not exists (select from pg_catalog.pg_timezone_names z where z.name = p_time_zone) or p_time_zone !~ '^(UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$' then
    raise exception 'There is no time zone "%". Give one such as Asia/Kolkata.', p_time_zone using errcode = 'TD400';
  end if;
  v_first := platform.first_answer(v_me.id, p_idempotency_key, 'set_tenant_zone',
    jsonb_build_array(p_tenant, p_time_zone, p_expected_time_zone, p_reason));
  if v_first is not null then
    return v_first;
  end if;

  select t.time_zone into v_old from platform.tenants t where t.id = p_tenant for no key update;
  if not found then
    raise exception 'There is no such client.' using errcode = 'TD404';
  elsif v_old <> p_expected_time_zone then
    raise exception 'The time zone was changed meanwhile: it is now %. Look at it again.', v_old
      using errcode = 'TD409', detail = jsonb_build_object('currentTimeZone', v_old)::text;
  elsif v_old = p_time_zone then
    raise exception 'The time zone is % already.', v_old using errcode = 'TD400';
  end if;

  v_now := clock_timestamp();
  -- The running periods are told by the old zone, also when nobody has needed them yet.
  perform platform.open_cap_periods(array[p_tenant], v_now);
  perform platform.recut_usage(p_tenant, v_old, p_time_zone);
  update platform.tenants t set time_zone = p_time_zone, version = t.version + 1 where t.id = p_tenant;
  perform platform.refresh_board(array[p_tenant]);
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'tenant.zone_set', 'tenant:' || p_tenant,
    jsonb_build_object('timeZone', v_old), jsonb_build_object('timeZone', p_time_zone), p_reason);
  return platform.keep_answer(v_me.id, p_idempotency_key, 'tenants', p_tenant,
    jsonb_build_object('timeZone', p_time_zone, 'previousTimeZone', v_old, 'auditId', v_audit.id, 'changedAt', v_now));
end
$$;

grant execute on function platform.set_tenant_zone(uuid, text, text, uuid, text)
  to td_admin;

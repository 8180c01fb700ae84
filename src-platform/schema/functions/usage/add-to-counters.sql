-- Adds to the day and the month of an instant in the tenant's zone. p_counts: [{tenant_id, at, conversations, integration_calls}], also
-- below zero. Under the tenants' locks.
create or replace function platform.add_to_counters(p_counts jsonb) returns void
language sql volatile security definer set search_path = '' as $$
  with change as materialized (
    select c.tenant_id, timezone(t.time_zone, c.at)::date as day, c.conversations, c.integration_calls
    from jsonb_to_recordset(p_counts) c(tenant_id uuid, at timestamptz, conversations bigint, integration_calls bigint)
    join platform.tenants t on t.id = c.tenant_id
  ), months as (
    insert into platform.usage_tenant_monthly as u (tenant_id, month, calls, failed_calls, cost_nanousd, conversations, integration_calls)
    select tenant_id, date_trunc('month', day::timestamp)::date, 0, 0, 0, sum(conversations), sum(integration_calls)
    from change group by 1, 2 order by 1, 2
    on conflict (tenant_id, month) do update set conversations = u.conversations + excluded.conversations,
      integration_calls = u.integration_calls + excluded.integration_calls
  )
  insert into platform.usage_tenant_daily as u (tenant_id, day, calls, failed_calls, cost_nanousd, conversations, integration_calls)
  select tenant_id, day, 0, 0, 0, sum(conversations), sum(integration_calls) from change group by 1, 2 order by 1, 2
  on conflict (tenant_id, day) do update set conversations = u.conversations + excluded.conversations,
    integration_calls = u.integration_calls + excluded.integration_calls
$$;

-- Counts sessions that are new, and moves those whose earliest call arrived late. p_sessions: [{tenant_id, session, first_at}], each session
-- once. A conversation counts on the day of its first call, in whatever order calls come in.
create or replace function platform.count_conversations(p_sessions jsonb) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_counts jsonb;
begin
  with seen as materialized (
    select n.tenant_id, n.session, n.first_at, s.first_at as before
    from jsonb_to_recordset(p_sessions) n(tenant_id uuid, session text, first_at timestamptz)
    left join platform.usage_sessions s on s.tenant_id = n.tenant_id and s.session = n.session
    where s.first_at is null or s.first_at > n.first_at
  ), kept as (
    insert into platform.usage_sessions (tenant_id, session, first_at) select tenant_id, session, first_at from seen
    on conflict (tenant_id, session) do update set first_at = excluded.first_at
  )
  select jsonb_agg(jsonb_build_object('tenant_id', c.tenant_id, 'at', c.at, 'conversations', c.change, 'integration_calls', 0)) into v_counts
  from (
    select tenant_id, first_at, 1 from seen
    union all select tenant_id, before, -1 from seen where before is not null
  ) c(tenant_id, at, change);
  if v_counts is not null then
    perform platform.add_to_counters(v_counts);
  end if;
end
$$;

-- Notes calls of workflows to other systems; one that is noted already counts no second time. p_calls: see ingest, "counters".
create or replace function platform.count_integration_calls(p_calls jsonb) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_counts jsonb;
begin
  with noted as (
    insert into platform.integration_calls as i (tenant_id, id, occurred_at, integration, workflow_id)
    select tenant_id, id, occurred_at, integration, workflow_id
    from jsonb_to_recordset(p_calls) c(tenant_id uuid, id text, occurred_at timestamptz, integration text, workflow_id uuid)
    on conflict do nothing returning i.tenant_id, i.occurred_at
  )
  select jsonb_agg(jsonb_build_object('tenant_id', tenant_id, 'at', occurred_at, 'conversations', 0, 'integration_calls', 1))
  into v_counts from noted;
  if v_counts is not null then
    perform platform.add_to_counters(v_counts);
  end if;
end
$$;

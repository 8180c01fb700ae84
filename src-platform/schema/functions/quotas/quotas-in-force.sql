-- Every quota of these tenants (null: of all whom the caller may see) with what it is now: the tenant's own, else the plan's. limit_count null: no
-- limit. day_* and month_*: the periods that a day and a month of its quotas are counted in, those of its caps, and the ends of the next ones, so that
-- a gateway knows them ahead.
create or replace function platform.quotas_in_force(p_tenants uuid[], p_at timestamptz)
returns table (
  tenant_id uuid, quota text, limit_count bigint, plan_limit bigint, follows text, version integer,
  period text, period_start timestamptz, period_end timestamptz, next_period_end timestamptz)
language sql stable set search_path = '' as $$
  select t.id, q.quota, case when o.follows = 'own' then o.limit_count else p.limit_count end, p.limit_count, coalesce(o.follows, 'plan'),
    coalesce(o.version, 0), q.period,
    case q.period when 'day' then d.period_start when 'month' then m.period_start end,
    case q.period when 'day' then d.period_end when 'month' then m.period_end end,
    case q.period when 'day' then dn.period_end when 'month' then mn.period_end end
  from platform.tenants t
  cross join lateral platform.period_bounds('day', t.time_zone, t.anchor_day, p_at) d
  cross join lateral platform.period_bounds('month', t.time_zone, t.anchor_day, p_at) m
  cross join lateral platform.period_bounds('day', t.time_zone, t.anchor_day, d.period_end) dn
  cross join lateral platform.period_bounds('month', t.time_zone, t.anchor_day, m.period_end) mn
  cross join (values ('requests_per_minute', 'minute'), ('requests_per_day', 'day'), ('tokens_per_minute', 'minute'), ('tokens_per_day', 'day'),
    ('tokens_per_month', 'month'), ('max_tokens_per_message', null), ('concurrent_sessions', null)) q(quota, period)
  left join lateral (
    select g.limit_count from platform.plan_quotas g where g.plan_id = t.plan_id and g.quota = q.quota
    union all
    select l.max_tokens_per_message from platform.plans l where l.id = t.plan_id and q.quota = 'max_tokens_per_message'
  ) p on true
  left join platform.tenant_quotas o on o.tenant_id = t.id and o.quota = q.quota
  where p_tenants is null or t.id = any (p_tenants)
$$;

-- The quotas of one tenant with what is used of them, by the ledger: calls in flight and the last moment are not in it.
-- used null: nothing is counted up for it (a message). Sessions count as open for five minutes after their last call.
create or replace function platform.quota_usage(p_tenant uuid)
returns table (
  quota text, limit_count bigint, plan_limit bigint, follows text, version integer, used bigint, resets_at timestamptz, as_of timestamptz)
language sql stable set search_path = '' as $$
  with minute as (
    select count(*) filter (where u.attempt = 1 and u.kind <> 'correction') as calls, coalesce(sum(u.input_tokens + u.output_tokens), 0) as tokens
    from platform.usage_records u
    where u.tenant_id = p_tenant and u.occurred_at >= date_trunc('minute', now())
  ), sessions as (
    select count(distinct u.session) as open
    from platform.usage_records u
    where u.tenant_id = p_tenant and u.occurred_at > now() - interval '5 minutes' and u.session is not null
  )
  select q.quota, q.limit_count, q.plan_limit, q.follows, q.version,
    case q.quota
      when 'requests_per_minute' then (select calls from minute)
      when 'tokens_per_minute' then (select tokens from minute)
      when 'concurrent_sessions' then (select open from sessions)
      when 'max_tokens_per_message' then null
      else (platform.quota_ledger(p_tenant, q.quota, q.period_start))
    end::bigint,
    case when q.period = 'minute' then date_trunc('minute', now()) + interval '1 minute' else q.period_end end, now()
  from platform.quotas_in_force(array[p_tenant], now()) q
  order by array_position('{requests_per_minute,requests_per_day,tokens_per_minute,tokens_per_day,tokens_per_month,max_tokens_per_message,concurrent_sessions}', q.quota)
$$;

-- What the ledger has of a quota since p_start: of tenants' calls, their first attempts; or all tokens. From the quarter hours, which fit every zone.
create or replace function platform.quota_ledger(p_tenant uuid, p_quota text, p_start timestamptz) returns bigint
language sql stable set search_path = '' as $$
  select coalesce(sum(case when p_quota like 'requests%' then u.calls else u.input_tokens + u.output_tokens end), 0)::bigint
  from platform.usage_15min u
  where u.tenant_id = p_tenant and u.bucket >= p_start
$$;

-- The same for a gateway that has to begin a count anew, because Redis forgot it.
create or replace function platform.quota_counted(p_tenant uuid, p_quota text, p_start timestamptz) returns bigint
language sql stable security definer set search_path = '' as $$
  select platform.quota_ledger(p_tenant, p_quota, p_start)
$$;

grant execute on function platform.quotas_in_force(uuid[], timestamptz)
  to td_gateway, td_viewer, td_account_manager, td_operator, td_admin, td_auditor;
grant execute on function platform.quota_usage(uuid), platform.quota_ledger(uuid, text, timestamptz)
  to td_viewer, td_account_manager, td_operator, td_admin, td_auditor;
grant execute on function platform.quota_counted(uuid, text, timestamptz)
  to td_gateway;

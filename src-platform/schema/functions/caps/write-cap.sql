-- Locks the operator (two raises at once must not both count from the same sum), then the cap.
-- TD404; TD409 the cap is not at the expected version (null: any).
create or replace function platform.lock_cap(p_operator uuid, p_tenant uuid, p_cap uuid, p_expected_version integer) returns platform.caps
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_cap platform.caps;
  v_more bigint;
begin
  perform platform.open_cap_periods(array[p_tenant], clock_timestamp());
  perform from platform.operators o where o.id = p_operator for no key update;
  select * into v_cap from platform.caps c where c.tenant_id = p_tenant and c.id = p_cap for no key update;
  if not found then
    raise exception 'There is no such cap among your tenants.' using errcode = 'TD404';
  elsif v_cap.removed_at is not null then
    raise exception 'This cap was removed meanwhile.' using errcode = 'TD404';
  end if;
  if v_cap.version <> p_expected_version then
    v_more := (platform.limit_in_force(p_tenant, p_cap, clock_timestamp())).limit_nanousd - v_cap.limit_nanousd;
    raise exception 'The cap was changed meanwhile: it is now % USD%. Look at it again.', platform.usd(v_cap.limit_nanousd),
        case when v_more > 0 then format(' and a temporary raise of %s USD', platform.usd(v_more)) else '' end
      using errcode = 'TD409', detail = jsonb_build_object('currentLimit', v_cap.limit_nanousd, 'currentVersion', v_cap.version,
        'currentOverride', v_more,
        'changedBy', (select o.login from platform.operators o where o.id = v_cap.updated_by), 'changedAt', v_cap.updated_at)::text;
  end if;
  return v_cap;
end
$$;

-- A new version of a locked cap: limit, running period, history. Answers the running period with the limit now in force.
-- p_second: who confirmed it, where one person could not make it alone.
create or replace function platform.write_cap(
  p_cap platform.caps, p_limit bigint, p_kind text, p_operator uuid, p_second uuid, p_at timestamptz, p_key uuid
) returns platform.cap_periods
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_period platform.cap_periods;
begin
  update platform.caps c set limit_nanousd = p_limit, version = c.version + 1, updated_at = p_at, updated_by = p_operator
  where c.tenant_id = p_cap.tenant_id and c.id = p_cap.id;
  perform from platform.cap_periods p where p.tenant_id = p_cap.tenant_id and p.cap_id = p_cap.id and p.period_end > p_at
    order by p.period_start for no key update;
  -- The trigger adds the overrides.
  update platform.cap_periods p set limit_nanousd = p_limit
  where p.tenant_id = p_cap.tenant_id and p.cap_id = p_cap.id and p.period_end > p_at;
  select * into v_period from platform.cap_periods p
  where p.tenant_id = p_cap.tenant_id and p.cap_id = p_cap.id and p.period_start <= p_at and p.period_end > p_at;
  insert into platform.cap_changes
    (tenant_id, cap_id, version, old_limit_nanousd, new_limit_nanousd, kind, operator_id, confirmed_by, at, idempotency_key)
  values (p_cap.tenant_id, p_cap.id, p_cap.version + 1, p_cap.limit_nanousd, p_limit, p_kind, p_operator, p_second, p_at, p_key);
  if v_period.cap_id is not null then
    perform platform.judge_cap_alerts(v_period, p_at);
  end if;
  return v_period;
end
$$;

-- What every change of a cap answers, kept under its key and announced.
create or replace function platform.answer_change(
  p_me platform.operators, p_key uuid, p_cap platform.caps, p_limit bigint, p_period platform.cap_periods, p_audit bigint,
  p_at timestamptz, p_more jsonb
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_result jsonb;
begin
  v_result := jsonb_build_object('capId', p_cap.id, 'version', p_cap.version + 1, 'limit', p_limit, 'previousLimit', p_cap.limit_nanousd,
    'inForce', coalesce(p_period.limit_nanousd, p_limit),
    'charged', coalesce(p_period.charged_nanousd, 0), 'granted', coalesce(p_period.granted_nanousd, 0),
    'warning', case when p_period.limit_nanousd < p_period.charged_nanousd then 'below_committed' end,
    'auditId', p_audit, 'changedAt', p_at) || p_more;
  return platform.keep_answer(p_me.id, p_key, 'caps', p_cap.tenant_id, v_result);
end
$$;

-- A new limit of a locked cap, with history, audit and announcement. p_by: whose raise it is that p_me confirms; null: p_me's own.
-- Answers as set_cap does.
create or replace function platform.write_limit(
  p_me platform.operators, p_by uuid, p_cap platform.caps, p_limit bigint, p_at timestamptz, p_key uuid, p_action text, p_reason text,
  p_more jsonb
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_period platform.cap_periods;
  v_audit platform.audit_log;
begin
  v_period := platform.write_cap(p_cap, p_limit, case when p_limit > p_cap.limit_nanousd then 'raise' else 'lower' end,
    coalesce(p_by, p_me.id), case when p_by is not null then p_me.id end, p_at, p_key);
  v_audit := platform.audit_append(p_cap.tenant_id, p_me.id, p_me.login, p_action, 'cap:' || p_cap.id,
    jsonb_build_object('limitNanoUsd', p_cap.limit_nanousd, 'version', p_cap.version),
    jsonb_build_object('limitNanoUsd', p_limit, 'version', p_cap.version + 1, 'scope', p_cap.scope, 'period', p_cap.period) || p_more, p_reason);
  return platform.answer_change(p_me, p_key, p_cap, p_limit, v_period, v_audit.id, p_at,
    jsonb_build_object('undoSeconds', extract(epoch from platform.undo_window())::integer) || p_more);
end
$$;

-- An override of a locked cap, with history, audit and announcement; p_by as in write_limit. Answers as add_cap_override does.
create or replace function platform.write_override(
  p_me platform.operators, p_by uuid, p_cap platform.caps, p_amount bigint, p_until text, p_ends timestamptz, p_at timestamptz, p_key uuid,
  p_action text, p_reason text, p_more jsonb
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_before bigint := (platform.limit_in_force(p_cap.tenant_id, p_cap.id, p_at)).limit_nanousd;
  v_second uuid := case when p_by is not null then p_me.id end;
  v_override uuid;
  v_period platform.cap_periods;
  v_audit platform.audit_log;
begin
  if p_amount > 9000000000000000 - v_before then
    raise exception 'A cap and its temporary raises are at most 9,000,000 USD a period.' using errcode = 'TD400';
  end if;
  insert into platform.cap_overrides
    (tenant_id, cap_id, amount_nanousd, starts_at, until, ends_at, created_by, confirmed_by, created_at, reason)
  values (p_cap.tenant_id, p_cap.id, p_amount, p_at, p_until, p_ends, coalesce(p_by, p_me.id), v_second, p_at, p_reason)
  returning id into v_override;
  v_period := platform.write_cap(p_cap, p_cap.limit_nanousd, 'override', coalesce(p_by, p_me.id), v_second, p_at, p_key);
  v_audit := platform.audit_append(p_cap.tenant_id, p_me.id, p_me.login, p_action, 'cap:' || p_cap.id,
    jsonb_build_object('limitNanoUsd', p_cap.limit_nanousd, 'inForceNanoUsd', v_before, 'version', p_cap.version),
    jsonb_build_object('limitNanoUsd', p_cap.limit_nanousd, 'inForceNanoUsd', v_period.limit_nanousd, 'version', p_cap.version + 1,
      'overrideId', v_override, 'overrideNanoUsd', p_amount, 'until', p_until, 'endsAt', p_ends,
      'scope', p_cap.scope, 'period', p_cap.period) || p_more, p_reason);
  return platform.answer_change(p_me, p_key, p_cap, p_cap.limit_nanousd, v_period, v_audit.id, p_at,
    jsonb_build_object('overrideId', v_override, 'amount', p_amount, 'endsAt', p_ends) || p_more);
end
$$;

-- The end of a cap's running period; it is open.
create or replace function platform.running_period_end(p_cap platform.caps, p_at timestamptz) returns timestamptz
language sql stable security definer set search_path = '' as $$
  select p.period_end from platform.cap_periods p
  where p.tenant_id = p_cap.tenant_id and p.cap_id = p_cap.id and p.period_start <= p_at and p.period_end > p_at
$$;

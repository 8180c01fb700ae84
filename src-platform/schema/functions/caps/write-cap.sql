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
create or replace function platform.write_cap(p_cap platform.caps, p_limit bigint, p_kind text, p_operator uuid, p_at timestamptz, p_key uuid)
returns platform.cap_periods
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
  insert into platform.cap_changes (tenant_id, cap_id, version, old_limit_nanousd, new_limit_nanousd, kind, operator_id, at, idempotency_key)
  values (p_cap.tenant_id, p_cap.id, p_cap.version + 1, p_cap.limit_nanousd, p_limit, p_kind, p_operator, p_at, p_key);
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
  update platform.idempotency_keys i set result = v_result where i.operator_id = p_me.id and i.key = p_key;
  perform platform.announce('caps', p_cap.tenant_id);
  return v_result;
end
$$;

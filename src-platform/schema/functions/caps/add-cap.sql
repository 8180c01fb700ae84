-- Gives a tenant one more cap: of a key or a workflow, or its own daily or monthly one where it has none. What was spent in the running
-- period before it counts. A cap that was removed comes back as it was, with the new limit.
--
--   p_scope: tenant, key or workflow; p_of: the key's or the workflow's id, null for the tenant
-- → as set_cap, without "undoSeconds". TD400 bad input, TD403 not allowed, TD404 no such key or workflow, TD409 there is such a cap already (DETAIL as
-- set_cap) or the key is revoked, TD422 the key was used for another change.
create or replace function platform.add_cap(
  p_tenant uuid, p_scope text, p_of uuid, p_period text, p_limit_nanousd bigint, p_idempotency_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators;
  v_first jsonb;
  v_now timestamptz;
  v_cap platform.caps;
  v_before platform.caps;
  v_period platform.cap_periods;
  v_audit platform.audit_log;
  v_name text;
begin
  if p_scope is null or p_scope not in ('tenant', 'key', 'workflow') or (p_scope = 'tenant') <> (p_of is null) then
    raise exception 'A cap is of a whole client, or of one key or workflow of it.' using errcode = 'TD400';
  elsif p_period is null or p_period not in ('month', 'day') then
    raise exception 'A cap is for a month or for a day.' using errcode = 'TD400';
  elsif p_limit_nanousd is null or p_limit_nanousd not between 0 and 9000000000000000 then
    raise exception 'A cap is 0 to 9,000,000 USD a period.' using errcode = 'TD400';
  end if;
  v_me := platform.operator_for_cap(p_tenant, p_idempotency_key is not null, p_reason, '{account_manager,operator,admin}');
  v_first := platform.first_answer(v_me.id, p_idempotency_key, 'add_cap',
    jsonb_build_array(p_tenant, p_scope, p_of, p_period, p_limit_nanousd, p_reason));
  if v_first is not null then
    return v_first;
  end if;

  -- One at a time for a client: two such caps at once must not both find none.
  perform platform.lock_tenant(p_tenant);
  if p_scope = 'key' then
    select k.name into v_name from platform.api_keys k where k.tenant_id = p_tenant and k.id = p_of for share;
    if v_name is null then
      raise exception 'There is no such key among your clients''.' using errcode = 'TD404';
    elsif exists (select from platform.api_keys k where k.tenant_id = p_tenant and k.id = p_of and k.revoked_at is not null) then
      raise exception 'The key % is revoked: nothing can be spent with it.', v_name using errcode = 'TD409';
    end if;
  elsif p_scope = 'workflow' then
    select w.name into v_name from platform.workflows w where w.tenant_id = p_tenant and w.id = p_of;
    if v_name is null then
      raise exception 'There is no such workflow among your clients''.' using errcode = 'TD404';
    end if;
  end if;
  select * into v_before from platform.caps c
  where c.tenant_id = p_tenant and c.scope = p_scope and c.period = p_period
    and c.key_id is not distinct from case when p_scope = 'key' then p_of end
    and c.workflow_id is not distinct from case when p_scope = 'workflow' then p_of end for no key update;
  if v_before.id is not null and v_before.removed_at is null then
    raise exception 'There is such a cap already: % USD. Look at it and change it.', platform.usd(v_before.limit_nanousd)
      using errcode = 'TD409', detail = jsonb_build_object('currentLimit', v_before.limit_nanousd, 'currentVersion', v_before.version,
        'currentOverride', (platform.limit_in_force(p_tenant, v_before.id, clock_timestamp())).limit_nanousd - v_before.limit_nanousd,
        'changedBy', (select o.login from platform.operators o where o.id = v_before.updated_by), 'changedAt', v_before.updated_at)::text;
  end if;

  v_now := greatest(clock_timestamp(), v_before.updated_at);
  if v_before.id is null then
    insert into platform.caps (tenant_id, scope, key_id, workflow_id, period, limit_nanousd, updated_by, updated_at, version)
    values (p_tenant, p_scope, case when p_scope = 'key' then p_of end, case when p_scope = 'workflow' then p_of end, p_period,
      p_limit_nanousd, v_me.id, v_now, 1) returning * into v_cap;
    insert into platform.cap_changes (tenant_id, cap_id, version, old_limit_nanousd, new_limit_nanousd, kind, operator_id, at, idempotency_key)
    values (p_tenant, v_cap.id, 1, 0, p_limit_nanousd, 'added', v_me.id, v_now, p_idempotency_key);
  else
    update platform.caps c set removed_at = null where c.tenant_id = p_tenant and c.id = v_before.id;
    v_before.limit_nanousd := 0; -- nothing of the old limit is in force
    perform platform.write_cap(v_before, p_limit_nanousd, 'added', v_me.id, null, v_now, p_idempotency_key);
    select * into strict v_cap from platform.caps c where c.tenant_id = p_tenant and c.id = v_before.id;
  end if;
  -- The gateways tell live figures of periods that are there.
  perform platform.open_cap_periods(array[p_tenant], v_now);
  select * into v_period from platform.cap_periods p
  where p.tenant_id = p_tenant and p.cap_id = v_cap.id and p.period_start <= v_now and p.period_end > v_now;

  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'cap.add', 'cap:' || v_cap.id, null,
    jsonb_build_object('limitNanoUsd', p_limit_nanousd, 'version', v_cap.version, 'scope', p_scope, 'period', p_period, 'of', p_of,
      'name', v_name), p_reason);
  v_cap.version := v_cap.version - 1;
  v_cap.limit_nanousd := 0;
  return platform.answer_change(v_me, p_idempotency_key, v_cap, p_limit_nanousd, v_period, v_audit.id, v_now, '{}');
end
$$;

grant execute on function platform.add_cap(uuid, text, uuid, text, bigint, uuid, text)
  to td_account_manager, td_operator, td_admin;

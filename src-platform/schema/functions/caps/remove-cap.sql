-- Takes a cap away: of a key or a workflow, or a tenant's daily one. Its calls are limited by the tenant's monthly cap from then on, so it counts
-- as a raise up to that, against the operator's limit; who would pass it asks an admin. A tenant's monthly cap stays: it can be set.
-- Temporary raises of it end with it.
--
-- → as set_cap, without "undoSeconds"; "limit": what limits instead. Errors as set_cap.
create or replace function platform.remove_cap(
  p_tenant uuid, p_cap uuid, p_expected_version integer, p_idempotency_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.operator_for_cap(p_tenant,
    p_cap is not null and p_expected_version is not null and p_idempotency_key is not null, p_reason, '{operator,admin}');
  v_first jsonb := platform.first_answer(v_me.id, p_idempotency_key, 'remove_cap',
    jsonb_build_array(p_tenant, p_cap, p_expected_version, p_reason));
  v_now timestamptz;
  v_cap platform.caps;
  v_instead bigint;
  v_period platform.cap_periods;
  v_audit platform.audit_log;
begin
  if v_first is not null then
    return v_first;
  end if;
  v_cap := platform.lock_cap(v_me.id, p_tenant, p_cap, p_expected_version);
  if v_cap.scope = 'tenant' and v_cap.period = 'month' then
    raise exception 'A client''s monthly cap is not taken away: everything else leans on it. Set it to another amount.' using errcode = 'TD400';
  end if;
  v_now := greatest(clock_timestamp(), v_cap.updated_at);
  select greatest(v_cap.limit_nanousd, f.limit_nanousd) into v_instead
  from platform.caps c cross join lateral platform.limit_in_force(c.tenant_id, c.id, v_now) f
  where c.tenant_id = p_tenant and c.scope = 'tenant' and c.period = 'month' and c.hard;
  -- Without a monthly cap nothing limits the calls any more.
  v_instead := coalesce(v_instead, 9000000000000000);
  if not platform.within_limit(v_me, v_instead - v_cap.limit_nanousd) then
    raise exception 'Without this cap its calls may spend % USD more a period: that passes your limit. Ask an admin to remove it, or lower it instead.',
      platform.usd(v_instead - v_cap.limit_nanousd) using errcode = 'TD403';
  end if;

  update platform.cap_overrides o set removed_at = v_now, removed_by = v_me.id
  where o.tenant_id = p_tenant and o.cap_id = p_cap and o.removed_at is null and (o.ends_at is null or o.ends_at > v_now);
  v_period := platform.write_cap(v_cap, v_instead, 'removed', v_me.id, null, v_now, p_idempotency_key);
  update platform.caps c set removed_at = v_now where c.tenant_id = p_tenant and c.id = p_cap;
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'cap.remove', 'cap:' || p_cap,
    jsonb_build_object('limitNanoUsd', v_cap.limit_nanousd, 'version', v_cap.version),
    jsonb_build_object('version', v_cap.version + 1, 'scope', v_cap.scope, 'period', v_cap.period,
      'of', coalesce(v_cap.key_id, v_cap.workflow_id)), p_reason);
  return platform.answer_change(v_me, p_idempotency_key, v_cap, v_instead, v_period, v_audit.id, v_now, '{}');
end
$$;

grant execute on function platform.remove_cap(uuid, uuid, integer, uuid, text)
  to td_operator, td_admin;

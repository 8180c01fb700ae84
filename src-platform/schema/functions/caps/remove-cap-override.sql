-- Ends an override now. No expected version: an override never changes, so nobody can have decided about another one than they saw.
-- → as set_cap, and {"overrideId","amount","endsAt"}. TD400 it has ended, TD404 no such override among this operator's tenants, TD409 it was
-- removed already, DETAIL as set_cap; else as set_cap.
create or replace function platform.remove_cap_override(p_tenant uuid, p_override uuid, p_idempotency_key uuid, p_reason text) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.operator_for_cap(p_tenant, p_override is not null and p_idempotency_key is not null,
    p_reason, '{account_manager,operator,admin}');
  v_first jsonb := platform.first_answer(v_me.id, p_idempotency_key, 'remove_cap_override', jsonb_build_array(p_tenant, p_override, p_reason));
  v_now timestamptz;
  v_cap platform.caps;
  v_before bigint;
  v_period platform.cap_periods;
  v_override platform.cap_overrides;
  v_audit platform.audit_log;
begin
  if v_first is not null then
    return v_first;
  end if;
  select * into v_override from platform.cap_overrides o where o.tenant_id = p_tenant and o.id = p_override;
  if not found then
    raise exception 'There is no such temporary raise among your tenants.' using errcode = 'TD404';
  end if;
  v_cap := platform.lock_cap(v_me.id, p_tenant, v_override.cap_id, null);
  v_now := greatest(clock_timestamp(), v_cap.updated_at);
  v_before := (platform.limit_in_force(p_tenant, v_cap.id, v_now)).limit_nanousd;
  -- Again, under the lock of the cap.
  select * into strict v_override from platform.cap_overrides o where o.tenant_id = p_tenant and o.id = p_override;
  if v_override.removed_at is not null then
    raise exception 'This temporary raise was removed already.' using errcode = 'TD409',
      detail = jsonb_build_object('currentLimit', v_cap.limit_nanousd, 'currentVersion', v_cap.version,
        'currentOverride', v_before - v_cap.limit_nanousd,
        'changedBy', (select o.login from platform.operators o where o.id = v_override.removed_by), 'changedAt', v_override.removed_at)::text;
  elsif v_override.ends_at <= v_now then
    raise exception 'This temporary raise has ended.' using errcode = 'TD400';
  end if;
  update platform.cap_overrides o set removed_at = v_now, removed_by = v_me.id where o.tenant_id = p_tenant and o.id = p_override;
  v_period := platform.write_cap(v_cap, v_cap.limit_nanousd, 'override_removed', v_me.id, null, v_now, p_idempotency_key);
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'cap.override.remove', 'cap:' || v_cap.id,
    jsonb_build_object('limitNanoUsd', v_cap.limit_nanousd, 'inForceNanoUsd', v_before, 'version', v_cap.version,
      'overrideId', p_override, 'overrideNanoUsd', v_override.amount_nanousd, 'until', v_override.until, 'endsAt', v_override.ends_at),
    jsonb_build_object('limitNanoUsd', v_cap.limit_nanousd, 'inForceNanoUsd', v_period.limit_nanousd, 'version', v_cap.version + 1,
      'scope', v_cap.scope, 'period', v_cap.period), p_reason);
  return platform.answer_change(v_me, p_idempotency_key, v_cap, v_cap.limit_nanousd, v_period, v_audit.id, v_now,
    jsonb_build_object('overrideId', p_override, 'amount', v_override.amount_nanousd, 'endsAt', v_override.ends_at));
end
$$;

grant execute on function platform.remove_cap_override(uuid, uuid, uuid, text)
  to td_account_manager, td_operator, td_admin;

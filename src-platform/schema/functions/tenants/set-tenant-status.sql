-- Suspends a client (the gateways refuse its calls with 403 from then on; open calls end as they were admitted) or resumes it.
--   p_status: 'suspended' or 'active'
-- → {"tenantId","status","version","auditId","changedAt"}
-- TD400 bad input or no change, TD403 not allowed, TD404, TD409 the tenant was changed meanwhile, DETAIL {"currentStatus","currentVersion"},
-- TD422 the key was used for another change.
create or replace function platform.set_tenant_status(
  p_tenant uuid, p_status text, p_expected_version integer, p_idempotency_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators;
  v_first jsonb;
  v_tenant platform.tenants;
  v_audit platform.audit_log;
begin
  if p_status is null or p_status not in ('active', 'suspended') then
    raise exception 'A client is suspended or resumed.' using errcode = 'TD400';
  end if;
  v_me := platform.operator_for_tenant(p_tenant, p_expected_version is not null and p_idempotency_key is not null, p_reason,
    '{account_manager,operator,admin}');
  if p_status = 'active' and v_me.role = 'account_manager' then
    raise exception 'Account managers suspend clients. Ask an operator to resume this one.' using errcode = 'TD403';
  end if;
  v_first := platform.first_answer(v_me.id, p_idempotency_key, 'set_tenant_status',
    jsonb_build_array(p_tenant, p_status, p_expected_version, p_reason));
  if v_first is not null then
    return v_first;
  end if;
  v_tenant := platform.lock_tenant(p_tenant);
  if v_tenant.version <> p_expected_version then
    raise exception '% was changed meanwhile: it is % now. Look at it again.', v_tenant.name, v_tenant.status
      using errcode = 'TD409', detail = jsonb_build_object('currentStatus', v_tenant.status, 'currentVersion', v_tenant.version)::text;
  elsif v_tenant.status = p_status then
    raise exception '% is % already.', v_tenant.name, p_status using errcode = 'TD400';
  end if;
  update platform.tenants t set status = p_status, version = t.version + 1 where t.id = p_tenant;
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login,
    case p_status when 'suspended' then 'tenant.suspend' else 'tenant.resume' end, 'tenant:' || p_tenant,
    jsonb_build_object('status', v_tenant.status, 'version', v_tenant.version),
    jsonb_build_object('status', p_status, 'version', v_tenant.version + 1), p_reason);
  return platform.keep_answer(v_me.id, p_idempotency_key, 'tenants', p_tenant,
    jsonb_build_object('tenantId', p_tenant, 'status', p_status, 'version', v_tenant.version + 1,
      'auditId', v_audit.id, 'changedAt', v_audit.at));
end
$$;

grant execute on function platform.set_tenant_status(uuid, text, integer, uuid, text)
  to td_account_manager, td_operator, td_admin;

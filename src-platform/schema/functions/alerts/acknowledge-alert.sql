-- Somebody has seen to an alert: it leaves the inbox of everybody.
-- → {"tenantId","alertId","acknowledgedAt","auditId"}. TD400, TD403, TD404 no such alert, TD409 somebody was faster or it is resolved, TD422.
create or replace function platform.acknowledge_alert(p_tenant uuid, p_alert uuid, p_idempotency_key uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.operator_for_tenant(p_tenant, p_alert is not null and p_idempotency_key is not null, null,
    '{account_manager,operator,admin}');
  v_first jsonb := platform.first_answer(v_me.id, p_idempotency_key, 'acknowledge_alert', jsonb_build_array(p_tenant, p_alert));
  v_alert platform.cap_alerts;
  v_audit platform.audit_log;
begin
  if v_first is not null then
    return v_first;
  end if;
  select * into v_alert from platform.cap_alerts a where a.tenant_id = p_tenant and a.id = p_alert for no key update;
  if not found then
    raise exception 'There is no such alert among your clients''.' using errcode = 'TD404';
  elsif v_alert.resolved_at is not null then
    raise exception 'This alert is resolved: the cap was raised.' using errcode = 'TD409';
  elsif v_alert.acknowledged_at is not null then
    raise exception '% has seen to it already.', (select o.name from platform.operators o where o.id = v_alert.acknowledged_by)
      using errcode = 'TD409';
  end if;
  -- Of the same cap and period the lower ones with it: they say less.
  update platform.cap_alerts a set acknowledged_at = clock_timestamp(), acknowledged_by = v_me.id
  where a.tenant_id = p_tenant and a.cap_id = v_alert.cap_id and a.period_start = v_alert.period_start and a.resolved_at is null
    and a.acknowledged_at is null and (a.id = p_alert or v_alert.threshold > 0 and a.threshold <= v_alert.threshold);
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'alert.acknowledge', 'cap:' || v_alert.cap_id, null,
    jsonb_build_object('alertId', p_alert, 'threshold', v_alert.threshold, 'chargedNanoUsd', v_alert.charged_nanousd,
      'limitNanoUsd', v_alert.limit_nanousd), null);
  return platform.keep_answer(v_me.id, p_idempotency_key, 'alerts', p_tenant,
    jsonb_build_object('tenantId', p_tenant, 'alertId', p_alert, 'acknowledgedAt', v_audit.at, 'auditId', v_audit.id));
end
$$;

grant execute on function platform.acknowledge_alert(uuid, uuid, uuid)
  to td_account_manager, td_operator, td_admin;

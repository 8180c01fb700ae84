-- Approves or declines an increase request. An approval is an override until the end of the cap's period, of the amount asked for or another
-- one; above the operator's limit it waits for a second person, and the request stays open until then. Who asked declines only ("withdrawn").
--   p_expected_cap_version: the cap as the decider saw it. Null is enough while the cap is as it was when this was asked; else TD409 asks for
--   a fresh look, and naming the present version is that look.
-- → {"requestId","status","auditId"} of a decline; as add_cap_override with "requestId","status" of an approval, or as a waiting raise.
-- TD400, TD403 own request or role, TD404, TD409 decided, expired or another cap now (DETAIL has both), TD422 as set_cap.
create or replace function platform.decide_increase(
  p_tenant uuid, p_request uuid, p_decision text, p_amount_nanousd bigint, p_expected_cap_version integer, p_idempotency_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.operator_for_cap(p_tenant, p_request is not null and p_idempotency_key is not null, p_reason,
    '{operator,admin}');
  v_answer jsonb;
  v_now timestamptz;
  v_row platform.increase_requests;
  v_cap platform.caps;
  v_amount bigint;
  v_status text;
  v_more jsonb;
  v_audit platform.audit_log;
begin
  if p_decision is null or p_decision not in ('approve', 'decline') then
    raise exception 'A request is approved or declined.' using errcode = 'TD400';
  elsif p_decision = 'decline' and (p_amount_nanousd is not null or p_reason is null or btrim(p_reason) = '') then
    raise exception 'A decline needs a reason, and no amount.' using errcode = 'TD400';
  elsif p_amount_nanousd <= 0 or p_amount_nanousd > 9000000000000000 then
    raise exception 'An increase is an amount above 0 and at most 9,000,000 USD.' using errcode = 'TD400';
  end if;
  v_answer := platform.first_answer(v_me.id, p_idempotency_key, 'decide_increase',
    jsonb_build_array(p_tenant, p_request, p_decision, p_amount_nanousd, p_expected_cap_version, p_reason));
  if v_answer is not null then
    return v_answer;
  end if;

  select * into v_row from platform.increase_requests r where r.tenant_id = p_tenant and r.id = p_request;
  if not found then
    raise exception 'There is no such request among your tenants.' using errcode = 'TD404';
  end if;
  v_cap := platform.lock_cap(v_me.id, p_tenant, v_row.cap_id, null);
  select * into strict v_row from platform.increase_requests r where r.tenant_id = p_tenant and r.id = p_request for no key update;
  v_now := greatest(clock_timestamp(), v_cap.updated_at);
  if v_row.status <> 'open' or v_row.expires_at <= v_now then
    raise exception 'This request is % already%.', case when v_row.status = 'open' then 'expired' else v_row.status end,
        coalesce((select ', by ' || o.name from platform.operators o where o.id = v_row.decided_by), '')
      using errcode = 'TD409', detail = jsonb_build_object('status', v_row.status, 'decidedAmount', v_row.decided_amount_nanousd,
        'decidedBy', (select o.login from platform.operators o where o.id = v_row.decided_by), 'decidedAt', v_row.decided_at)::text;
  end if;

  if p_decision = 'decline' then
    v_status := case when v_row.requested_by = v_me.id then 'withdrawn' else 'declined' end;
    update platform.increase_requests r set status = v_status, decided_by = v_me.id, decided_at = v_now, decision_reason = btrim(p_reason)
    where r.tenant_id = p_tenant and r.id = p_request;
    update platform.pending_raises w set state = 'void', decided_at = v_now
    where w.tenant_id = p_tenant and w.request_id = p_request and w.state = 'waiting';
    v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'request.' || case v_status when 'declined' then 'decline' else 'withdraw' end,
      'cap:' || v_row.cap_id, jsonb_build_object('requestId', p_request, 'requestNanoUsd', v_row.amount_nanousd), null, btrim(p_reason));
    v_answer := jsonb_build_object('requestId', p_request, 'status', v_status, 'auditId', v_audit.id);
    return platform.keep_answer(v_me.id, p_idempotency_key, 'requests', p_tenant, v_answer);
  end if;

  if v_row.requested_by = v_me.id then
    raise exception 'You asked for this increase yourself. Somebody else decides.' using errcode = 'TD403';
  elsif v_cap.version <> coalesce(p_expected_cap_version, v_row.cap_version) then
    raise exception 'The cap changed since this was asked: it is now % USD. Look at it again before you approve.', platform.usd(v_cap.limit_nanousd)
      using errcode = 'TD409', detail = jsonb_build_object('currentLimit', v_cap.limit_nanousd, 'currentVersion', v_cap.version,
        'currentOverride', (platform.limit_in_force(p_tenant, v_cap.id, v_now)).limit_nanousd - v_cap.limit_nanousd,
        'changedBy', (select o.login from platform.operators o where o.id = v_cap.updated_by), 'changedAt', v_cap.updated_at)::text;
  end if;
  v_amount := coalesce(p_amount_nanousd, v_row.amount_nanousd);
  v_more := jsonb_build_object('requestId', p_request, 'requestNanoUsd', v_row.amount_nanousd);
  if not platform.within_limit(v_me, v_amount) then
    return platform.wait_for_second(v_me, v_cap, 'request', v_amount, null, 'period_end', platform.running_period_end(v_cap, v_now), p_request,
      p_idempotency_key, p_reason);
  end if;
  v_answer := platform.write_override(v_me, null, v_cap, v_amount, 'period_end', platform.running_period_end(v_cap, v_now), v_now,
    p_idempotency_key, 'request.approve', coalesce(nullif(btrim(p_reason), ''), v_row.reason), v_more || '{"status":"approved"}');
  update platform.increase_requests r
  set status = 'approved', decided_by = v_me.id, decided_at = v_now, decided_amount_nanousd = v_amount, decision_reason = nullif(btrim(p_reason), ''),
      override_id = (v_answer->>'overrideId')::uuid
  where r.tenant_id = p_tenant and r.id = p_request;
  perform platform.end_requests(p_tenant);
  perform platform.announce('requests', p_tenant);
  return v_answer;
end
$$;

grant execute on function platform.decide_increase(uuid, uuid, text, bigint, integer, uuid, text)
  to td_operator, td_admin;

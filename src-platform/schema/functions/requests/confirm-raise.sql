-- A raise above the operator's limit (the gross sum of their raises in 24 hours) waits for a second person. It names the exact cap, version and
-- amount; another version of the cap makes it void, and so do 24 hours. Who asked never confirms; the second person's own limit counts too,
-- and the raise counts in both persons' 24 hours.

-- Under the locks of the operator and the cap. Answers instead of the change that was asked for.
create or replace function platform.wait_for_second(
  p_me platform.operators, p_cap platform.caps, p_kind text, p_amount bigint, p_new_limit bigint, p_until text, p_ends timestamptz,
  p_request uuid, p_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_now timestamptz := clock_timestamp();
  v_period platform.cap_periods;
  v_row platform.pending_raises;
  v_audit platform.audit_log;
begin
  perform platform.end_requests(p_cap.tenant_id);
  if exists (select from platform.pending_raises w where w.tenant_id = p_cap.tenant_id and w.cap_id = p_cap.id and w.state = 'waiting'
             and (p_request is null and w.requested_by = p_me.id or w.request_id = p_request)) then
    raise exception 'A raise of this cap waits for a second person already.' using errcode = 'TD409';
  end if;
  insert into platform.pending_raises
    (tenant_id, cap_id, cap_version, kind, amount_nanousd, new_limit_nanousd, until, ends_at, request_id, requested_by, requested_at, expires_at, reason)
  values (p_cap.tenant_id, p_cap.id, p_cap.version, p_kind, p_amount, p_new_limit, p_until, p_ends, p_request, p_me.id, v_now,
    least(v_now + interval '24 hours', p_ends), p_reason)
  returning * into v_row;
  select * into v_period from platform.cap_periods p
  where p.tenant_id = p_cap.tenant_id and p.cap_id = p_cap.id and p.period_start <= v_now and p.period_end > v_now;
  v_audit := platform.audit_append(p_cap.tenant_id, p_me.id, p_me.login, 'raise.wait', 'cap:' || p_cap.id,
    jsonb_build_object('limitNanoUsd', p_cap.limit_nanousd, 'inForceNanoUsd', v_period.limit_nanousd, 'version', p_cap.version),
    jsonb_build_object('raiseId', v_row.id, 'raiseNanoUsd', p_amount, 'until', p_until, 'requestId', p_request,
      'raiseLimitNanoUsd', p_me.raise_limit_nanousd, 'scope', p_cap.scope, 'period', p_cap.period), p_reason);
  return platform.keep_answer(p_me.id, p_key, 'requests', p_cap.tenant_id,
    jsonb_build_object('pending', true, 'pendingId', v_row.id, 'capId', p_cap.id, 'version', p_cap.version,
      'limit', p_cap.limit_nanousd, 'previousLimit', p_cap.limit_nanousd, 'inForce', v_period.limit_nanousd,
      'charged', v_period.charged_nanousd, 'granted', v_period.granted_nanousd, 'warning', null, 'amount', p_amount, 'expiresAt', v_row.expires_at, 'auditId', v_audit.id,
      'changedAt', v_now));
end
$$;

-- The waiting raise, locked after its operators and its cap. TD404; TD409 it ended meanwhile, is void or expired.
create or replace function platform.lock_raise(
  p_me platform.operators, p_tenant uuid, p_pending uuid, out v_row platform.pending_raises, out v_cap platform.caps
) language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
begin
  select * into v_row from platform.pending_raises w where w.tenant_id = p_tenant and w.id = p_pending;
  if not found then
    raise exception 'There is no such waiting raise among your tenants.' using errcode = 'TD404';
  end if;
  perform from platform.operators o where o.id in (p_me.id, v_row.requested_by) order by o.id for no key update;
  v_cap := platform.lock_cap(p_me.id, p_tenant, v_row.cap_id, null);
  select * into strict v_row from platform.pending_raises w where w.tenant_id = p_tenant and w.id = p_pending for no key update;
  if v_row.state <> 'waiting' then
    raise exception 'This raise is % already.', v_row.state using errcode = 'TD409', detail = jsonb_build_object('state', v_row.state,
      'decidedBy', (select o.login from platform.operators o where o.id = v_row.decided_by), 'decidedAt', v_row.decided_at)::text;
  elsif v_cap.version <> v_row.cap_version then
    raise exception 'The cap was changed meanwhile: it is now % USD. This raise is void; ask again.', platform.usd(v_cap.limit_nanousd)
      using errcode = 'TD409', detail = jsonb_build_object('state', 'void', 'currentLimit', v_cap.limit_nanousd, 'currentVersion', v_cap.version)::text;
  elsif v_row.expires_at <= clock_timestamp() then
    raise exception 'This raise waited too long and expired; ask again.' using errcode = 'TD409', detail = '{"state":"expired"}';
  end if;
end
$$;

-- The second person agrees: the raise is made now, as the first one asked for it. → as set_cap or add_cap_override, and {"pendingId"}.
-- TD403 own raise, own request, role, or above the second person's limit as well; TD404, TD409, TD422 as set_cap.
create or replace function platform.confirm_raise(p_tenant uuid, p_pending uuid, p_idempotency_key uuid, p_reason text) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.operator_for_cap(p_tenant, p_pending is not null and p_idempotency_key is not null, p_reason,
    '{operator,admin}');
  v_answer jsonb := platform.first_answer(v_me.id, p_idempotency_key, 'confirm_raise', jsonb_build_array(p_tenant, p_pending, p_reason));
  v_now timestamptz;
  v_locked record;
  v_row platform.pending_raises;
  v_cap platform.caps;
  v_request platform.increase_requests;
  v_more jsonb;
begin
  if v_answer is not null then
    return v_answer;
  end if;
  v_locked := platform.lock_raise(v_me, p_tenant, p_pending);
  v_row := v_locked.v_row;
  v_cap := v_locked.v_cap;
  v_now := greatest(clock_timestamp(), v_cap.updated_at);
  if v_row.requested_by = v_me.id then
    raise exception 'You asked for this raise yourself. Somebody else confirms it.' using errcode = 'TD403';
  end if;
  if v_row.kind = 'request' then
    select * into strict v_request from platform.increase_requests r
    where r.tenant_id = p_tenant and r.id = v_row.request_id for no key update;
    if v_request.requested_by = v_me.id then
      raise exception 'You asked for this increase yourself. Somebody else confirms it.' using errcode = 'TD403';
    elsif v_request.status <> 'open' or v_request.expires_at <= v_now then
      raise exception 'The request is % already.', case when v_request.status = 'open' then 'expired' else v_request.status end using errcode = 'TD409';
    end if;
  end if;
  if not platform.within_limit(v_me, v_row.amount_nanousd) then
    raise exception 'This raise of % USD passes your own limit of % USD in 24 hours (% USD used). Ask an admin.',
      platform.usd(v_row.amount_nanousd), platform.usd(v_me.raise_limit_nanousd), platform.usd(platform.raised_24h(v_me.id))
      using errcode = 'TD403';
  end if;
  update platform.pending_raises w set state = 'confirmed', decided_by = v_me.id, decided_at = v_now, decision_reason = p_reason
  where w.tenant_id = p_tenant and w.id = p_pending;
  v_more := jsonb_build_object('pendingId', p_pending, 'askedBy', (select o.login from platform.operators o where o.id = v_row.requested_by));
  if v_row.kind = 'cap' then
    v_answer := platform.write_limit(v_me, v_row.requested_by, v_cap, v_row.new_limit_nanousd, v_now, p_idempotency_key, 'raise.confirm',
      coalesce(p_reason, v_row.reason), v_more);
  else
    v_answer := platform.write_override(v_me, v_row.requested_by, v_cap, v_row.amount_nanousd, v_row.until, v_row.ends_at, v_now,
      p_idempotency_key, 'raise.confirm', coalesce(p_reason, v_row.reason), v_more || jsonb_strip_nulls(jsonb_build_object('requestId', v_row.request_id)));
  end if;
  if v_row.kind = 'request' then
    update platform.increase_requests r
    set status = 'approved', decided_by = v_row.requested_by, decided_at = v_now, decided_amount_nanousd = v_row.amount_nanousd,
        decision_reason = v_row.reason, override_id = (v_answer->>'overrideId')::uuid
    where r.tenant_id = p_tenant and r.id = v_row.request_id;
  end if;
  perform platform.announce('requests', p_tenant);
  return v_answer;
end
$$;

-- The second person says no, or the first one takes it back. A request behind it stays open. → {"pendingId","state","auditId"}
create or replace function platform.reject_raise(p_tenant uuid, p_pending uuid, p_idempotency_key uuid, p_reason text) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.operator_for_cap(p_tenant, p_pending is not null and p_idempotency_key is not null, p_reason,
    '{operator,admin}');
  v_answer jsonb := platform.first_answer(v_me.id, p_idempotency_key, 'reject_raise', jsonb_build_array(p_tenant, p_pending, p_reason));
  v_row platform.pending_raises;
  v_state text;
  v_audit platform.audit_log;
begin
  if v_answer is not null then
    return v_answer;
  end if;
  v_row := (platform.lock_raise(v_me, p_tenant, p_pending)).v_row;
  v_state := case when v_row.requested_by = v_me.id then 'withdrawn' else 'rejected' end;
  update platform.pending_raises w set state = v_state, decided_by = v_me.id, decided_at = clock_timestamp(), decision_reason = p_reason
  where w.tenant_id = p_tenant and w.id = p_pending;
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'raise.' || v_state, 'cap:' || v_row.cap_id,
    jsonb_build_object('raiseId', p_pending, 'raiseNanoUsd', v_row.amount_nanousd), null, p_reason);
  v_answer := jsonb_build_object('pendingId', p_pending, 'state', v_state, 'auditId', v_audit.id);
  return platform.keep_answer(v_me.id, p_idempotency_key, 'requests', p_tenant, v_answer);
end
$$;

grant execute on function platform.confirm_raise(uuid, uuid, uuid, text), platform.reject_raise(uuid, uuid, uuid, text)
  to td_operator, td_admin;

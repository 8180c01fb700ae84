-- An increase request: somebody asks for more in the running period of a cap, an operator decides. One request a cap is open at a time.
-- It ends with the period, or after seven days.

-- Under the lock of the cap. TD400 amount or reason, TD409 another one is open (DETAIL {"requestId","amount","requestedBy","requestedAt"}).
-- The same asker (same person, or the tenant) changes their own open request; the same again changes nothing.
create or replace function platform.open_request(
  p_cap platform.caps, p_amount bigint, p_reason text, p_operator uuid, p_key uuid, p_login text
) returns platform.increase_requests
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_now timestamptz := clock_timestamp();
  v_in_force bigint := (platform.limit_in_force(p_cap.tenant_id, p_cap.id, v_now)).limit_nanousd;
  v_open platform.increase_requests;
  v_row platform.increase_requests;
begin
  perform platform.end_requests(p_cap.tenant_id);
  select * into v_open from platform.increase_requests r
  where r.tenant_id = p_cap.tenant_id and r.cap_id = p_cap.id and r.status = 'open' for no key update;
  if p_amount > 9000000000000000 - v_in_force then
    raise exception 'A cap and its temporary raises are at most 9,000,000 USD a period.' using errcode = 'TD400';
  end if;
  if v_open.id is not null then
    if v_open.requested_by is distinct from p_operator then
      raise exception '% asked for % USD more already; that is decided first.',
          coalesce((select o.name from platform.operators o where o.id = v_open.requested_by), 'The client'), platform.usd(v_open.amount_nanousd)
        using errcode = 'TD409', detail = jsonb_build_object('requestId', v_open.id, 'amount', v_open.amount_nanousd,
          'requestedBy', (select o.login from platform.operators o where o.id = v_open.requested_by), 'requestedAt', v_open.requested_at)::text;
    elsif v_open.amount_nanousd = p_amount and v_open.reason = p_reason then
      return v_open;
    elsif exists (select from platform.pending_raises w
                  where w.tenant_id = v_open.tenant_id and w.request_id = v_open.id and w.state = 'waiting') then
      raise exception 'This request was approved by one person and waits for a second one; it can''t be changed now.' using errcode = 'TD409';
    elsif v_open.times_changed >= 20 then
      raise exception 'This request was changed 20 times; it is decided as it is.' using errcode = 'TD409';
    end if;
    update platform.increase_requests r
    set amount_nanousd = p_amount, reason = p_reason, times_changed = r.times_changed + 1, cap_version = p_cap.version, limit_nanousd = v_in_force
    where r.tenant_id = v_open.tenant_id and r.id = v_open.id returning * into v_row;
  else
    insert into platform.increase_requests
      (tenant_id, cap_id, amount_nanousd, reason, source, requested_by, key_id, requested_at, expires_at, cap_version, limit_nanousd)
    select p_cap.tenant_id, p_cap.id, p_amount, p_reason, case when p_operator is null then 'tenant' else 'staff' end, p_operator,
      case when p_operator is null then p_key end, v_now, least(p.period_end, v_now + interval '7 days'), p_cap.version, v_in_force
    from platform.cap_periods p
    where p.tenant_id = p_cap.tenant_id and p.cap_id = p_cap.id and p.period_start <= v_now and p.period_end > v_now
    returning * into strict v_row;
  end if;
  perform platform.audit_append(p_cap.tenant_id, p_operator, p_login, 'request.ask', 'cap:' || p_cap.id,
    case when v_open.id is not null then jsonb_build_object('requestNanoUsd', v_open.amount_nanousd, 'reason', v_open.reason) end,
    jsonb_build_object('requestId', v_row.id, 'requestNanoUsd', p_amount, 'inForceNanoUsd', v_in_force,
      'scope', p_cap.scope, 'period', p_cap.period), p_reason);
  perform platform.announce('requests', p_cap.tenant_id);
  return v_row;
end
$$;

create or replace function platform.check_request(p_amount bigint, p_reason text) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if p_amount is null or p_amount <= 0 or p_amount > 9000000000000000 then
    raise exception 'An increase is an amount above 0 and at most 9,000,000 USD.' using errcode = 'TD400';
  elsif p_reason is null or btrim(p_reason) = '' or length(p_reason) > 500 then
    raise exception 'A request needs a reason of at most 500 characters.' using errcode = 'TD400';
  end if;
end
$$;

create or replace function platform.describe_request(p_row platform.increase_requests) returns jsonb
language sql stable security definer set search_path = '' set timezone = 'UTC' as $$
  select jsonb_build_object('requestId', p_row.id, 'capId', p_row.cap_id, 'status', p_row.status, 'amount', p_row.amount_nanousd,
    'reason', p_row.reason, 'requestedAt', p_row.requested_at, 'expiresAt', p_row.expires_at,
    'decidedAmount', p_row.decided_amount_nanousd, 'decisionReason', p_row.decision_reason, 'decidedAt', p_row.decided_at)
$$;

-- Staff asks for a client. → {"requestId","capId","status","amount","reason","requestedAt","expiresAt",…}
-- TD400, TD403, TD404, TD409 another one is open, TD422 as set_cap.
create or replace function platform.request_increase(
  p_tenant uuid, p_cap uuid, p_amount_nanousd bigint, p_reason text, p_idempotency_key uuid
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators;
  v_result jsonb;
begin
  perform platform.check_request(p_amount_nanousd, p_reason);
  v_me := platform.operator_for_cap(p_tenant, p_cap is not null and p_idempotency_key is not null, p_reason,
    '{account_manager,operator,admin}');
  v_result := platform.first_answer(v_me.id, p_idempotency_key, 'request_increase',
    jsonb_build_array(p_tenant, p_cap, p_amount_nanousd, p_reason));
  if v_result is not null then
    return v_result;
  end if;
  v_result := platform.describe_request(platform.open_request(
    platform.lock_cap(v_me.id, p_tenant, p_cap, null), p_amount_nanousd, btrim(p_reason), v_me.id, null, v_me.login));
  update platform.idempotency_keys i set result = v_result where i.operator_id = v_me.id and i.key = p_idempotency_key;
  return v_result;
end
$$;

-- The tenant asks, through a gateway; p_cap null: its monthly cap. Asking the same again answers with the open request.
-- TD400, TD403 tenant not active or key revoked, TD404 no such gateway, tenant, key or cap, TD409 staff has an open request for this cap.
create or replace function platform.request_increase_for_tenant(
  p_gateway uuid, p_tenant uuid, p_key uuid, p_cap uuid, p_amount_nanousd bigint, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_status text;
  v_cap uuid := p_cap;
begin
  perform platform.check_request(p_amount_nanousd, p_reason);
  if not exists (select from platform.gateways g where g.id = p_gateway) then
    raise exception 'There is no such gateway: it has to start first.' using errcode = 'TD404';
  end if;
  select t.status into v_status from platform.tenants t where t.id = p_tenant;
  if v_status is null or not exists (select from platform.api_keys k where k.tenant_id = p_tenant and k.id = p_key) then
    raise exception 'There is no such tenant or key.' using errcode = 'TD404';
  elsif v_status <> 'active' then
    raise exception 'The tenant is %.', v_status using errcode = 'TD403';
  elsif exists (select from platform.api_keys k where k.tenant_id = p_tenant and k.id = p_key and k.revoked_at is not null) then
    raise exception 'The key is revoked.' using errcode = 'TD403';
  end if;
  if v_cap is null then
    select c.id into v_cap from platform.caps c where c.tenant_id = p_tenant and c.scope = 'tenant' and c.period = 'month';
  end if;
  if not exists (select from platform.caps c where c.tenant_id = p_tenant and c.id = v_cap and c.removed_at is null) then
    raise exception 'There is no such cap.' using errcode = 'TD404';
  end if;
  return platform.describe_request(platform.open_request(
    platform.lock_cap(null, p_tenant, v_cap, null), p_amount_nanousd, btrim(p_reason), null, p_key, session_user::text));
end
$$;

grant execute on function platform.request_increase(uuid, uuid, bigint, text, uuid)
  to td_account_manager, td_operator, td_admin;
grant execute on function platform.request_increase_for_tenant(uuid, uuid, uuid, uuid, bigint, text)
  to td_gateway;
grant execute on function platform.describe_request(platform.increase_requests)
  to td_gateway;

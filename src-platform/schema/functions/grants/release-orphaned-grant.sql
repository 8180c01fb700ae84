-- Gives back what an orphaned grant was not charged, and closes it: the decision of a person who knows that its gateway is gone.
-- A gateway that only lost the database may go on spending the grant for up to ten minutes after it fell silent; its cap
-- can be passed by at most what is released here. What it settles is charged in full whenever it arrives: ingest lets a closed grant and
-- its caps grow by a late charge, so charged stays the sum of the ledger, and a cap that is over then refuses. A call
-- asking for more money on the closed grant is given another one (take_grant TD409).
--
-- → {"grantId","released","charged","gateway","auditId","releasedAt"}; the same idempotency key again gets the first answer.
-- Message: a sentence for the operator. TD400 bad input, TD403 not allowed, TD404 no such grant among this operator's tenants,
-- TD409 its gateway is back, or it is released already; TD422 the key was used for another change.
create or replace function platform.release_orphaned_grant(p_tenant uuid, p_grant uuid, p_idempotency_key uuid, p_reason text) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.my_operator();
  v_digest bytea;
  v_first platform.idempotency_keys;
  v_grant platform.grants;
  v_gateway platform.gateways;
  v_released bigint;
  v_now timestamptz;
  v_audit platform.audit_log;
begin
  if v_me.id is null then
    raise exception 'Your login % is not an active operator of this platform.', session_user using errcode = 'TD403';
  elsif p_tenant is null or p_grant is null or p_idempotency_key is null then
    raise exception 'A release names its tenant, its grant and its own key.' using errcode = 'TD400';
  elsif length(p_reason) > 500 then
    raise exception 'A reason has at most 500 characters.' using errcode = 'TD400';
  elsif v_me.role not in ('operator', 'admin') then
    raise exception 'Your role (%) does not release grants.', v_me.role using errcode = 'TD403';
  elsif not (v_me.all_tenants or p_tenant = any (platform.my_tenants())) then
    raise exception 'There is no such grant among your tenants.' using errcode = 'TD404';
  end if;

  v_digest := sha256(convert_to(jsonb_build_array(p_tenant, p_grant, p_reason)::text, 'UTF8'));
  insert into platform.idempotency_keys (operator_id, key, function, parameters_digest)
  values (v_me.id, p_idempotency_key, 'release_orphaned_grant', v_digest) on conflict do nothing;
  if not found then
    select * into strict v_first from platform.idempotency_keys i where i.operator_id = v_me.id and i.key = p_idempotency_key;
    if v_first.function <> 'release_orphaned_grant' or v_first.parameters_digest <> v_digest then
      raise exception 'This key was already used for another change. Look at the grant again.' using errcode = 'TD422';
    end if;
    return v_first.result;
  end if;

  select * into v_grant from platform.grants g where g.tenant_id = p_tenant and g.id = p_grant;
  if not found then
    raise exception 'There is no such grant among your tenants.' using errcode = 'TD404';
  end if;
  perform from unnest(v_grant.cap_ids, v_grant.period_starts) w(cap_id, period_start)
    join platform.cap_periods p on p.tenant_id = p_tenant and p.cap_id = w.cap_id and p.period_start = w.period_start
    order by p.cap_id for no key update of p;
  select * into strict v_grant from platform.grants g where g.tenant_id = p_tenant and g.id = p_grant for no key update;
  select * into strict v_gateway from platform.gateways s where s.id = v_grant.gateway_id;
  v_now := clock_timestamp();
  if v_grant.state = 'closed' then
    raise exception 'This grant is released already.' using errcode = 'TD409';
  elsif v_grant.state <> 'orphaned' or v_gateway.heartbeat_at >= v_now - interval '2 minutes' then
    raise exception 'Gateway % is heard again: it gives back by itself what it does not need.', v_gateway.name using errcode = 'TD409';
  end if;

  v_released := v_grant.amount_nanousd - v_grant.charged_nanousd;
  update platform.cap_periods p set granted_nanousd = p.granted_nanousd - v_released
  from unnest(v_grant.cap_ids, v_grant.period_starts) w(cap_id, period_start)
  where p.tenant_id = p_tenant and p.cap_id = w.cap_id and p.period_start = w.period_start;
  update platform.grants g set amount_nanousd = g.charged_nanousd, state = 'closed', updated_at = v_now
  where g.tenant_id = p_tenant and g.id = p_grant;
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'grant.release', 'grant:' || p_grant,
    jsonb_build_object('state', 'orphaned', 'amountNanoUsd', v_grant.amount_nanousd),
    jsonb_build_object('state', 'closed', 'amountNanoUsd', v_grant.charged_nanousd, 'releasedNanoUsd', v_released,
      'gateway', v_gateway.name, 'silentSince', v_gateway.heartbeat_at), p_reason);
  return platform.keep_answer(v_me.id, p_idempotency_key, 'caps', p_tenant,
    jsonb_build_object('grantId', p_grant, 'released', v_released, 'charged', v_grant.charged_nanousd,
      'gateway', v_gateway.name, 'auditId', v_audit.id, 'releasedAt', v_now));
end
$$;

grant execute on function platform.release_orphaned_grant(uuid, uuid, uuid, text)
  to td_operator, td_admin;

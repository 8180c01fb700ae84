-- A refusal explained; grants of gateways that do not come back, released by an operator.
set local role td_owner;
create index grants_orphaned on platform.grants (tenant_id) where state = 'orphaned';
grant create on schema platform to td_definer;
set local role td_definer;

-- Each second or so. A gateway that is heard again has its grants again. Those of gateways that have been silent for two minutes are
-- marked orphaned: shown, and free only when the gateway comes back and gives them back, or an operator decides so.
create or replace function platform.gateway_heartbeat(p_gateway uuid) returns timestamptz
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  update platform.gateways set heartbeat_at = v_now where id = p_gateway;
  if not found then
    raise exception 'There is no such gateway: it has to start first.' using errcode = 'TD404';
  end if;
  if exists (select from platform.grants g join platform.gateways s on s.id = g.gateway_id
             where g.state = 'orphaned' and s.id = p_gateway
                or g.state = 'open' and s.heartbeat_at < v_now - interval '2 minutes') then
    update platform.grants g set state = found.state, updated_at = v_now
    from (select o.tenant_id, o.id, case when s.id = p_gateway then 'open' else 'orphaned' end as state
          from platform.grants o join platform.gateways s on s.id = o.gateway_id
          where o.state = 'orphaned' and s.id = p_gateway
             or o.state = 'open' and s.heartbeat_at < v_now - interval '2 minutes'
          order by o.tenant_id, o.id for no key update of o skip locked) found
    where g.tenant_id = found.tenant_id and g.id = found.id;
  end if;
  return v_now;
end
$$;

-- Gives back what an orphaned grant was not charged, and closes it: the decision of a person who knows that its gateway is gone.
-- A gateway that only lost the database may go on spending the grant for up to ten minutes after it fell silent; its cap
-- can be passed by at most what is released here. What it settles is charged in full whenever it arrives: ingest lets a closed grant and
-- its caps grow by a late charge, so charged stays the sum of the ledger, and a cap that is over then refuses. A call
-- asking for more money on the closed grant is given another one (take_grant TD409).
--
-- → {"grantId","released","charged","gateway","auditId","releasedAt"}; the same idempotency key again gets the first answer.
-- Message: a sentence for the operator. TD400 bad input, TD403 not allowed, TD404 no such grant among this operator's tenants,
-- TD409 its gateway is back, or it is released already; TD422 the key was used for another change.
create function platform.release_orphaned_grant(p_tenant uuid, p_grant uuid, p_idempotency_key uuid, p_reason text) returns jsonb
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
  v_result jsonb;
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
  v_result := jsonb_build_object('grantId', p_grant, 'released', v_released, 'charged', v_grant.charged_nanousd,
    'gateway', v_gateway.name, 'auditId', v_audit.id, 'releasedAt', v_now);
  update platform.idempotency_keys i set result = v_result where i.operator_id = v_me.id and i.key = p_idempotency_key;
  perform platform.announce('caps', p_tenant);
  return v_result;
end
$$;

-- A refused call with all that is known of it: what was recorded at the refusal, each scope then and now, names for ids. Null: none such.
-- p_keys: whether key names may be told.
create function platform.refusal_facts(p_tenant uuid, p_request_id text, p_keys boolean) returns jsonb
language sql stable security definer set search_path = '' set timezone = 'UTC' as $$
  select jsonb_build_object(
    'tenantId', r.tenant_id, 'tenant', t.name, 'timeZone', t.time_zone, 'requestId', r.request_id, 'refusedAt', r.refused_at,
    'status', r.http_status, 'type', r.type, 'code', r.code, 'model', r.model,
    'workflowId', r.workflow_id, 'workflow', w.name, 'keyId', r.key_id,
    'key', case when p_keys then k.prefix || '…' || k.last4 end, 'keyName', case when p_keys then k.name end,
    'keyRevokedAt', case when p_keys then k.revoked_at end,
    'tenantStatus', t.status,
    'estimate', r.facts -> 'estimate_nanousd', 'remaining', r.facts -> 'remaining_nanousd',
    'scopes', coalesce((
      select jsonb_agg(jsonb_build_object(
          'capId', s.cap_id, 'scope', s.scope, 'period', s.period, 'hard', coalesce(s.hard, true),
          'refused', coalesce(s.refused, s.cap_id = r.facts ->> 'cap_id'),
          'limit', coalesce(s.limit_nanousd, s.cap_nanousd), 'committed', s.committed_nanousd, 'held', s.held_nanousd,
          'granted', s.granted_nanousd, 'periodStart', s.period_start, 'periodEnd', s.resets_at,
          'now', (
            select jsonb_build_object('version', c.version, 'limit', c.limit_nanousd,
              'inForce', (platform.limit_in_force(c.tenant_id, c.id, now())).limit_nanousd, 'charged', p.charged_nanousd,
              'granted', p.granted_nanousd, 'periodStart', p.period_start, 'periodEnd', p.period_end)
            from platform.caps c
            left join platform.cap_periods p
              on p.tenant_id = c.tenant_id and p.cap_id = c.id and p.period_start <= now() and p.period_end > now()
            where c.tenant_id = r.tenant_id and c.id::text = s.cap_id))
        order by n)
      from jsonb_array_elements(case when jsonb_typeof(r.facts -> 'scopes') = 'array' then r.facts -> 'scopes'
                                     when r.facts ? 'cap_id' then jsonb_build_array(r.facts) else '[]' end) with ordinality a(f, n)
      cross join lateral jsonb_to_record(a.f) s(cap_id text, scope text, period text, hard boolean, refused boolean,
        limit_nanousd bigint, cap_nanousd bigint, committed_nanousd bigint, held_nanousd bigint, granted_nanousd bigint,
        period_start timestamptz, resets_at timestamptz)), '[]'),
    'asOf', now())
  from platform.refusals r
  join platform.tenants t on t.id = r.tenant_id
  left join platform.workflows w on w.tenant_id = r.tenant_id and w.id = r.workflow_id
  left join platform.api_keys k on k.tenant_id = r.tenant_id and k.id = r.key_id
  where r.tenant_id = p_tenant and r.request_id = p_request_id
$$;

-- For the operator behind this connection. Null: no such refusal among their tenants.
create function platform.explain_refusal(p_tenant uuid, p_request_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select platform.refusal_facts(p_tenant, p_request_id, me.role <> 'viewer')
  from platform.my_operator() me
  where me.id is not null and (me.all_tenants or p_tenant = any (platform.my_tenants()))
$$;

-- For a gateway that was shown an operator's token: what this operator may see and nothing else. Null: no such refusal for them.
create function platform.refusal_of_token(p_digest bytea, p_request_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select platform.refusal_facts(r.tenant_id, r.request_id, o.role <> 'viewer')
  from platform.operator_of_token(p_digest) o
  join platform.refusals r on r.tenant_id = any (o.tenant_ids) and r.request_id = p_request_id
  limit 1
$$;

grant execute on function platform.release_orphaned_grant(uuid, uuid, uuid, text) to td_operator, td_admin;
grant execute on function platform.explain_refusal(uuid, text)
  to td_viewer, td_account_manager, td_operator, td_admin, td_auditor;
grant execute on function platform.refusal_of_token(bytea, text) to td_gateway;

set local role td_owner;
revoke create on schema platform from td_definer;

-- Who is working here, and the change of a cap.
set local role td_owner;
grant create on schema platform to td_definer;
grant select on platform.caps to td_definer;
set local role td_definer;

-- Gross sum of an operator's raises in the last 24 h.
create function platform.raised_24h(p_operator uuid) returns bigint
language sql stable security definer set search_path = '' as $$
  select coalesce(sum(c.new_limit_nanousd - c.old_limit_nanousd), 0)::bigint
  from platform.cap_changes c
  where c.operator_id = p_operator and c.kind = 'raise' and c.at > now() - interval '24 hours'
$$;

-- The operator of this connection; no row: this login is none.
create function platform.whoami() returns table (
  operator_id uuid, login text, name text, role text, raise_limit_nanousd bigint, raised_24h_nanousd bigint, all_tenants boolean)
language sql stable security definer set search_path = '' as $$
  select me.id, me.login, me.name, me.role, me.raise_limit_nanousd, platform.raised_24h(me.id), me.all_tenants
  from platform.my_operator() me where me.id is not null
$$;

-- An amount for a sentence: 25.00, 0.0004.
create function platform.usd(p_nanousd bigint) returns text
language sql immutable set search_path = '' as $$
  select case when p_nanousd % 10000000 = 0 then to_char(p_nanousd / 1000000000.0, 'FM999,999,990.00')
              else trim(trailing '0' from to_char(p_nanousd / 1000000000.0, 'FM999,999,990.000000000')) end
$$;

-- Changes the limit of a cap: role, tenants, limit of the operator, expected version, history, audit and announcement in one transaction.
-- The same idempotency key with the same parameters gets the first answer again. A limit below what is spent is allowed; every call
-- is refused then, and the answer warns. The running period gets the new limit; its charges and bounds stay.
--
-- → {"capId","version","limit","previousLimit","charged","granted","warning":null|"below_committed","auditId","changedAt"}
-- Message: a sentence for the operator. TD400 bad input, TD403 not allowed, TD404 no such cap among this operator's tenants,
-- TD409 somebody else changed it, DETAIL {"currentLimit","currentVersion","changedBy","changedAt"}, TD422 the key was used for another change.
create function platform.set_cap(
  p_tenant uuid, p_cap uuid, p_limit_nanousd bigint, p_expected_version integer, p_idempotency_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.my_operator();
  v_digest bytea;
  v_first platform.idempotency_keys;
  v_now timestamptz;
  v_cap platform.caps;
  v_period platform.cap_periods;
  v_raised bigint;
  v_audit platform.audit_log;
  v_result jsonb;
begin
  if v_me.id is null then
    raise exception 'Your login % is not an active operator of this platform.', session_user using errcode = 'TD403';
  end if;
  if p_limit_nanousd is null or p_limit_nanousd < 0 then
    raise exception 'A cap is an amount of 0 or more.' using errcode = 'TD400';
  elsif p_limit_nanousd > 9000000000000000 then
    raise exception 'A cap is at most 9,000,000 USD a period.' using errcode = 'TD400';
  elsif p_tenant is null or p_cap is null or p_expected_version is null or p_idempotency_key is null then
    raise exception 'A change names its tenant, its cap, the version it was made from and its own key.' using errcode = 'TD400';
  elsif length(p_reason) > 500 then
    raise exception 'A reason has at most 500 characters.' using errcode = 'TD400';
  elsif v_me.role not in ('account_manager', 'operator', 'admin') then
    raise exception 'Your role (%) does not change caps.', v_me.role using errcode = 'TD403';
  elsif not (v_me.all_tenants or p_tenant = any (platform.my_tenants())) then
    raise exception 'There is no such cap among your tenants.' using errcode = 'TD404';
  end if;

  v_digest := sha256(convert_to(jsonb_build_array(p_tenant, p_cap, p_limit_nanousd, p_expected_version, p_reason)::text, 'UTF8'));
  insert into platform.idempotency_keys (operator_id, key, function, parameters_digest)
  values (v_me.id, p_idempotency_key, 'set_cap', v_digest) on conflict do nothing;
  if not found then
    select * into strict v_first from platform.idempotency_keys i where i.operator_id = v_me.id and i.key = p_idempotency_key;
    if v_first.function <> 'set_cap' or v_first.parameters_digest <> v_digest then
      raise exception 'This change was already sent with other figures. Look at the cap again.' using errcode = 'TD422';
    end if;
    return v_first.result;
  end if;

  v_now := clock_timestamp();
  perform platform.open_cap_periods(array[p_tenant], v_now);
  -- Two raises of one operator at once must not both count from the same sum.
  perform from platform.operators o where o.id = v_me.id for no key update;
  select * into v_cap from platform.caps c where c.tenant_id = p_tenant and c.id = p_cap for no key update;
  if not found then
    raise exception 'There is no such cap among your tenants.' using errcode = 'TD404';
  end if;
  if v_cap.version <> p_expected_version then
    raise exception 'The cap was changed meanwhile: it is now % USD. Look at it again.', platform.usd(v_cap.limit_nanousd)
      using errcode = 'TD409', detail = jsonb_build_object('currentLimit', v_cap.limit_nanousd, 'currentVersion', v_cap.version,
        'changedBy', (select o.login from platform.operators o where o.id = v_cap.updated_by), 'changedAt', v_cap.updated_at)::text;
  end if;
  if v_cap.limit_nanousd = p_limit_nanousd then
    raise exception 'The cap is % USD already.', platform.usd(p_limit_nanousd) using errcode = 'TD400';
  end if;
  if p_limit_nanousd > v_cap.limit_nanousd then
    if v_me.role = 'account_manager' then
      raise exception 'Account managers lower caps. Ask an operator to raise this one.' using errcode = 'TD403';
    end if;
    v_raised := platform.raised_24h(v_me.id);
    if v_me.raise_limit_nanousd is not null and v_raised + p_limit_nanousd - v_cap.limit_nanousd > v_me.raise_limit_nanousd then
      raise exception 'With this raise of % USD you would pass your limit of % USD in 24 hours (% USD used). A second person is needed: ask an admin.',
        platform.usd(p_limit_nanousd - v_cap.limit_nanousd), platform.usd(v_me.raise_limit_nanousd), platform.usd(v_raised)
        using errcode = 'TD403', detail = jsonb_build_object('raiseLimit', v_me.raise_limit_nanousd, 'raised24h', v_raised)::text;
    end if;
  end if;

  v_now := greatest(clock_timestamp(), v_cap.updated_at);
  update platform.caps c
  set limit_nanousd = p_limit_nanousd, version = c.version + 1, updated_at = v_now, updated_by = v_me.id
  where c.tenant_id = p_tenant and c.id = p_cap;
  perform from platform.cap_periods p where p.tenant_id = p_tenant and p.cap_id = p_cap and p.period_end > v_now
    order by p.period_start for no key update;
  update platform.cap_periods p set limit_nanousd = p_limit_nanousd
  where p.tenant_id = p_tenant and p.cap_id = p_cap and p.period_end > v_now;
  select * into v_period from platform.cap_periods p
  where p.tenant_id = p_tenant and p.cap_id = p_cap and p.period_start <= v_now and p.period_end > v_now;
  insert into platform.cap_changes (tenant_id, cap_id, version, old_limit_nanousd, new_limit_nanousd, kind, operator_id, at, idempotency_key)
  values (p_tenant, p_cap, v_cap.version + 1, v_cap.limit_nanousd, p_limit_nanousd,
    case when p_limit_nanousd > v_cap.limit_nanousd then 'raise' else 'lower' end, v_me.id, v_now, p_idempotency_key);
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'cap.set', 'cap:' || p_cap,
    jsonb_build_object('limitNanoUsd', v_cap.limit_nanousd, 'version', v_cap.version),
    jsonb_build_object('limitNanoUsd', p_limit_nanousd, 'version', v_cap.version + 1,
      'scope', v_cap.scope, 'period', v_cap.period), p_reason);
  v_result := jsonb_build_object('capId', p_cap, 'version', v_cap.version + 1, 'limit', p_limit_nanousd,
    'previousLimit', v_cap.limit_nanousd, 'charged', coalesce(v_period.charged_nanousd, 0), 'granted', coalesce(v_period.granted_nanousd, 0),
    'warning', case when p_limit_nanousd < v_period.charged_nanousd then 'below_committed' end,
    'auditId', v_audit.id, 'changedAt', v_now);
  update platform.idempotency_keys i set result = v_result where i.operator_id = v_me.id and i.key = p_idempotency_key;
  perform platform.announce('caps', p_tenant);
  return v_result;
end
$$;

grant execute on function platform.whoami() to td_viewer, td_account_manager, td_operator, td_admin, td_auditor;
grant execute on function platform.set_cap(uuid, uuid, bigint, integer, uuid, text) to td_account_manager, td_operator, td_admin;

set local role td_owner;
revoke create on schema platform from td_definer;

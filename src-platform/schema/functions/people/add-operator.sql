-- Makes an operator of a login that is there and a member of the role's group.
--   p_raise_limit: gross raises in 24 h without a second person, nano-USD; operators have one, admins may
--   p_tenants: slugs of the clients they see; null: all. Account managers have a list, admins see all.
-- → {"operatorId","auditId"}. TD400 bad input, TD403 not an administrator, TD409 there is one of that login.
create or replace function platform.add_operator(
  p_login text, p_name text, p_role text, p_raise_limit bigint, p_tenants text[], p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_by record := platform.administrator();
  v_name text := platform.clean_name('An operator''s name', p_name);
  v_missing text;
  v_new platform.operators;
  v_audit platform.audit_log;
begin
  if p_role is null or p_role <> all ('{viewer,account_manager,operator,admin,auditor}') then
    raise exception 'A role is viewer, account_manager, operator, admin or auditor.' using errcode = 'TD400';
  elsif p_role = 'operator' and p_raise_limit is null then
    raise exception 'An operator has a limit for raises without a second person; it may be 0.' using errcode = 'TD400';
  elsif p_raise_limit not between 0 and 9000000000000000 or p_raise_limit is not null and p_role not in ('operator', 'admin') then
    raise exception 'Operators and admins have a limit for raises, from 0 to 9,000,000 USD; nobody else raises caps.' using errcode = 'TD400';
  elsif (p_role = 'account_manager') and p_tenants is null then
    raise exception 'An account manager has a list of clients.' using errcode = 'TD400';
  elsif p_role = 'admin' and p_tenants is not null then
    raise exception 'An admin sees all clients.' using errcode = 'TD400';
  elsif length(p_reason) > 500 then
    raise exception 'A reason has at most 500 characters.' using errcode = 'TD400';
  end if;
  if not exists (select from pg_catalog.pg_roles r where r.rolname = p_login and r.rolcanlogin) then
    raise exception 'There is no database login "%".', left(p_login, 63) using errcode = 'TD400';
  elsif not pg_has_role(p_login, 'td_' || p_role, 'member') then
    raise exception 'The login % is not a member of td_%.', p_login, p_role using errcode = 'TD400';
  elsif exists (select from pg_catalog.pg_roles r where (r.rolsuper or r.rolbypassrls) and pg_has_role(p_login, r.oid, 'member')) then
    raise exception 'The login % passes by row security: no operator may.', p_login using errcode = 'TD400';
  end if;
  select s.slug into v_missing from unnest(p_tenants) s(slug) where not exists (select from platform.tenants t where t.slug = s.slug) limit 1;
  if found then
    raise exception 'There is no client with the slug "%".', left(v_missing, 63) using errcode = 'TD400';
  end if;
  insert into platform.operators (login, name, role, raise_limit_nanousd, all_tenants)
  values (p_login, v_name, p_role, p_raise_limit, p_tenants is null)
  on conflict (login) do nothing returning * into v_new;
  if not found then
    raise exception '% is an operator already.', p_login using errcode = 'TD409';
  end if;
  insert into platform.operator_tenants (tenant_id, operator_id)
  select t.id, v_new.id from platform.tenants t where t.slug = any (p_tenants);
  v_audit := platform.audit_append('00000000-0000-0000-0000-000000000000', v_by.operator_id, v_by.login, 'operator.add', 'operator:' || p_login, null,
    jsonb_build_object('name', v_name, 'role', p_role, 'raiseLimitNanoUsd', p_raise_limit, 'clients', p_tenants), p_reason);
  perform platform.announce('operators', null);
  return jsonb_build_object('operatorId', v_new.id, 'auditId', v_audit.id);
end
$$;

-- Lets an operator work, or no more: their login sees nothing from then on, and their tokens open nothing.
-- TD400 it is so already, TD403, TD404.
create or replace function platform.set_operator_status(p_login text, p_active boolean, p_reason text) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_by record := platform.administrator();
  v_old platform.operators;
  v_audit platform.audit_log;
begin
  select * into v_old from platform.operators o where o.login = p_login for no key update;
  if not found then
    raise exception 'There is no operator "%".', left(p_login, 63) using errcode = 'TD404';
  elsif p_active is null or (v_old.disabled_at is null) = p_active then
    raise exception '% is % already.', p_login, case when p_active then 'active' else 'disabled' end using errcode = 'TD400';
  elsif length(p_reason) > 500 then
    raise exception 'A reason has at most 500 characters.' using errcode = 'TD400';
  end if;
  update platform.operators o set disabled_at = case when p_active then null else clock_timestamp() end where o.id = v_old.id;
  v_audit := platform.audit_append('00000000-0000-0000-0000-000000000000', v_by.operator_id, v_by.login,
    case when p_active then 'operator.enable' else 'operator.disable' end, 'operator:' || p_login, jsonb_build_object('active', not p_active),
    jsonb_build_object('active', p_active), p_reason);
  perform platform.announce('operators', null);
  return jsonb_build_object('operatorId', v_old.id, 'auditId', v_audit.id);
end
$$;

-- A token for the gateways' admin side, by its SHA-256: it never comes here. Earlier ones of the operator end at once.
-- → {"expiresAt","ended":n,"auditId"}. TD400 bad input, TD403, TD404.
create or replace function platform.issue_operator_token(p_login text, p_digest bytea, p_days integer, p_reason text) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_by record := platform.administrator();
  v_operator platform.operators;
  v_now timestamptz := clock_timestamp();
  v_ends timestamptz;
  v_ended integer;
  v_audit platform.audit_log;
begin
  if coalesce(octet_length(p_digest), 0) <> 32 then
    raise exception 'A token comes as its SHA-256.' using errcode = 'TD400';
  elsif p_days is null or p_days not between 1 and 3650 then
    raise exception 'A token holds for 1 to 3650 days.' using errcode = 'TD400';
  elsif length(p_reason) > 500 then
    raise exception 'A reason has at most 500 characters.' using errcode = 'TD400';
  end if;
  select * into v_operator from platform.operators o where o.login = p_login for no key update;
  if not found then
    raise exception 'There is no operator "%".', left(p_login, 63) using errcode = 'TD404';
  end if;
  v_ends := v_now + make_interval(days => p_days);
  update platform.operator_tokens k set expires_at = v_now where k.operator_id = v_operator.id and k.expires_at > v_now;
  get diagnostics v_ended = row_count;
  insert into platform.operator_tokens (digest, operator_id, created_at, expires_at) values (p_digest, v_operator.id, v_now, v_ends);
  v_audit := platform.audit_append('00000000-0000-0000-0000-000000000000', v_by.operator_id, v_by.login, 'operator.token', 'operator:' || p_login, null,
    jsonb_build_object('expiresAt', v_ends, 'ended', v_ended), p_reason);
  perform platform.announce('operators', null);
  return jsonb_build_object('expiresAt', v_ends, 'ended', v_ended, 'auditId', v_audit.id);
exception when unique_violation then
  raise exception 'This token was issued already. Make another.' using errcode = 'TD400';
end
$$;

-- Notes that a login was made a gateway's. TD400 it is none, TD403.
create or replace function platform.note_gateway_login(p_login text) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_by record := platform.administrator();
begin
  if not exists (select from pg_catalog.pg_roles r where r.rolname = p_login and r.rolcanlogin and pg_has_role(r.oid, 'td_gateway', 'member')) then
    raise exception 'The login "%" is not a member of td_gateway.', left(p_login, 63) using errcode = 'TD400';
  end if;
  perform platform.audit_append('00000000-0000-0000-0000-000000000000', v_by.operator_id, v_by.login, 'gateway.login', 'login:' || p_login, null,
    jsonb_build_object('memberOf', 'td_gateway'), null);
end
$$;

grant execute on function platform.add_operator(text, text, text, bigint, text[], text), platform.set_operator_status(text, boolean, text),
  platform.issue_operator_token(text, bytea, integer, text)
  to td_owner, td_admin;
grant execute on function platform.note_gateway_login(text)
  to td_owner;

-- Makes a client that can be called for at once: the tenant, a workflow for calls that name none, its monthly cap and its first key.
--
-- p_input {"name","slug","currency","timeZone","plan","capNanoUsd","thresholds":[percent,…],"key":{"name","digest","prefix","last4"}}
--   key.digest: SHA-256 of the secret, hexadecimal; the secret itself never comes here
-- → {"tenantId","keyId","capId","version","auditId","createdAt"}
-- TD400 bad input, TD403 not allowed, TD409 name, slug or secret are taken, TD422 the key was used for another change.
create or replace function platform.create_tenant(p_input jsonb, p_idempotency_key uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.my_operator();
  v_first jsonb;
  v_name text;
  v_slug text := p_input ->> 'slug';
  v_zone text := p_input ->> 'timeZone';
  v_cap numeric;
  v_thresholds smallint[];
  v_taken platform.tenants;
  v_tenant platform.tenants;
  v_workflow uuid;
  v_cap_id uuid;
  v_key platform.api_keys;
  v_audit platform.audit_log;
begin
  if v_me.id is null then
    raise exception 'Your login % is not an active operator of this platform.', session_user using errcode = 'TD403';
  elsif v_me.role <> 'admin' then
    raise exception 'Your role (%) does not create clients. Ask an admin.', v_me.role using errcode = 'TD403';
  elsif jsonb_typeof(p_input) is distinct from 'object' or p_idempotency_key is null then
    raise exception 'A new client is described by its name, slug, currency, time zone, plan, cap and first key.' using errcode = 'TD400';
  end if;
  v_first := platform.first_answer(v_me.id, p_idempotency_key, 'create_tenant', p_input);
  if v_first is not null then
    return v_first;
  end if;

  v_name := platform.clean_name('A client''s name', p_input ->> 'name');
  if v_slug is null or v_slug !~ '^[a-z0-9][a-z0-9-]{0,62}$' then
    raise exception 'A slug is 1 to 63 small letters, digits and hyphens, and begins with a letter or digit.' using errcode = 'TD400';
  elsif coalesce(p_input ->> 'currency', '') !~ '^[A-Z]{3}$' then
    raise exception 'A currency is its three-letter code, such as INR or USD.' using errcode = 'TD400';
  elsif not exists (select from platform.plans p where p.id = p_input ->> 'plan') then
    raise exception 'There is no plan "%".', left(p_input ->> 'plan', 40) using errcode = 'TD400';
  elsif not platform.is_time_zone(v_zone) then
    raise exception 'There is no time zone "%". Take an IANA name, such as Asia/Kolkata.', left(v_zone, 60) using errcode = 'TD400';
  elsif jsonb_typeof(p_input -> 'capNanoUsd') is distinct from 'number' then
    raise exception 'A new client has a monthly cap.' using errcode = 'TD400';
  end if;
  v_cap := (p_input ->> 'capNanoUsd')::numeric;
  if v_cap <> trunc(v_cap) or v_cap not between 0 and 9000000000000000 then
    raise exception 'A cap is 0 to 9,000,000 USD a period.' using errcode = 'TD400';
  end if;
  v_thresholds := platform.clean_thresholds(p_input -> 'thresholds');

  -- One at a time: two clients made at once must not both find the name free.
  perform pg_advisory_xact_lock(hashtext('platform.create_tenant'));
  select * into v_taken from platform.tenants t
  where t.slug = v_slug or (t.status <> 'archived' and platform.same_name(t.name) = platform.same_name(v_name)) order by t.slug = v_slug desc limit 1;
  if found then
    raise exception 'There is a client % already%', case when v_taken.slug = v_slug then format('with the slug %s', v_slug) else format('named %s', v_taken.name) end,
        case when v_taken.slug = v_slug then format(': %s. Take another slug.', v_taken.name) else format(' (%s). Take another name.', v_taken.slug) end
      using errcode = 'TD409';
  end if;

  insert into platform.tenants (slug, name, plan_id, currency, time_zone)
  values (v_slug, v_name, p_input ->> 'plan', p_input ->> 'currency', v_zone) returning * into v_tenant;
  insert into platform.workflows (tenant_id, slug, name) values (v_tenant.id, 'default', 'Default') returning id into v_workflow;
  v_key := platform.add_key(v_me, v_tenant.id, p_input #>> '{key,name}', p_input #>> '{key,digest}', p_input #>> '{key,prefix}',
    p_input #>> '{key,last4}', v_workflow);
  insert into platform.caps (tenant_id, scope, period, limit_nanousd, thresholds, updated_by)
  values (v_tenant.id, 'tenant', 'month', v_cap::bigint, v_thresholds, v_me.id) returning id into v_cap_id;
  -- The gateways tell live figures of periods that are there.
  perform platform.open_cap_periods(array[v_tenant.id], clock_timestamp());

  v_audit := platform.audit_append(v_tenant.id, v_me.id, v_me.login, 'tenant.create', 'tenant:' || v_tenant.id, null,
    jsonb_build_object('name', v_tenant.name, 'slug', v_tenant.slug, 'currency', v_tenant.currency, 'timeZone', v_tenant.time_zone,
      'plan', v_tenant.plan_id, 'limitNanoUsd', v_cap::bigint, 'thresholds', to_jsonb(v_thresholds), 'scope', 'tenant', 'period', 'month',
      'key', v_key.name, 'keyShown', v_key.prefix || '…' || v_key.last4, 'keyId', v_key.id), null);
  return platform.keep_answer(v_me.id, p_idempotency_key, 'tenants', v_tenant.id,
    jsonb_build_object('tenantId', v_tenant.id, 'keyId', v_key.id, 'capId', v_cap_id, 'version', v_tenant.version,
      'auditId', v_audit.id, 'createdAt', v_tenant.created_at));
end
$$;

-- A name that both PostgreSQL and everybody else know: abbreviations and POSIX rules are none.
create or replace function platform.is_time_zone(p_zone text) returns boolean
language sql stable set search_path = '' as $$
  select p_zone ~ '^(UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$' and p_zone !~ '^(posix|right)/'
    and exists (select from pg_catalog.pg_timezone_names z where z.name = p_zone)
$$;

-- Percentages of a cap at which somebody wants to know, sorted and without doubles. TD400
create or replace function platform.clean_thresholds(p_thresholds jsonb) returns smallint[]
language plpgsql immutable set search_path = '' as $$
declare
  v_sorted smallint[];
begin
  if jsonb_typeof(p_thresholds) is distinct from 'array' or jsonb_array_length(p_thresholds) > 10
      or exists (select from jsonb_array_elements(p_thresholds) e where jsonb_typeof(e) <> 'number' or e::text !~ '^([1-9]\d?|100)$') then
    raise exception 'Thresholds are at most ten whole percentages from 1 to 100.' using errcode = 'TD400';
  end if;
  select coalesce(array_agg(distinct e::text::smallint order by e::text::smallint), '{}') into v_sorted
  from jsonb_array_elements(p_thresholds) e;
  return v_sorted;
end
$$;

grant execute on function platform.create_tenant(jsonb, uuid)
  to td_admin;

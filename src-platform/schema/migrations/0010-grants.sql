-- Grants: money that a gateway may spend without asking again.
set local role td_owner;
grant create on schema platform to td_definer;
set local role td_definer;

-- Periods of caps as the gateways read them, in the order in which a refusal names them: tenant month, tenant day, key, workflow.
create function platform.describe_scopes(p_tenant uuid, p_caps uuid[], p_starts timestamptz[]) returns jsonb
language sql stable security definer set search_path = '' set timezone = 'UTC' as $$
  select coalesce(jsonb_agg(jsonb_build_object(
      'capId', c.id, 'scope', c.scope, 'period', c.period, 'hard', c.hard, 'periodStart', p.period_start, 'periodEnd', p.period_end,
      'limit', p.limit_nanousd, 'granted', p.granted_nanousd, 'charged', p.charged_nanousd)
    order by array_position('{tenant,key,workflow}', c.scope), c.period = 'day', c.id), '[]')
  from unnest(p_caps, p_starts) w(cap_id, period_start)
  join platform.cap_periods p on p.tenant_id = p_tenant and p.cap_id = w.cap_id and p.period_start = w.period_start
  join platform.caps c on c.tenant_id = p_tenant and c.id = w.cap_id
$$;

-- Makes grant p_grant, or extends it, so that its amount is at least p_need_total and at most p_want_total. Totals are cumulative: spent,
-- held and new together, so the same ask again takes nothing more than p_want_total. All caps of the call (tenant; this key; this
-- workflow; month and day) give, or none. Near a cap the share shrinks: never more than the need or a quarter of what remains.
--
--   p_at: when the call was admitted, within 5 s of the database's clock; it decides the periods.
--   {"granted":true,"amount":n,"charged":n,"scopes":[…],"nextPeriodStart":…}
--   {"granted":true,"uncapped":true,"amount":p_want_total,"scopes":[]}      no cap: no grant is kept
--   {"granted":false,"failed":capId,"amount":n,"scopes":[…]}                nothing changed
-- TD400 bad input or clock, TD403 tenant not active, key revoked or somebody else's grant, TD404 unknown tenant, gateway or key,
-- TD409 the grant is closed or covers other caps or periods than the call now has: open a new one.
create function platform.take_grant(
  p_gateway uuid, p_tenant uuid, p_key uuid, p_workflow uuid, p_grant uuid, p_at timestamptz, p_need_total bigint, p_want_total bigint
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_status text;
  v_revoked timestamptz;
  v_caps uuid[];
  v_starts timestamptz[];
  v_complete boolean;
  v_row record;
  v_grant platform.grants;
  v_amount bigint := 0;
  v_need bigint;
  v_take bigint;
  v_room bigint := 9000000000000000;
  v_failed uuid;
  v_failed_rank integer;
  v_next timestamptz;
begin
  if p_gateway is null or p_grant is null or p_need_total is null or p_want_total is null or p_need_total < 0
     or p_want_total < p_need_total or p_want_total > 9000000000000000 then
    raise exception 'A grant needs a gateway, an id and 0 <= need <= want <= 9 million USD.' using errcode = 'TD400';
  end if;
  if p_at is null or abs(extract(epoch from clock_timestamp() - p_at)) > 5 then
    raise exception 'The admission instant % is more than 5 s from the database''s clock.', p_at using errcode = 'TD400';
  end if;
  select t.status into v_status from platform.tenants t where t.id = p_tenant;
  if v_status is null then
    raise exception 'There is no such tenant.' using errcode = 'TD404';
  elsif v_status <> 'active' then
    raise exception 'The tenant is %.', v_status using errcode = 'TD403';
  end if;
  if p_key is not null then
    select k.revoked_at into v_revoked from platform.api_keys k where k.tenant_id = p_tenant and k.id = p_key;
    if not found then
      raise exception 'The tenant has no such key.' using errcode = 'TD404';
    elsif v_revoked <= clock_timestamp() then
      raise exception 'The key is revoked.' using errcode = 'TD403';
    end if;
  end if;

  for v_attempt in 1..2 loop
    select array_agg(c.id order by c.id), array_agg(p.period_start order by c.id), coalesce(bool_and(p.cap_id is not null), true)
    into v_caps, v_starts, v_complete
    from platform.caps c
    left join platform.cap_periods p
      on p.tenant_id = c.tenant_id and p.cap_id = c.id and p.period_start <= p_at and p.period_end > p_at
    where c.tenant_id = p_tenant and (c.scope = 'tenant' or c.key_id = p_key or c.workflow_id = p_workflow);
    exit when v_complete;
    perform platform.open_cap_periods(array[p_tenant], p_at);
  end loop;
  if v_caps is null then
    return jsonb_build_object('granted', true, 'uncapped', true, 'amount', p_want_total, 'scopes', '[]'::jsonb);
  end if;

  for v_row in
    select p.cap_id, p.period_end, p.limit_nanousd - p.granted_nanousd as room, c.hard,
           array_position('{tenant,key,workflow}', c.scope) * 2 + (c.period = 'day')::integer as rank
    from unnest(v_caps, v_starts) w(cap_id, period_start)
    join platform.cap_periods p on p.tenant_id = p_tenant and p.cap_id = w.cap_id and p.period_start = w.period_start
    join platform.caps c on c.tenant_id = p_tenant and c.id = w.cap_id
    order by p.cap_id for no key update of p
  loop
    v_next := least(v_next, v_row.period_end);
    if v_need is null then -- the first period is locked: nobody else can change this grant any more
      select * into v_grant from platform.grants g where g.tenant_id = p_tenant and g.id = p_grant for no key update;
      if found then
        if v_grant.gateway_id <> p_gateway then
          raise exception 'The grant belongs to another gateway.' using errcode = 'TD403';
        elsif v_grant.state = 'closed' or v_grant.cap_ids <> v_caps or v_grant.period_starts <> v_starts then
          raise exception 'The grant is closed or covers other caps or periods: open a new one.' using errcode = 'TD409';
        end if;
        v_amount := v_grant.amount_nanousd;
      end if;
      v_need := p_need_total - v_amount;
    end if;
    if v_row.hard then
      v_room := least(v_room, v_row.room);
      if v_need > 0 and v_row.room < v_need and (v_failed_rank is null or v_row.rank < v_failed_rank) then
        v_failed := v_row.cap_id;
        v_failed_rank := v_row.rank;
      end if;
    end if;
  end loop;
  if v_failed is not null then
    return jsonb_build_object('granted', false, 'failed', v_failed, 'amount', v_amount, 'nextPeriodStart', v_next,
      'scopes', platform.describe_scopes(p_tenant, v_caps, v_starts));
  end if;

  v_take := greatest(0, least(p_want_total - v_amount, greatest(v_need, v_room / 4)));
  if v_take > 0 then
    update platform.cap_periods p set granted_nanousd = p.granted_nanousd + v_take
    from unnest(v_caps, v_starts) w(cap_id, period_start)
    where p.tenant_id = p_tenant and p.cap_id = w.cap_id and p.period_start = w.period_start;
  end if;
  if v_grant.id is null then
    if not exists (select from platform.gateways g where g.id = p_gateway) then
      raise exception 'There is no such gateway: it has to start first.' using errcode = 'TD404';
    end if;
    insert into platform.grants (tenant_id, id, gateway_id, key_id, workflow_id, cap_ids, period_starts, amount_nanousd)
    values (p_tenant, p_grant, p_gateway, p_key, p_workflow, v_caps, v_starts, v_take);
  elsif v_take > 0 or v_grant.state <> 'open' then
    update platform.grants g set amount_nanousd = g.amount_nanousd + v_take, state = 'open', updated_at = clock_timestamp()
    where g.tenant_id = p_tenant and g.id = p_grant;
  end if;
  return jsonb_build_object('granted', true, 'amount', v_amount + v_take, 'charged', coalesce(v_grant.charged_nanousd, 0),
    'nextPeriodStart', v_next, 'scopes', platform.describe_scopes(p_tenant, v_caps, v_starts));
end
$$;

-- Shrinks a grant to p_amount_total, never below what it was charged and never up; the rest goes back to its caps at once.
-- p_close: no more calls will be admitted on it. What is settled and not ingested yet must be inside p_amount_total: it can still be charged.
-- The same call again changes nothing. It must not overtake a take_grant for the same grant: one of them at a time.
--   {"amount":n,"charged":n,"released":n,"state":"open"|"closed","scopes":[…]}; TD400, TD403, TD404
create function platform.release_grant(p_gateway uuid, p_tenant uuid, p_grant uuid, p_amount_total bigint, p_close boolean)
returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_grant platform.grants;
  v_amount bigint;
  v_released bigint;
begin
  if p_amount_total is null or p_amount_total < 0 or p_close is null then
    raise exception 'A release needs an amount of at least 0, and whether to close.' using errcode = 'TD400';
  end if;
  select * into v_grant from platform.grants g where g.tenant_id = p_tenant and g.id = p_grant;
  if not found then
    raise exception 'There is no such grant.' using errcode = 'TD404';
  elsif v_grant.gateway_id is distinct from p_gateway then
    raise exception 'The grant belongs to another gateway.' using errcode = 'TD403';
  end if;
  perform from unnest(v_grant.cap_ids, v_grant.period_starts) w(cap_id, period_start)
    join platform.cap_periods p on p.tenant_id = p_tenant and p.cap_id = w.cap_id and p.period_start = w.period_start
    order by p.cap_id for no key update of p;
  select * into strict v_grant from platform.grants g where g.tenant_id = p_tenant and g.id = p_grant for no key update;
  v_amount := least(v_grant.amount_nanousd, greatest(p_amount_total, v_grant.charged_nanousd));
  v_released := v_grant.amount_nanousd - v_amount;
  if v_released > 0 then
    update platform.cap_periods p set granted_nanousd = p.granted_nanousd - v_released
    from unnest(v_grant.cap_ids, v_grant.period_starts) w(cap_id, period_start)
    where p.tenant_id = p_tenant and p.cap_id = w.cap_id and p.period_start = w.period_start;
  end if;
  update platform.grants g
  set amount_nanousd = v_amount, updated_at = clock_timestamp(),
      state = case when p_close or g.state = 'closed' then 'closed' else 'open' end
  where g.tenant_id = p_tenant and g.id = p_grant
  returning * into v_grant;
  return jsonb_build_object('amount', v_amount, 'charged', v_grant.charged_nanousd, 'released', v_released, 'state', v_grant.state,
    'scopes', platform.describe_scopes(p_tenant, v_grant.cap_ids, v_grant.period_starts));
end
$$;

-- A gateway comes up (again), under the id it keeps beside its journal. Answers the database's clock.
create function platform.gateway_start(p_gateway uuid, p_name text, p_version text, p_address text) returns timestamptz
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  if p_gateway is null or p_name is null or p_version is null or p_address is null then
    raise exception 'A gateway starts with its id, name, version and address.' using errcode = 'TD400';
  end if;
  insert into platform.gateways as g (id, name, version, address, started_at, heartbeat_at)
  values (p_gateway, p_name, p_version, p_address, v_now, v_now)
  on conflict (id) do update
  set name = excluded.name, version = excluded.version, address = excluded.address, started_at = v_now, heartbeat_at = v_now;
  return v_now;
end
$$;

-- Each second or so. Grants of gateways that have been silent for two minutes are marked orphaned: shown, and free only
-- when the gateway comes back and gives them back, or an operator decides so.
create function platform.gateway_heartbeat(p_gateway uuid) returns timestamptz
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  update platform.gateways set heartbeat_at = v_now where id = p_gateway;
  if not found then
    raise exception 'There is no such gateway: it has to start first.' using errcode = 'TD404';
  end if;
  if exists (select from platform.gateways s join platform.grants g on g.gateway_id = s.id and g.state = 'open'
             where s.heartbeat_at < v_now - interval '2 minutes') then
    update platform.grants g set state = 'orphaned', updated_at = v_now
    from (select o.tenant_id, o.id from platform.grants o join platform.gateways s on s.id = o.gateway_id
          where o.state = 'open' and s.heartbeat_at < v_now - interval '2 minutes'
          order by o.tenant_id, o.id for no key update of o skip locked) silent
    where g.tenant_id = silent.tenant_id and g.id = silent.id;
  end if;
  return v_now;
end
$$;

-- Whose gateway token is this? No row: nobody's, expired, or the operator is disabled.
create function platform.operator_of_token(p_digest bytea) returns table (operator_id uuid, role text, tenant_ids uuid[])
language sql stable security definer set search_path = '' as $$
  select o.id, o.role,
         case when o.all_tenants then array(select t.id from platform.tenants t)
              else array(select a.tenant_id from platform.operator_tenants a where a.operator_id = o.id) end
  from platform.operator_tokens k join platform.operators o on o.id = k.operator_id
  where k.digest = p_digest and k.expires_at > now() and o.disabled_at is null
$$;

grant execute on function
  platform.take_grant(uuid, uuid, uuid, uuid, uuid, timestamptz, bigint, bigint),
  platform.release_grant(uuid, uuid, uuid, bigint, boolean),
  platform.gateway_start(uuid, text, text, text), platform.gateway_heartbeat(uuid), platform.operator_of_token(bytea)
  to td_gateway;

set local role td_owner;
revoke create on schema platform from td_definer;

-- Makes grant p_grant, or extends it, so that its amount is at least p_need_total and at most p_want_total. Totals are cumulative: spent,
-- held and new together, so the same ask again takes nothing more than p_want_total. All caps of the call (tenant; this key; this
-- workflow; month and day) give, or none. Near a cap the share shrinks: never more than the need or a quarter of what remains.
--
--   p_turn: see grants.last_turn.
--   p_at: when the call was admitted, within 5 s of the database's clock; it decides the periods and the limits in force.
--   validUntil: no call admitted from then on may use this grant: a period or an override ends.
--   {"granted":true,"amount":n,"charged":n,"scopes":[…],"nextPeriodStart":…,"validUntil":…}
--   {"granted":true,"uncapped":true,"amount":p_want_total,"scopes":[]}      no cap: no grant is kept
--   {"granted":false,"failed":capId,"amount":n,"scopes":[…]}                nothing changed but the turn
-- TD400 bad input or clock, TD403 tenant not active, key revoked or somebody else's grant, TD404 unknown tenant, gateway or key,
-- TD409 the grant is closed, covers other caps or periods than the call now has, or heard a later message: open a new one.
create or replace function platform.take_grant(
  p_gateway uuid, p_tenant uuid, p_key uuid, p_workflow uuid, p_grant uuid, p_at timestamptz, p_need_total bigint, p_want_total bigint,
  p_turn integer default null
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
  v_end timestamptz;
  v_until timestamptz;
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
    where c.tenant_id = p_tenant and c.removed_at is null and (c.scope = 'tenant' or c.key_id = p_key or c.workflow_id = p_workflow);
    exit when v_complete;
    perform platform.open_cap_periods(array[p_tenant], p_at);
  end loop;
  if v_caps is null then
    return jsonb_build_object('granted', true, 'uncapped', true, 'amount', p_want_total, 'scopes', '[]'::jsonb);
  end if;

  for v_row in
    select p.cap_id, p.period_end, p.limit_nanousd, p.limit_until, p.granted_nanousd, 0::bigint as room, c.hard,
           array_position('{tenant,key,workflow}', c.scope) * 2 + (c.period = 'day')::integer as rank
    from unnest(v_caps, v_starts) w(cap_id, period_start)
    join platform.cap_periods p on p.tenant_id = p_tenant and p.cap_id = w.cap_id and p.period_start = w.period_start
    join platform.caps c on c.tenant_id = p_tenant and c.id = w.cap_id
    order by p.cap_id for no key update of p
  loop
    v_next := least(v_next, v_row.period_end);
    if v_row.limit_until is not null then -- locked: nobody can add or remove an override any more
      select f.limit_nanousd, f.next_end into v_row.limit_nanousd, v_end from platform.limit_in_force(p_tenant, v_row.cap_id, p_at) f;
      v_until := least(v_until, v_end);
    end if;
    v_row.room := v_row.limit_nanousd - v_row.granted_nanousd;
    if v_need is null then -- the first period is locked: nobody else can change this grant any more
      select * into v_grant from platform.grants g where g.tenant_id = p_tenant and g.id = p_grant for no key update;
      if found then
        if v_grant.gateway_id <> p_gateway then
          raise exception 'The grant belongs to another gateway.' using errcode = 'TD403';
        elsif v_grant.state = 'closed' or v_grant.cap_ids <> v_caps or v_grant.period_starts <> v_starts then
          raise exception 'The grant is closed or covers other caps or periods: open a new one.' using errcode = 'TD409';
        end if;
        perform platform.check_turn(v_grant, p_turn);
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
    -- Noted too: the gateway believes the amount that this answer tells, so an older message may not change it any more.
    if p_turn > 1 then
      insert into platform.grants as g (tenant_id, id, gateway_id, key_id, workflow_id, cap_ids, period_starts, amount_nanousd, last_turn)
      select p_tenant, p_grant, s.id, p_key, p_workflow, v_caps, v_starts, 0, p_turn from platform.gateways s where s.id = p_gateway
      on conflict (tenant_id, id) do update set last_turn = greatest(g.last_turn, p_turn);
    end if;
    return jsonb_build_object('granted', false, 'failed', v_failed, 'amount', v_amount, 'nextPeriodStart', v_next,
      'validUntil', least(v_next, v_until), 'scopes', platform.describe_scopes(p_tenant, v_caps, v_starts, p_at));
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
    insert into platform.grants (tenant_id, id, gateway_id, key_id, workflow_id, cap_ids, period_starts, amount_nanousd, last_turn)
    values (p_tenant, p_grant, p_gateway, p_key, p_workflow, v_caps, v_starts, v_take, coalesce(p_turn, 0)) on conflict do nothing;
    if not found then -- a later message closed it at this moment
      raise exception 'The grant has heard a later message.' using errcode = 'TD409';
    end if;
  elsif v_take > 0 or v_grant.state <> 'open' or p_turn > v_grant.last_turn then
    update platform.grants g set amount_nanousd = g.amount_nanousd + v_take, state = 'open', updated_at = clock_timestamp(),
      last_turn = greatest(g.last_turn, p_turn)
    where g.tenant_id = p_tenant and g.id = p_grant;
  end if;
  return jsonb_build_object('granted', true, 'amount', v_amount + v_take, 'charged', coalesce(v_grant.charged_nanousd, 0),
    'nextPeriodStart', v_next, 'validUntil', least(v_next, v_until),
    'scopes', platform.describe_scopes(p_tenant, v_caps, v_starts, p_at));
end
$$;

grant execute on function platform.take_grant(uuid, uuid, uuid, uuid, uuid, timestamptz, bigint, bigint, integer)
  to td_gateway;

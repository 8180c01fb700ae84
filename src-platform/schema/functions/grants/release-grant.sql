-- Shrinks a grant to p_amount_total, never below what it was charged and never up; the rest goes back to its caps at once.
-- p_close: no more calls will be admitted on it. What is settled and not ingested yet must be inside p_amount_total: it can still be charged.
-- The same call again changes nothing; p_turn: see grants.last_turn. A grant whose first take_grant has not arrived is closed unopened.
--   {"amount":n,"charged":n,"released":n,"state":"open"|"closed","scopes":[…]}; TD400, TD403, TD404, TD409 the grant has heard a later message
create or replace function platform.release_grant(
  p_gateway uuid, p_tenant uuid, p_grant uuid, p_amount_total bigint, p_close boolean, p_turn integer default null
) returns jsonb
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
  if not found and p_turn is not null then
    perform platform.close_unopened(p_gateway, p_tenant, p_grant, p_turn);
    select * into v_grant from platform.grants g where g.tenant_id = p_tenant and g.id = p_grant;
  end if;
  if v_grant.id is null then
    raise exception 'There is no such grant.' using errcode = 'TD404';
  elsif v_grant.gateway_id is distinct from p_gateway then
    raise exception 'The grant belongs to another gateway.' using errcode = 'TD403';
  end if;
  perform from unnest(v_grant.cap_ids, v_grant.period_starts) w(cap_id, period_start)
    join platform.cap_periods p on p.tenant_id = p_tenant and p.cap_id = w.cap_id and p.period_start = w.period_start
    order by p.cap_id for no key update of p;
  select * into strict v_grant from platform.grants g where g.tenant_id = p_tenant and g.id = p_grant for no key update;
  perform platform.check_turn(v_grant, p_turn);
  if p_turn = v_grant.last_turn then -- this very message again
    return jsonb_build_object('amount', v_grant.amount_nanousd, 'charged', v_grant.charged_nanousd, 'released', 0, 'state', v_grant.state,
      'scopes', platform.describe_scopes(p_tenant, v_grant.cap_ids, v_grant.period_starts));
  end if;
  v_amount := least(v_grant.amount_nanousd, greatest(p_amount_total, v_grant.charged_nanousd));
  v_released := v_grant.amount_nanousd - v_amount;
  if v_released > 0 then
    update platform.cap_periods p set granted_nanousd = p.granted_nanousd - v_released
    from unnest(v_grant.cap_ids, v_grant.period_starts) w(cap_id, period_start)
    where p.tenant_id = p_tenant and p.cap_id = w.cap_id and p.period_start = w.period_start;
  end if;
  update platform.grants g
  set amount_nanousd = v_amount, updated_at = clock_timestamp(), last_turn = greatest(g.last_turn, p_turn),
      state = case when p_close or g.state = 'closed' then 'closed' else 'open' end
  where g.tenant_id = p_tenant and g.id = p_grant
  returning * into v_grant;
  return jsonb_build_object('amount', v_amount, 'charged', v_grant.charged_nanousd, 'released', v_released, 'state', v_grant.state,
    'scopes', platform.describe_scopes(p_tenant, v_grant.cap_ids, v_grant.period_starts));
end
$$;

grant execute on function platform.release_grant(uuid, uuid, uuid, bigint, boolean, integer)
  to td_gateway;

-- A message that its gateway gave up on may arrive after later ones. An old release would shrink a grant that the gateway believes
-- larger, and the difference would be handed out twice; an old take would swell one that nobody spends. So each has a turn, counted a
-- grant; null: not ordered, for whoever has no conversation with the gateway. The same turn again is the same message again.
create or replace function platform.check_turn(p_grant platform.grants, p_turn integer) returns void
language plpgsql stable security definer set search_path = '' as $$
begin
  if p_turn < p_grant.last_turn then
    raise exception 'The grant has heard a later message.' using errcode = 'TD409';
  end if;
end
$$;

-- A grant whose first take_grant was given up on: closed before it opens, so that the take does nothing if it arrives after all.
create or replace function platform.close_unopened(p_gateway uuid, p_tenant uuid, p_grant uuid, p_turn integer) returns void
language sql volatile security definer set search_path = '' as $$
  insert into platform.grants (tenant_id, id, gateway_id, cap_ids, period_starts, amount_nanousd, state, last_turn)
  select t.id, p_grant, s.id, '{}', '{}', 0, 'closed', p_turn
  from platform.tenants t, platform.gateways s where t.id = p_tenant and s.id = p_gateway
  on conflict do nothing
$$;

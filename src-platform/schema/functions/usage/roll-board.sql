-- Brings rows of the board whose day or period has ended up to date, at most p_most; answers how many. Gateways ask for it every few seconds.
-- The board is right without it: where the row is of yesterday the rollups are read, which takes longer.
create or replace function platform.roll_board(p_most integer) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_tenants uuid[];
begin
  select array_agg(t.id) into v_tenants from (
    select t.id from platform.tenants t
    where t.id in (select f.tenant_id from platform.board_figures f where f.today_ends <= now())
    order by t.id limit p_most for no key update skip locked) t;
  if v_tenants is null then
    return 0;
  end if;
  perform platform.refresh_board(v_tenants);
  return cardinality(v_tenants);
end
$$;

grant execute on function platform.roll_board(integer)
  to td_gateway;

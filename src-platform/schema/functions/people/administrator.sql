-- Who administers the platform with this connection: an admin, or a login of the owner's (the one that migrates), whose operator_id is null: there has
-- to be somebody before there is an admin. TD403
create or replace function platform.administrator(out operator_id uuid, out login text)
language plpgsql stable security definer set search_path = '' as $$
declare
  v_me platform.operators := platform.my_operator();
begin
  if v_me.role = 'admin' then
    operator_id := v_me.id;
  elsif not pg_has_role(session_user, 'td_owner', 'member') then
    raise exception 'Only an admin, or the login that migrates, does this.' using errcode = 'TD403';
  end if;
  login := session_user;
end
$$;

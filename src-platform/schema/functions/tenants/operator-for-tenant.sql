-- Who asks for a change of a tenant or of what is its own, with the checks that all these share. p_missing: what is said of a tenant that is not among
-- the operator's; as of what is not there, so that nothing can be told from it. TD400, TD403, TD404
create or replace function platform.operator_for_tenant(
  p_tenant uuid, p_named boolean, p_reason text, p_roles text[], p_missing text default 'There is no such client among yours.'
) returns platform.operators
language plpgsql stable security definer set search_path = '' as $$
declare
  v_me platform.operators := platform.my_operator();
begin
  if v_me.id is null then
    raise exception 'Your login % is not an active operator of this platform.', session_user using errcode = 'TD403';
  elsif p_tenant is null or not p_named then
    raise exception 'A change names what it is about, the version it was made from and its own idempotency key.' using errcode = 'TD400';
  elsif length(p_reason) > 500 then
    raise exception 'A reason has at most 500 characters.' using errcode = 'TD400';
  elsif v_me.role <> all (p_roles) then
    raise exception 'Your role (%) does not make this change.', v_me.role using errcode = 'TD403';
  elsif not (v_me.all_tenants or p_tenant = any (platform.my_tenants())) then
    raise exception '%', p_missing using errcode = 'TD404';
  end if;
  return v_me;
end
$$;

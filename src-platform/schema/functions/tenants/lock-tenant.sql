-- A tenant's row for a change of what is its own. TD400 an archived tenant
create or replace function platform.lock_tenant(p_tenant uuid) returns platform.tenants
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_tenant platform.tenants;
begin
  select * into v_tenant from platform.tenants t where t.id = p_tenant for no key update;
  if not found then
    raise exception 'There is no such client among yours.' using errcode = 'TD404';
  elsif v_tenant.status = 'archived' then
    raise exception '% is archived: nothing of it can be changed.', v_tenant.name using errcode = 'TD400';
  end if;
  return v_tenant;
end
$$;

-- Who asks for a change of a cap, with the checks that all changes share. TD400, TD403, TD404
create or replace function platform.operator_for_cap(p_tenant uuid, p_named boolean, p_reason text, p_roles text[]) returns platform.operators
language sql stable security definer set search_path = '' as $$
  select platform.operator_for_tenant(p_tenant, p_named, p_reason, p_roles, 'There is no such cap among your tenants.')
$$;

-- Whose gateway token is this? No row: nobody's, expired, or the operator is disabled.
create or replace function platform.operator_of_token(p_digest bytea) returns table (operator_id uuid, role text, tenant_ids uuid[])
language sql stable security definer set search_path = '' as $$
  select o.id, o.role,
         case when o.all_tenants then array(select t.id from platform.tenants t)
              else array(select a.tenant_id from platform.operator_tenants a where a.operator_id = o.id) end
  from platform.operator_tokens k join platform.operators o on o.id = k.operator_id
  where k.digest = p_digest and k.expires_at > now() and o.disabled_at is null
$$;

grant execute on function platform.operator_of_token(bytea)
  to td_gateway;

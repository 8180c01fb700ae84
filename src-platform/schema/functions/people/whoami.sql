-- The operator of this connection; no row: this login is none.
create or replace function platform.whoami() returns table (
  operator_id uuid, login text, name text, role text, raise_limit_nanousd bigint, raised_24h_nanousd bigint, all_tenants boolean)
language sql stable security definer set search_path = '' as $$
  select me.id, me.login, me.name, me.role, me.raise_limit_nanousd, platform.raised_24h(me.id), me.all_tenants
  from platform.my_operator() me where me.id is not null
$$;

grant execute on function platform.whoami()
  to td_viewer, td_account_manager, td_operator, td_admin, td_auditor;

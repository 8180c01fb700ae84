-- The operator behind this connection. session_user cannot be changed by a client (SET ROLE leaves it), and the row
-- counts only while the login is a member of the role it names. No operator: a row of nulls.
-- A name compares by collation "C", which the index over the logins has not: as text of the default one it is found there.
create or replace function platform.my_operator() returns platform.operators
language sql stable security definer set search_path = '' as $$
  select o from platform.operators o
  where o.login = session_user::text collate "default" and o.disabled_at is null and pg_has_role(session_user, 'td_' || o.role, 'member')
$$;

create or replace function platform.my_operator_id() returns uuid
language sql stable security definer set search_path = '' as $$
  select (platform.my_operator()).id
$$;

create or replace function platform.sees_all_tenants() returns boolean
language sql stable security definer set search_path = '' as $$
  select coalesce((platform.my_operator()).all_tenants, false)
$$;

-- Ids of the tenants this connection's operator may see; empty for everybody else.
create or replace function platform.my_tenants() returns uuid[]
language sql stable security definer set search_path = '' as $$
  select case when me.all_tenants then array(select t.id from platform.tenants t)
              else array(select a.tenant_id from platform.operator_tenants a where a.operator_id = me.id) end
  from platform.my_operator() me
$$;

grant execute on function platform.my_operator_id(), platform.sees_all_tenants(), platform.my_tenants()
  to td_viewer, td_account_manager, td_operator, td_admin, td_auditor;

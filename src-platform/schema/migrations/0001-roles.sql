-- Group roles (no login), the schema, and the lists of what was applied.
--
-- Roles belong to the cluster, not to a database, so they may exist already. A login is a member of one group role:
-- an operator's own login of td_viewer … td_auditor, a gateway's of td_gateway. None is superuser or bypasses row security.
-- td_owner owns the tables and migrates; td_definer owns the functions that write. Both are bound by (forced) row security and
-- have explicit policies: without them a migration would silently touch no row.

do $$
declare
  v_role text; -- a role, then the privilege to ask for
begin
  foreach v_role in array array['td_owner', 'td_definer', 'td_gateway', 'td_tenant', 'td_viewer', 'td_account_manager',
                                'td_operator', 'td_admin', 'td_auditor'] loop
    begin
      if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
        execute format('create role %I nologin nosuperuser nobypassrls nocreatedb nocreaterole', v_role);
      end if;
    exception when duplicate_object or unique_violation then
      null; -- another database of this cluster is being migrated at the same moment
    end;
  end loop;
  -- Who migrates without being superuser must be able to act as the two owners. From PostgreSQL 16 on, whoever makes a role is
  -- a member of it that may not SET ROLE to it yet.
  v_role := case when current_setting('server_version_num')::integer >= 160000 then 'set' else 'member' end;
  if not (pg_has_role(current_user, 'td_owner', v_role) and pg_has_role(current_user, 'td_definer', v_role)) then
    execute format('grant td_owner, td_definer to %I', current_user);
  end if;
end
$$;

create schema platform authorization td_owner;

set local role td_owner;
grant usage on schema platform
  to td_definer, td_gateway, td_tenant, td_viewer, td_account_manager, td_operator, td_admin, td_auditor;

-- PUBLIC may execute new functions by default; here nobody may until the function's file says so.
alter default privileges for role td_owner revoke execute on functions from public;
reset role;
set local role td_definer;
alter default privileges for role td_definer revoke execute on functions from public;
set local role td_owner;

create table platform.schema_migrations (
  name text primary key,
  checksum text not null,
  applied_at timestamptz not null default now()
);
comment on table platform.schema_migrations is 'Applied migrations with the SHA-256 of their file. Written by the runner alone.';

create table platform.schema_definitions (
  name text primary key,
  checksum text not null,
  applied_at timestamptz not null default now()
);
comment on table platform.schema_definitions is
  'Files of functions and views as they were applied, with their SHA-256; none since a migration: they are due again. Written by the runner alone.';
grant select on platform.schema_migrations, platform.schema_definitions
  to td_gateway, td_viewer, td_account_manager, td_operator, td_admin, td_auditor;

-- Closes a table with a tenant_id: row security enabled and forced, one policy a kind of reader, grants to match.
-- Nobody but td_owner and td_definer gets more than SELECT: every change is a function.
--   p_operators: operators' group roles that read it, for the tenants of the operator behind session_user
--   p_gateway:   gateways read it, all tenants
--   p_tenant:    the tenant role reads its own rows (app.current_tenant, set in the transaction)
--   p_definer:   privileges of td_definer
-- The functions and the setting stand in (select …) so that they are evaluated once, not once a row.
-- Who may have all tenants is asked that first: it spares a search in a list of all tenants for each row. Account managers are
-- only ever asked for their list: an "or" would keep them from the index on tenant_id (36 times slower on 400,000 rows).
create procedure platform.protect(
  p_table text, p_operators text[], p_gateway boolean, p_tenant boolean, p_definer text, p_column text default 'tenant_id'
) language plpgsql set search_path = '' as $$
declare
  v_roles text := array_to_string(array_remove(p_operators, 'td_account_manager'), ', ');
begin
  execute format('alter table platform.%I enable row level security', p_table);
  execute format('alter table platform.%I force row level security', p_table);
  execute format('create policy owner_all on platform.%I to td_owner using (true) with check (true)', p_table);
  if p_definer <> '' then
    execute format('create policy definer_all on platform.%I to td_definer using (true) with check (true)', p_table);
    execute format('grant %s on platform.%I to td_definer', p_definer, p_table);
  end if;
  if v_roles <> '' then
    execute format(
      'create policy operators_read on platform.%I for select to %s using ((select platform.sees_all_tenants()) '
      'or %I = any ((select platform.my_tenants())::uuid[]))', p_table, v_roles, p_column);
    execute format('grant select on platform.%I to %s', p_table, v_roles);
  end if;
  if 'td_account_manager' = any (p_operators) then
    execute format(
      'create policy account_managers_read on platform.%I for select to td_account_manager using (%I = any '
      '((select platform.my_tenants())::uuid[]))', p_table, p_column);
    execute format('grant select on platform.%I to td_account_manager', p_table);
  end if;
  if p_gateway then
    execute format('create policy gateway_read on platform.%I for select to td_gateway using (true)', p_table);
    execute format('grant select on platform.%I to td_gateway', p_table);
  end if;
  if p_tenant then
    execute format(
      'create policy tenant_read on platform.%I for select to td_tenant using (%I = '
      '(select nullif(current_setting(''app.current_tenant'', true), '''')::uuid))', p_table, p_column);
    execute format('grant select on platform.%I to td_tenant', p_table);
  end if;
end
$$;

-- What the tables lean on, declared: policies and triggers can't name a function that isn't there. The text of each is in
-- ../functions, which takes their place before anybody works with the schema; until then they let nobody in and nothing through.
grant create on schema platform to td_definer;
set local role td_definer;
create function platform.my_operator_id() returns uuid language sql stable return null::uuid;
create function platform.sees_all_tenants() returns boolean language sql stable return false;
create function platform.my_tenants() returns uuid[] language sql stable return '{}'::uuid[];
create function platform.refuse_change() returns trigger language plpgsql as $$ begin raise 'not defined yet'; end $$;
create function platform.keep_limit_in_force() returns trigger language plpgsql as $$ begin raise 'not defined yet'; end $$;
grant execute on function platform.refuse_change(), platform.keep_limit_in_force() to td_owner;
set local role td_owner;
revoke create on schema platform from td_definer;

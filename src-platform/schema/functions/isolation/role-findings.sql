-- Rules about roles and the server: who stands outside of row security, and whether the server itself keeps it.
create or replace function platform.role_findings() returns table (rule text, finding text)
language sql stable set search_path = '' as $$
  with recursive group_role as (
    select r.* from pg_roles r
    where r.rolname in ('td_owner', 'td_definer', 'td_gateway', 'td_tenant', 'td_viewer', 'td_account_manager', 'td_operator', 'td_admin', 'td_auditor')
  ), membership as (
    select g.rolname::text as of, m.member, g.oid as group_oid, g.rolname in ('td_owner', 'td_definer') as owning
    from group_role g join pg_auth_members m on m.roleid = g.oid
    union
    select b.of, m.member, b.group_oid, b.owning from membership b join pg_auth_members m on m.roleid = b.member
  ), member as (
    -- Who made the roles is a member that has none of their rights (from PostgreSQL 16 on).
    select b.of, b.member, b.owning from membership b
    where pg_has_role(b.member, b.group_oid, 'usage')
      or case when current_setting('server_version_num')::integer >= 160000 then pg_has_role(b.member, b.group_oid, 'set') end
  )
  select 'roles-are-bound', format('role %s %s', r.rolname, p.power)
  from group_role r cross join lateral (values (r.rolsuper, 'is a superuser'), (r.rolbypassrls, 'bypasses row security'),
    (r.rolcanlogin, 'can log in'), (r.rolcreaterole, 'may make roles'), (r.rolcreatedb, 'may make databases'),
    (r.rolreplication, 'may replicate')) p(has, power) where p.has
  union all
  select 'roles-are-bound', format('role %s is a member of %s', r.rolname, m.roleid::regrole)
  from group_role r join pg_auth_members m on m.member = r.oid
  union all
  select 'roles-are-bound', format('login %s, member of %s, %s', r.rolname, string_agg(distinct b.of, ' and '), p.power)
  from member b join pg_roles r on r.oid = b.member
  cross join lateral (values (r.rolsuper, 'is a superuser'), (r.rolbypassrls, 'bypasses row security'), (r.rolreplication, 'may replicate')) p(has, power)
  where p.has group by r.rolname, p.power
  union all
  select 'roles-are-bound', format('login %s, member of %s, is also a member of %s', r.rolname, b.of, w.role)
  from member b join pg_roles r on r.oid = b.member
  cross join unnest('{pg_read_all_data,pg_write_all_data,pg_read_server_files,pg_write_server_files,pg_execute_server_program}'::text[]) w(role)
  where not r.rolsuper and pg_has_role(r.oid, w.role, 'member')
  union all
  select 'one-role-a-login', format('login %s is a member of %s', r.rolname, string_agg(distinct b.of, ', '))
  from member b join pg_roles r on r.oid = b.member
  group by r.rolname having count(distinct b.of) > 1 and not bool_and(b.owning)
  union all
  select 'one-role-a-login', format('operator %s is not a member of td_%s with their login', o.login, o.role)
  from platform.operators o
  where o.disabled_at is null and not exists (
    select from member b join pg_roles r on r.oid = b.member where r.rolname = o.login and b.of = 'td_' || o.role)
  union all
  select 'server-keeps-it', format('PostgreSQL %s has %s', current_setting('server_version'), g.gap)
  from platform.server_gaps(current_setting('server_version_num')::integer) g(gap)
$$;

-- Known gaps of row security in a version of PostgreSQL, 150014 for 15.14: https://www.postgresql.org/support/security/
create or replace function platform.server_gaps(p_version integer) returns setof text
language sql immutable set search_path = '' as $$
  select format('%s: %s (fixed in %s.%s)', g.id, g.what, p_version / 10000, g.fixed)
  from (values
    ('CVE-2023-2455', 'a cached plan may keep the rules of another role', 15, 3),
    ('CVE-2023-39418', 'MERGE passes over rules for reading and changing', 15, 4),
    ('CVE-2024-10976', 'rules below a sub-query may be those of another role', 15, 9),
    ('CVE-2024-10976', 'rules below a sub-query may be those of another role', 16, 5),
    ('CVE-2024-10976', 'rules below a sub-query may be those of another role', 17, 1),
    ('CVE-2025-8713', 'statistics tell of values that row security hides', 15, 14),
    ('CVE-2025-8713', 'statistics tell of values that row security hides', 16, 10),
    ('CVE-2025-8713', 'statistics tell of values that row security hides', 17, 6)) g(id, what, major, fixed)
  where p_version / 10000 = g.major and p_version % 10000 < g.fixed
$$;

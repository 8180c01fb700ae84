-- What isolation_check() was about: for the head of its page.
create or replace function platform.isolation_scope() returns table (
  database text, server text, at timestamptz, tables integer, partitions integer, views integer, policies integer, functions integer, logins integer
) language sql stable security definer set search_path = '' as $$
  select current_database()::text, current_setting('server_version'), clock_timestamp(),
    (count(*) filter (where r.kind in ('r', 'p') and not r.is_partition))::integer,
    (count(*) filter (where r.is_partition))::integer,
    (count(*) filter (where r.kind = 'v'))::integer,
    (select count(*)::integer from pg_policy p join pg_class c on c.oid = p.polrelid where c.relnamespace = 'platform'::regnamespace),
    (select count(*)::integer from pg_proc p where p.pronamespace = 'platform'::regnamespace),
    (select count(distinct m.member)::integer from pg_auth_members m join pg_roles g on g.oid = m.roleid
     where g.rolname in ('td_gateway', 'td_tenant', 'td_viewer', 'td_account_manager', 'td_operator', 'td_admin', 'td_auditor'))
  from platform.isolation_relations() r
$$;
grant execute on function platform.isolation_scope() to td_admin, td_auditor;

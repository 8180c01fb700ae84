-- Rules about functions: those that run with their owner's rights are the one way past row security, so each is pinned down.
create or replace function platform.function_findings() returns table (rule text, finding text)
language sql stable set search_path = '' as $$
  with routine as (
    select p.oid, p.oid::regprocedure::text as name, p.proname::text as word, pg_get_userbyid(p.proowner)::text as owner,
      p.prosecdef, p.proleakproof, p.prosqlbody, p.proconfig, p.prosrc, p.prokind,
      coalesce(p.proacl, acldefault('f', p.proowner)) as acl, p.proowner
    from pg_proc p where p.pronamespace = 'platform'::regnamespace
  ), granted as (
    select r.word, array_agg(distinct case when x.grantee = 0 then 'everybody' else pg_get_userbyid(x.grantee)::text end
      order by case when x.grantee = 0 then 'everybody' else pg_get_userbyid(x.grantee)::text end) as roles
    from routine r cross join lateral aclexplode(r.acl) x
    where x.grantee <> r.proowner and (x.grantee = 0 or pg_get_userbyid(x.grantee) not in ('td_owner', 'td_definer'))
    group by r.word
  )
  select 'functions-pinned', format('function %s looks names up by the caller’s search path', r.name)
  from routine r where r.prosqlbody is null and r.prokind <> 'a' and not coalesce(r.proconfig, '{}') @> '{"search_path=\"\""}'
  union all
  select 'functions-pinned', format('function %s runs with the rights of %s', r.name, r.owner)
  from routine r where r.prosecdef and r.owner <> 'td_definer' and r.word not in ('ensure_partitions', 'archive_partitions')
  union all
  select 'functions-pinned', format('function %s belongs to %s', r.name, r.owner)
  from routine r where r.owner not in ('td_definer', 'td_owner')
  union all
  select 'functions-pinned', format('function %s is marked leakproof: its conditions see rows before row security does', p.oid::regprocedure)
  from pg_proc p where p.proleakproof and p.oid >= 16384
  union all
  select 'functions-for-their-roles', format('function %s may be called by %s; expected: %s', coalesce(g.word, e.function),
    coalesce(array_to_string(g.roles, ', '), 'nobody'), coalesce(e.roles, 'nobody'))
  from granted g full join platform.expected_calls() e on e.function = g.word
  where g.roles is distinct from (select array_agg('td_' || w.word order by 'td_' || w.word) from unnest(string_to_array(e.roles, ' ')) w(word))
  union all
  select 'tenant-from-transaction', format('function %s sets the tenant itself', r.name)
  from routine r where r.prokind <> 'p' and r.prosrc ~* 'set_config\s*\(\s*''app\.|set\s+(local\s+)?app\.'
$$;

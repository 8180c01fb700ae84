-- Rules about grants on tables and views: the lines of expected_access(), and nothing beside them.
create or replace function platform.grant_findings() returns table (rule text, finding text)
language sql stable set search_path = '' as $$
  with reader as (
    select w.word, 'td_' || w.word as role
    from unnest('{tenant,gateway,viewer,account_manager,operator,admin,auditor,definer}'::text[]) w(word)
    where to_regrole('td_' || w.word) is not null
  ), relation as (
    select r.*, to_jsonb(e) as line from platform.isolation_relations() r left join platform.expected_access() e on e.relation = r.name
  ), expected as (
    -- Verbs on the whole table, and columns that are read alone.
    select r.id, r.name, w.role, c.cell,
      case when r.is_partition or c.cell is null or c.cell = '-' then '{}'
           when w.word = 'definer' then array(select v.verb from unnest('{select,insert,update,delete}'::text[]) v(verb)
                                              where position(left(v.verb, 1) in c.cell) > 0)
           when c.cell = 'own+' then '{select,insert,update,delete}'
           when c.cell in ('own', 'all', 'self', 'people') then '{select}'
           else '{}' end::text[] as verbs,
      case when w.word <> 'definer' and c.cell ~ ',' then string_to_array(c.cell, ',') else '{}' end as columns
    from relation r cross join reader w cross join lateral (select r.line ->> w.word as cell) c
  )
  select 'access-as-written', format('%s %s has no line in expected_access()',
    case r.kind when 'v' then 'view' else 'table' end, r.name)
  from relation r where r.line is null and not r.is_partition
  union all
  select 'access-as-written', format('expected_access() names %s, which is not there', e.relation)
  from platform.expected_access() e where not exists (select from relation r where r.name = e.relation)
  union all
  select case when r.is_partition then 'partitions-closed' else 'access-as-written' end,
    format('%s %s %s %s', e.role, case when p.has then 'may' else 'may not' end, v.verb, e.name)
  from expected e join relation r on r.id = e.id
  cross join unnest('{select,insert,update,delete}'::text[]) v(verb)
  cross join lateral (select has_table_privilege(e.role, e.id, v.verb) as has) p
  where p.has <> (v.verb = any (e.verbs))
  union all
  select case when r.is_partition then 'partitions-closed' else 'access-as-written' end,
    format('%s %s %s column %s of %s', e.role, case when p.has then 'may' else 'may not' end, v.verb, a.attname, e.name)
  from expected e join relation r on r.id = e.id
  join pg_attribute a on a.attrelid = e.id and a.attnum > 0 and not a.attisdropped
  cross join unnest('{select,insert,update}'::text[]) v(verb)
  cross join lateral (select has_column_privilege(e.role, e.id, a.attnum, v.verb) as has) p
  where not has_table_privilege(e.role, e.id, v.verb)
    and p.has <> (v.verb = 'select' and a.attname = any (e.columns))
  union all
  select 'no-side-rights', format('%s has %s on %s %s', case when x.grantee = 0 then 'everybody' else pg_get_userbyid(x.grantee) end,
    x.privilege_type, case c.relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end, c.relname)
  from pg_class c cross join lateral aclexplode(c.relacl) x
  where c.relnamespace = 'platform'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and x.grantee <> c.relowner
    and (x.privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'USAGE') or x.is_grantable
      or x.grantee = 0 or pg_get_userbyid(x.grantee) not in (select r.role from reader r))
  union all
  select 'no-side-rights', format('%s has rights on columns of %s', case when x.grantee = 0 then 'everybody' else pg_get_userbyid(x.grantee) end,
    r.name)
  from relation r join pg_attribute a on a.attrelid = r.id cross join lateral aclexplode(a.attacl) x
  where x.is_grantable or x.grantee = 0 or pg_get_userbyid(x.grantee) not in (select w.role from reader w)
  union all
  select 'no-side-rights', format('%s may %s in schema platform', case when x.grantee = 0 then 'everybody' else pg_get_userbyid(x.grantee) end,
    lower(x.privilege_type))
  from pg_namespace n cross join lateral aclexplode(n.nspacl) x
  where n.nspname = 'platform' and x.grantee <> n.nspowner
    and (x.privilege_type <> 'USAGE' or x.is_grantable or x.grantee = 0 or pg_get_userbyid(x.grantee) not in (select r.role from reader r))
  union all
  select 'no-side-rights', format('%s belongs to %s, not to td_owner', c.relname, pg_get_userbyid(c.relowner))
  from pg_class c where c.relnamespace = 'platform'::regnamespace and pg_get_userbyid(c.relowner) <> 'td_owner'
  union all
  select 'views-ask-as-the-reader', format('view %s reads with the rights of its owner', c.relname)
  from pg_class c where c.relnamespace = 'platform'::regnamespace and c.relkind = 'v'
    and not coalesce(c.reloptions @> '{security_invoker=true}' or c.reloptions @> '{security_invoker=on}', false)
  union all
  select 'no-copies', format('%s %s keeps rows outside of row security', case c.relkind when 'm' then 'materialized view' else 'foreign table' end,
    c.relname)
  from pg_class c where c.relnamespace = 'platform'::regnamespace and c.relkind in ('m', 'f')
  union all
  select 'no-copies', format('publication %s sends rows of all tenants to whoever subscribes', p.pubname)
  from pg_publication p where p.puballtables or exists (select from pg_publication_tables t where t.pubname = p.pubname and t.schemaname = 'platform')
$$;

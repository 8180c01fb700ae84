-- Tables and views of the platform, for the rules of isolation_check().
--   tenant_column: the column that says whose a row is; null: rows of no tenant
--   people: rows belong to operators. Row security must be on for both.
create or replace function platform.isolation_relations() returns table (
  id oid, name text, kind "char", is_partition boolean, tenant_column text, people boolean
) language sql stable set search_path = '' as $$
  select c.oid, c.relname::text, c.relkind, c.relispartition,
    case when c.relname = 'tenants' then 'id' when 'tenant_id' = any (a.names) then 'tenant_id' end,
    'operator_id' = any (a.names) or exists (
      select from platform.expected_access() e
      where e.relation = c.relname and (e.viewer in ('self', 'people') or e.account_manager in ('self', 'people')))
  from pg_class c
  cross join lateral (
    select array_agg(t.attname::text) as names from pg_attribute t where t.attrelid = c.oid and t.attnum > 0 and not t.attisdropped) a
  where c.relnamespace = 'platform'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
$$;

-- Rules about keys: an index or a reference that does not start with the tenant tells one tenant of another's rows.
create or replace function platform.key_findings() returns table (rule text, finding text)
language sql stable set search_path = '' as $$
  with tenants_table as (
    select r.id, r.name, a.attnum as tenant_column
    from platform.isolation_relations() r
    join pg_attribute a on a.attrelid = r.id and a.attname = r.tenant_column
    where r.kind in ('r', 'p') and r.name <> 'tenants'
  )
  select 'tenant-first-in-keys', format('table %s: tenant_id may be null', t.name)
  from tenants_table t join pg_attribute a on a.attrelid = t.id and a.attnum = t.tenant_column where not a.attnotnull
  union all
  select 'tenant-first-in-keys', format('table %s: %s %s does not start with tenant_id', t.name,
    case when i.indisprimary then 'primary key' else 'unique index' end, i.indexrelid::regclass)
  from tenants_table t join pg_index i on i.indrelid = t.id
  where (i.indisunique or i.indisexclusion) and i.indkey[0] <> t.tenant_column
  union all
  select 'references-stay-inside', format('table %s: foreign key %s to %s is not (tenant_id, …) to (tenant_id, …)', t.name, f.conname,
    f.confrelid::regclass)
  from tenants_table t join pg_constraint f on f.conrelid = t.id and f.contype = 'f'
  join tenants_table target on target.id = f.confrelid
  where f.conkey[1] <> t.tenant_column or f.confkey[1] <> target.tenant_column
  union all
  select 'references-stay-inside', format('table %s: foreign key %s to tenants is not on tenant_id', t.name, f.conname)
  from tenants_table t join pg_constraint f on f.conrelid = t.id and f.contype = 'f'
  where f.confrelid = to_regclass('platform.tenants') and f.conkey <> array[t.tenant_column]
$$;

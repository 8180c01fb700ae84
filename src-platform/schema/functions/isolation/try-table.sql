-- Tries every verb on one table or view; see try_access. p_tenants null: every row counts as own.
create or replace function platform.try_table(p_table oid, p_tenants uuid[]) returns table (verb text, answer text)
language plpgsql volatile set search_path = '' as $$
declare
  v_path text;
  v_kind "char";
  v_tenant text; -- its column
  v_column text;
  v_whose text[];
  v_verb text;
  v_own bigint;
  v_other bigint;
begin
  select format('platform.%I', c.relname), c.relkind, a.attname into v_path, v_kind, v_tenant
  from pg_catalog.pg_class c left join pg_catalog.pg_attribute a
    on a.attrelid = c.oid and a.attname = case when c.relname = 'tenants' then 'id' else 'tenant_id' end and not a.attisdropped
  where c.oid = p_table;
  v_whose := case when v_tenant is null or p_tenants is null then '{true,false}'
                  else array[format('%I = any ($1)', v_tenant), format('%I <> all ($1)', v_tenant)] end;

  verb := 'select';
  v_own := platform.try_statement(format('select exists (select * from %s where %s)::int', v_path, v_whose[1]), true, p_tenants);
  v_other := platform.try_statement(format('select exists (select * from %s where %s)::int', v_path, v_whose[2]), true, p_tenants);
  answer := platform.try_words(v_own, v_other, v_tenant is not null);
  if answer = 'refused' then
    for v_column in
      select a.attname from pg_catalog.pg_attribute a
      where a.attrelid = p_table and a.attnum > 0 and not a.attisdropped
        and pg_catalog.has_any_column_privilege(p_table, 'select') order by a.attnum
    loop
      if platform.try_statement(format('select count(*) from (select %I from %s limit 1) x', v_column, v_path), true, null) is not null then
        answer := case when answer = 'refused' then v_column else answer || ',' || v_column end;
      end if;
    end loop;
  end if;
  return next;

  verb := 'insert';
  if v_tenant is null then
    v_own := platform.try_statement(format('insert into %s default values', v_path), false, null);
    v_other := null;
  else
    v_own := platform.try_statement(format('insert into %s (%I) select $1[1] where $1[1] is not null', v_path, v_tenant), false, p_tenants);
    v_other := platform.try_statement(format('insert into %s (%I) values (gen_random_uuid())', v_path, v_tenant), false, null);
  end if;
  answer := platform.try_words(nullif(v_own, 0), v_other, v_tenant is not null);
  return next;

  select a.attname into v_column from pg_catalog.pg_attribute a
  where a.attrelid = p_table and a.attnum > 0 and not a.attisdropped
  order by pg_catalog.has_column_privilege(p_table, a.attnum, 'update') desc, a.attnum limit 1;
  foreach v_verb in array array[format('update %s set %I = default', v_path, v_column), format('delete from %s', v_path)] loop
    verb := split_part(v_verb, ' ', 1);
    answer := 'refused';
    if platform.try_statement(v_verb || ' where false', false, null) is not null then
      v_verb := regexp_replace(v_verb, ' = default$', format(' = %I', v_column));
      v_own := platform.try_statement(format('%s where ctid = any (array(select ctid from %s where %s limit 1))', v_verb, v_path, v_whose[1]),
        false, p_tenants);
      v_other := platform.try_statement(format('%s where ctid = any (array(select ctid from %s where %s limit 1))', v_verb, v_path, v_whose[2]),
        false, p_tenants);
      -- Own rows may not be handed to somebody else. Without a condition, which would ask for the right to read them there as well; so
      -- only where own rows are all that can be changed: never on a whole table.
      if verb = 'update' and v_tenant is not null and p_tenants is not null and coalesce(v_other, 0) = 0
          and platform.try_statement(format('update %s set %I = gen_random_uuid()', v_path, v_tenant), false, null) > 0 then
        v_other := 1;
      end if;
      answer := platform.try_words(coalesce(v_own, 0), coalesce(v_other, 0), v_tenant is not null);
    end if;
    return next;
  end loop;

  if v_kind in ('r', 'p') then
    verb := 'truncate';
    answer := case when pg_catalog.has_table_privilege(p_table, 'truncate')
                     or platform.try_statement(format('truncate %s', v_path), false, null) is not null then 'rows' else 'refused' end;
    return next;
    verb := 'references';
    answer := case when pg_catalog.has_any_column_privilege(p_table, 'references') then 'rows' else 'refused' end;
    return next;
  end if;
end
$$;

-- The answer as a word. null: refused; 0: no row.
create or replace function platform.try_words(p_own bigint, p_other bigint, p_tenants boolean) returns text
language sql immutable set search_path = '' as $$
  select case when p_own is null and p_other is null then 'refused'
    when coalesce(p_own, 0) = 0 and coalesce(p_other, 0) = 0 then 'nothing'
    when not p_tenants then 'rows'
    else concat_ws(' ', case when p_own > 0 then 'own' end, case when p_other > 0 then 'other' end) end
$$;
grant execute on function platform.try_table(oid, uuid[]), platform.try_words(bigint, bigint, boolean) to td_admin, td_auditor;

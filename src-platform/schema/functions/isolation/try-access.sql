-- Tries every verb on every table, view and partition with the rights of who asks, undoes it, and holds what happened against
-- expected_access().
--   p_role: which column of it, "viewer"; p_tenants: whose rows the caller stands for, null: everybody's
--   p_standing: "nobody" (no tenant set, or a login that is no operator), "some" (of p_tenants alone), "all" (of every tenant)
--
-- answer: refused; nothing (allowed, and no row is there for them); own, other, own other (rows of p_tenants, of others);
-- rows (of no tenant); the columns that can be read, where not all can.
-- ok: it is what was expected, or less because the database has no such row.
--
-- truncate is sent when the catalog says that it is refused, and believed to work when not: it would lock the table for
-- everybody. references can't be tried without a table of one's own: it is the catalog's answer.
create or replace function platform.try_access(p_role text, p_standing text, p_tenants uuid[]) returns table (
  relation text, verb text, expected text, answer text, ok boolean
) language sql volatile set search_path = '' as $$
  select t.relation, t.verb, t.expected, t.answer, t.answer = t.expected or t.expected <> 'refused' and t.answer <> ''
      and (t.answer = 'nothing' or string_to_array(t.answer, ' ') <@ string_to_array(t.expected, ' '))
  from (
    select c.relname::text as relation, a.verb, a.answer, case
      when c.relispartition or coalesce(e.cell, '-') = '-' then 'refused'
      when p_role = 'definer' then case when position(left(a.verb, 1) in e.cell) = 0 or a.verb in ('truncate', 'references') then 'refused'
        when o.tenants then 'own other' else 'rows' end
      when a.verb in ('truncate', 'references') or (a.verb <> 'select' and e.cell <> 'own+') then 'refused'
      when e.cell in ('own', 'own+') then case
        when p_standing = 'nobody' then case when a.verb = 'insert' then 'refused' else 'nothing' end
        when p_standing = 'some' then 'own' else 'own other' end
      when e.cell = 'all' then case when o.tenants then 'own other' else 'rows' end
      when e.cell in ('self', 'people') then case when p_standing = 'nobody' then 'nothing' else 'rows' end
      else e.cell end as expected
    from pg_catalog.pg_class c
    cross join lateral platform.try_table(c.oid, p_tenants) a
    cross join lateral (select c.relname = 'tenants' or exists (
      select from pg_catalog.pg_attribute t where t.attrelid = c.oid and t.attname = 'tenant_id' and not t.attisdropped) as tenants) o
    left join lateral (select to_jsonb(x) ->> p_role as cell from platform.expected_access() x where x.relation = c.relname) e on true
    where c.relnamespace = 'platform'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
  ) t order by 1, 2
$$;

grant execute on function platform.try_access(text, text, uuid[]), platform.expected_access() to td_admin, td_auditor;

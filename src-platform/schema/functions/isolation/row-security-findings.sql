-- Rules about row security and its policies: each query names what breaks a rule.
create or replace function platform.row_security_findings() returns table (rule text, finding text)
language sql stable set search_path = '' as $$
  with policy as (
    select c.relname::text as on_table, p.polname::text as name, p.polcmd as verb,
      pg_get_expr(p.polqual, p.polrelid) as reads, pg_get_expr(p.polwithcheck, p.polrelid) as writes,
      case when 0 = any (p.polroles) then '{public}'
           else array(select r.rolname::text from pg_roles r where r.oid = any (p.polroles)) end as roles
    from pg_policy p join pg_class c on c.oid = p.polrelid
    where c.relnamespace = 'platform'::regnamespace
  ), part as (
    select p.*, t.expression, platform.calls_per_row(t.expression, p.on_table) as per_row
    from policy p cross join lateral (values (p.reads), (p.writes)) t(expression) where t.expression is not null
  )
  select 'row-security-on', format('table %s: row security is %s', r.name,
    case when c.relrowsecurity then 'on but not forced, so its owner passes it' else 'off' end)
  from platform.isolation_relations() r join pg_class c on c.oid = r.id
  where r.kind in ('r', 'p') and (r.tenant_column is not null or r.people or r.is_partition)
    and not (c.relrowsecurity and c.relforcerowsecurity)
  union all
  select 'row-security-on', format('table %s has policies, and row security is off', p.on_table)
  from policy p join pg_class c on c.relname = p.on_table and c.relnamespace = 'platform'::regnamespace
  where not c.relrowsecurity group by p.on_table
  union all
  select 'owner-sees-by-policy', format('table %s has no policy for td_owner: a migration would silently touch no row', c.relname)
  from pg_class c where c.relnamespace = 'platform'::regnamespace and c.relkind in ('r', 'p') and c.relrowsecurity
    and not c.relispartition and not exists (select from policy p where p.on_table = c.relname and p.roles = '{td_owner}')
  union all
  select 'policies-for-roles', format('policy %s on %s is for %s', p.name, p.on_table, array_to_string(p.roles, ', '))
  from policy p where not p.roles <@ '{td_owner,td_definer,td_gateway,td_tenant,td_viewer,td_account_manager,td_operator,td_admin,td_auditor}'
  union all
  select 'policies-once-a-query', format('policy %s on %s calls a function for each row: %s', p.name, p.on_table, p.expression)
  from part p where p.per_row
  union all
  select 'tenant-from-transaction', format('policy %s on %s for td_tenant does not compare with the tenant of the transaction: %s',
    p.name, p.on_table, p.expression)
  from part p where 'td_tenant' = any (p.roles) and p.expression !~ ('^\((tenant_id|id) = \( SELECT '
    || '\(NULLIF\(current_setting\(''app\.current_tenant''::text, true\), ''''::text\)\)::uuid AS "?nullif"?\)\)$')
  union all
  select 'operator-from-login', format('policy %s on %s lets a setting of the client decide for %s: %s', p.name, p.on_table,
    array_to_string(p.roles, ', '), p.expression)
  from part p where p.roles <> '{td_tenant}' and p.expression ~ 'current_setting'
  union all
  select 'operator-from-login', format('policy %s on %s does not ask who the operator is: %s', p.name, p.on_table, p.expression)
  from part p where p.roles && '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor,public}'
    and p.expression !~ 'platform\.(my_tenants|my_operator_id|sees_all_tenants)\(\)'
  union all
  select 'tenant-from-transaction', format('%s has the setting %s for every session',
    concat_ws(' in database ', 'role ' || coalesce(s.setrole::regrole::text, 'any'), d.datname), v.setting)
  from pg_db_role_setting s left join pg_database d on d.oid = s.setdatabase cross join lateral unnest(s.setconfig) v(setting)
  where (s.setdatabase = 0 or d.datname = current_database()) and v.setting ~ '^(app\.|row_security=off|role=)'
$$;

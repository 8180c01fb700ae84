-- Whether tenants are kept apart in this database: each rule with what breaks it. Reads the catalog alone and changes nothing; what
-- really happens when somebody tries is my_access_trial() and the command npm run isolation-check.
create or replace function platform.isolation_check() returns table (
  rule text, level text, title text, meaning text, ok boolean, findings text[]
) language sql stable security definer set search_path = '' set jit = off as $$
  with found as materialized (
    select * from platform.row_security_findings()
    union all select * from platform.key_findings()
    union all select * from platform.grant_findings()
    union all select * from platform.function_findings()
    union all select * from platform.role_findings()
  )
  select r.rule, r.level, r.title, r.meaning, count(f.rule) = 0,
    coalesce(array_agg(f.finding order by f.finding) filter (where f.rule is not null), '{}')
  from platform.isolation_rules() r left join found f on f.rule = r.rule
  group by r.place, r.rule, r.level, r.title, r.meaning order by r.place
$$;

grant execute on function platform.isolation_check() to td_admin, td_auditor;

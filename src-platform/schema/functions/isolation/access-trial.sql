-- try_access() in one line. tried: kinds of access, table by table; refused: how many of them were; findings: those that went
-- otherwise than written down.
create or replace function platform.access_trial(p_role text, p_standing text, p_tenants uuid[]) returns table (
  role text, standing text, tried integer, refused integer, findings text[]
) language sql volatile set search_path = '' set jit = off as $$
  select p_role, p_standing, count(*)::integer, (count(*) filter (where t.answer = 'refused'))::integer,
    coalesce(array_agg(format('%s %s: %s, expected: %s', t.verb, t.relation, t.answer, t.expected) order by t.relation, t.verb)
      filter (where not t.ok), '{}')
  from platform.try_access(p_role, p_standing, p_tenants) t
$$;

-- The same with the rights of the operator who is signed in.
create or replace function platform.my_access_trial() returns table (
  role text, standing text, tried integer, refused integer, findings text[]
) language sql volatile set search_path = '' as $$
  select t.* from platform.whoami() me
  cross join lateral platform.access_trial(me.role, case when me.all_tenants then 'all' else 'some' end,
    case when not me.all_tenants then platform.my_tenants() end) t
$$;
grant execute on function platform.access_trial(text, text, uuid[]), platform.my_access_trial() to td_admin, td_auditor;

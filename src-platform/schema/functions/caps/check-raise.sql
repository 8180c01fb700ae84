-- Gross sum of an operator's raises in the last 24 h: of caps, but for undone ones, and by overrides, also removed ones.
create or replace function platform.raised_24h(p_operator uuid) returns bigint
language sql stable security definer set search_path = '' as $$
  select (
    select coalesce(sum(c.new_limit_nanousd - c.old_limit_nanousd), 0)
    from platform.cap_changes c
    where c.operator_id = p_operator and c.kind = 'raise' and c.at > now() - interval '24 hours' and not exists (
      select from platform.cap_changes u
      where u.tenant_id = c.tenant_id and u.cap_id = c.cap_id and u.version = c.version + 1 and u.kind = 'undo')
  )::bigint + (
    select coalesce(sum(o.amount_nanousd), 0)
    from platform.cap_overrides o where o.created_by = p_operator and o.created_at > now() - interval '24 hours'
  )::bigint
$$;

-- TD403: with a raise by this amount the operator would pass their limit. Under the lock of the operator.
create or replace function platform.check_raise(p_me platform.operators, p_amount bigint) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_raised bigint := platform.raised_24h(p_me.id);
begin
  if p_me.raise_limit_nanousd is not null and v_raised + p_amount > p_me.raise_limit_nanousd then
    raise exception 'With this raise of % USD you would pass your limit of % USD in 24 hours (% USD used). A second person is needed: ask an admin.',
      platform.usd(p_amount), platform.usd(p_me.raise_limit_nanousd), platform.usd(v_raised)
      using errcode = 'TD403', detail = jsonb_build_object('raiseLimit', p_me.raise_limit_nanousd, 'raised24h', v_raised)::text;
  end if;
end
$$;

-- Gross sum of an operator's raises in the last 24 h: of caps, but for undone ones, by caps they removed, and by overrides, also removed
-- ones; those of others that they confirmed as the second person count as well.
create or replace function platform.raised_24h(p_operator uuid) returns bigint
language sql stable security definer set search_path = '' as $$
  select (
    select coalesce(sum(c.new_limit_nanousd - c.old_limit_nanousd), 0)
    from platform.cap_changes c
    where (c.operator_id = p_operator or c.confirmed_by = p_operator) and c.kind in ('raise', 'removed') and c.at > now() - interval '24 hours'
      and not exists (
        select from platform.cap_changes u
        where u.tenant_id = c.tenant_id and u.cap_id = c.cap_id and u.version = c.version + 1 and u.kind = 'undo')
  )::bigint + (
    select coalesce(sum(o.amount_nanousd), 0)
    from platform.cap_overrides o
    where (o.created_by = p_operator or o.confirmed_by = p_operator) and o.created_at > now() - interval '24 hours'
  )::bigint
$$;

-- May this operator make a raise by this amount alone? Under the lock of the operator.
create or replace function platform.within_limit(p_me platform.operators, p_amount bigint) returns boolean
language sql stable security definer set search_path = '' as $$
  select p_me.raise_limit_nanousd is null or platform.raised_24h(p_me.id) + p_amount <= p_me.raise_limit_nanousd
$$;

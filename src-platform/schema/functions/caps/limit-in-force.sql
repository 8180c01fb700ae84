-- An override adds its amount to the limit of a cap without touching the cap: from when it is made until its end, or until it is removed.
--
--   limit in force of a cap's period at an instant = caps.limit + amounts of its overrides not removed and not ended by then
--
-- cap_periods.limit_nanousd always has it, whoever writes the row: a trigger computes it (keep_limit_in_force). What is written changes at
-- an instant, though, when an override ends inside the period, and nobody writes then. No timer is needed for that to be exact:
--   1. limit_until says for how long the written figure is true: the end of the first override that ends before the period does. Null for
--      nearly every row; readers then take the written figure as it is.
--   2. Where it is set, take_grant decides by the limit in force when the call was admitted (p_at), computed from cap and overrides under the
--      lock of the row. So no new grant passes the lower limit, even a microsecond after the end.
--   3. Its answer says until when the grant may admit calls ("validUntil"): the first end of a period or of an override. From that instant on
--      a gateway uses the grant for no new call and gives the idle rest back, as it does at the end of a period.
--   4. Whoever writes the row next brings the written figure up to date.
-- limit_until stays for ten seconds after the end: take_grant may still be asked for a call that was admitted up to five seconds ago.

create or replace function platform.limit_in_force(
  p_tenant uuid, p_cap uuid, p_at timestamptz, out limit_nanousd bigint, out next_end timestamptz
) language sql stable security definer set search_path = '' as $$
  select c.limit_nanousd + coalesce(sum(o.amount_nanousd), 0)::bigint, min(o.ends_at)
  from platform.caps c
  left join platform.cap_overrides o on o.tenant_id = c.tenant_id and o.cap_id = c.id and o.removed_at is null
    and (o.ends_at is null or o.ends_at > p_at)
  where c.tenant_id = p_tenant and c.id = p_cap
  group by c.limit_nanousd
$$;

-- Volatile: sees what was committed while the writer waited for the row.
create or replace function platform.keep_limit_in_force() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_at timestamptz := greatest(clock_timestamp(), new.period_start);
begin
  if tg_op = 'UPDATE' and new.period_end <= v_at then
    return new; -- history: the cap may be another one by now
  end if;
  new.limit_nanousd := (platform.limit_in_force(new.tenant_id, new.cap_id, v_at)).limit_nanousd;
  new.limit_until := (
    select min(o.ends_at) from platform.cap_overrides o
    where o.tenant_id = new.tenant_id and o.cap_id = new.cap_id and o.removed_at is null
      and o.ends_at > v_at - interval '10 seconds' and o.ends_at < new.period_end);
  return new;
end
$$;

grant execute on function platform.limit_in_force(uuid, uuid, timestamptz)
  to td_owner, td_gateway;
grant execute on function platform.keep_limit_in_force()
  to td_owner;

-- Deletes quarter hours of more than 40 days ago, at most p_most of them; answers how many. Gateways ask for it from time to time: what
-- they leave goes next time. A day of grace, because an ingest under way may still write the oldest that it takes.
create or replace function platform.clean_quarter_hours(p_most integer) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_cleaned integer;
begin
  if p_most is null or p_most not between 1 and 100000 then
    raise exception 'Between 1 and 100,000 quarter hours are cleaned at a time, not %.', p_most using errcode = 'TD400';
  end if;
  -- One look into the index a tenant: a search by time alone would read the whole table.
  delete from platform.usage_15min u where u.ctid = any (array(
    select o.ctid from platform.tenants t cross join lateral (
      select q.ctid from platform.usage_15min q
      where q.tenant_id = t.id and q.bucket < now() - interval '41 days' order by q.bucket limit p_most) o
    limit p_most));
  get diagnostics v_cleaned = row_count;
  return v_cleaned;
end
$$;

grant execute on function platform.clean_quarter_hours(integer)
  to td_gateway;

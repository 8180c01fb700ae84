-- td_owner's, not td_definer's: only the owner of a table can give it partitions.
set local role td_owner;

-- Makes the monthly partitions (UTC months) from 13 months back to the month of p_until; answers how many are new.
-- A partition has row security of its own and no grants: it can be read through the ledger only.
create or replace function platform.ensure_partitions(p_until date) returns integer
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_month timestamp := date_trunc('month', now() at time zone 'UTC') - interval '13 months';
  v_name text;
  v_made integer := 0;
begin
  if p_until is null or p_until > (now() + interval '12 months')::date then
    raise exception 'Partitions are made at most 12 months ahead, not until %.', p_until using errcode = 'TD400';
  end if;
  perform pg_advisory_xact_lock(hashtext('platform.ensure_partitions'));
  while v_month <= p_until loop
    v_name := 'usage_records_' || to_char(v_month, 'YYYY_MM');
    if to_regclass('platform.' || v_name) is null then
      execute format('create table platform.%I partition of platform.usage_records for values from (%L) to (%L)',
        v_name, to_char(v_month, 'YYYY-MM-DD 00:00:00+00'), to_char(v_month + interval '1 month', 'YYYY-MM-DD 00:00:00+00'));
      execute format('alter table platform.%I enable row level security', v_name);
      execute format('alter table platform.%I force row level security', v_name);
      v_made := v_made + 1;
    end if;
    v_month := v_month + interval '1 month';
  end loop;
  return v_made;
end
$$;

grant execute on function platform.ensure_partitions(date)
  to td_gateway;

-- A new database takes usage before its first gateway asks for this.
select platform.ensure_partitions((now() + interval '2 months')::date);

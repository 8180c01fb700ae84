-- td_owner's, like ensure_partitions: only the owner of a table can take its partitions away.
set local role td_owner;

-- Moves the ledger's months before p_first (of UTC) into schema platform_archive; answers their names. There a month is as closed as
-- before: row security forced, no grants, append-only, for the owner alone.
create or replace function platform.archive_partitions(p_first date) returns text[]
language plpgsql volatile security definer set search_path = '' set lock_timeout = '5s' as $$
declare
  v_name text;
  v_names text[] := '{}';
begin
  perform pg_advisory_xact_lock(hashtext('platform.ensure_partitions'));
  for v_name in
    select c.relname from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'platform.usage_records'::regclass and c.relname < 'usage_records_' || to_char(p_first, 'YYYY_MM')
    order by c.relname
  loop
    execute format('alter table platform.usage_records detach partition platform.%I', v_name);
    execute format('alter table platform.%I set schema platform_archive', v_name);
    execute format('create policy owner_all on platform_archive.%I to td_owner using (true) with check (true)', v_name);
    execute format('create trigger append_only before update or delete on platform_archive.%I for each row execute function platform.refuse_change()', v_name);
    v_names := v_names || v_name;
  end loop;
  return v_names;
end
$$;

grant execute on function platform.archive_partitions(date)
  to td_definer;

set local role td_definer;

-- Takes the months of more than p_keep_months ago out of the ledger, into schema platform_archive, to be dumped and dropped. Rollups, caps and
-- conversations keep what was in them; a row of such a month that comes now is refused by ingest and set aside by its gateway.
--
-- For admins, and for the owner in a script. → the names of the months detached now, oldest first.
-- TD400 a shorter time than the gateways keep ready, TD403 not an admin; 55P03 the ledger was busy for 5 s: ask again.
create or replace function platform.detach_partitions(p_keep_months integer, p_reason text default null) returns text[]
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_me platform.operators := platform.my_operator();
  v_names text[];
begin
  if v_me.role is distinct from 'admin' and not pg_has_role(session_user, 'td_owner', 'member') then
    raise exception 'Only an admin detaches months of the ledger.' using errcode = 'TD403';
  elsif p_keep_months is null or p_keep_months not between 13 and 1200 then
    raise exception 'The ledger keeps at least 13 months, not %.', p_keep_months using errcode = 'TD400';
  elsif length(p_reason) > 500 then
    raise exception 'A reason has at most 500 characters.' using errcode = 'TD400';
  end if;
  v_names := platform.archive_partitions((date_trunc('month', now() at time zone 'UTC') - make_interval(months => p_keep_months))::date);
  if cardinality(v_names) > 0 then
    perform platform.audit_append('00000000-0000-0000-0000-000000000000', v_me.id, session_user, 'ledger.months_detached', 'ledger',
      null, jsonb_build_object('months', v_names, 'keepMonths', p_keep_months), p_reason);
  end if;
  return v_names;
end
$$;

grant execute on function platform.detach_partitions(integer, text)
  to td_admin, td_owner;

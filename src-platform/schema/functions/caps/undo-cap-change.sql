-- So long a change can be undone.
create or replace function platform.undo_window() returns interval
language sql immutable set search_path = '' return interval '30 seconds';

-- Takes back a change of a cap's limit: by who made it, within 30 s by the database's clock, while p_version (the version it made) is
-- still the current one. Needs no right to raise, and takes the raise that it undoes out of the operator's 24 hours. An undo itself
-- can't be undone. Answers like set_cap, without "undoSeconds". TD400 nothing to undo, TD403 not theirs or too late, TD404, TD409, TD422 likewise.
create or replace function platform.undo_cap_change(p_tenant uuid, p_cap uuid, p_version integer, p_idempotency_key uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.operator_for_cap(p_tenant,
    p_cap is not null and p_version is not null and p_idempotency_key is not null, null, '{account_manager,operator,admin}');
  v_first jsonb := platform.first_answer(v_me.id, p_idempotency_key, 'undo_cap_change', jsonb_build_array(p_tenant, p_cap, p_version));
  v_now timestamptz;
  v_cap platform.caps;
  v_change platform.cap_changes;
  v_period platform.cap_periods;
  v_audit platform.audit_log;
begin
  if v_first is not null then
    return v_first;
  end if;
  v_cap := platform.lock_cap(v_me.id, p_tenant, p_cap, p_version);
  v_now := greatest(clock_timestamp(), v_cap.updated_at);
  select * into v_change from platform.cap_changes c where c.tenant_id = p_tenant and c.cap_id = p_cap and c.version = p_version;
  if not found or v_change.kind not in ('raise', 'lower') then
    raise exception 'There is no change of the cap to undo.' using errcode = 'TD400';
  elsif v_change.operator_id <> v_me.id then
    raise exception 'Somebody else made this change. Set the cap instead.' using errcode = 'TD403';
  elsif v_now > v_change.at + platform.undo_window() then
    raise exception 'A change can be undone for % seconds. Set the cap instead.', extract(epoch from platform.undo_window())::integer
      using errcode = 'TD403';
  end if;
  v_period := platform.write_cap(v_cap, v_change.old_limit_nanousd, 'undo', v_me.id, null, v_now, p_idempotency_key);
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'cap.undo', 'cap:' || p_cap,
    jsonb_build_object('limitNanoUsd', v_cap.limit_nanousd, 'version', v_cap.version),
    jsonb_build_object('limitNanoUsd', v_change.old_limit_nanousd, 'version', v_cap.version + 1,
      'scope', v_cap.scope, 'period', v_cap.period), null);
  return platform.answer_change(v_me, p_idempotency_key, v_cap, v_change.old_limit_nanousd, v_period, v_audit.id, v_now, '{}');
end
$$;

grant execute on function platform.undo_cap_change(uuid, uuid, integer, uuid)
  to td_account_manager, td_operator, td_admin;

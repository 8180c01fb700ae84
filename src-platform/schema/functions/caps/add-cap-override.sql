-- Raises a cap for a time; the cap itself is untouched. Counts as a raise by its amount. A new version of the cap, so that who decides about the cap
-- without having seen the override gets a conflict.
--   p_until: 'period_end' (of the running period), 'date' (p_ends_local, date and hour in the tenant's zone, at most a year ahead) or 'removed'
-- → as set_cap, and {"overrideId","amount","endsAt":null|…}; "limit" is the cap's own, "inForce" what now holds.
-- Above the operator's limit it waits for a second person, as set_cap. Errors as set_cap.
create or replace function platform.add_cap_override(
  p_tenant uuid, p_cap uuid, p_amount_nanousd bigint, p_until text, p_ends_local timestamp, p_expected_version integer,
  p_idempotency_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators;
  v_first jsonb;
  v_now timestamptz;
  v_ends timestamptz;
  v_cap platform.caps;
begin
  if p_amount_nanousd is null or p_amount_nanousd <= 0 then
    raise exception 'A temporary raise is an amount above 0.' using errcode = 'TD400';
  elsif p_until is null or p_until not in ('date', 'period_end', 'removed') or (p_until = 'date') <> (p_ends_local is not null) then
    raise exception 'A temporary raise ends at a date, with the period, or when it is removed.' using errcode = 'TD400';
  end if;
  v_me := platform.operator_for_cap(p_tenant, p_cap is not null and p_expected_version is not null and p_idempotency_key is not null,
    p_reason, '{operator,admin}');
  v_first := platform.first_answer(v_me.id, p_idempotency_key, 'add_cap_override',
    jsonb_build_array(p_tenant, p_cap, p_amount_nanousd, p_until, p_ends_local, p_expected_version, p_reason));
  if v_first is not null then
    return v_first;
  end if;

  v_cap := platform.lock_cap(v_me.id, p_tenant, p_cap, p_expected_version);
  v_now := greatest(clock_timestamp(), v_cap.updated_at);
  if p_until = 'date' then
    if not isfinite(p_ends_local) or p_ends_local > v_now::timestamp + interval '367 days' then
      raise exception 'A temporary raise ends within a year, or when it is removed.' using errcode = 'TD400';
    end if;
    v_ends := timezone((select t.time_zone from platform.tenants t where t.id = p_tenant), p_ends_local);
    if v_ends <= v_now then
      raise exception 'A temporary raise ends in the future.' using errcode = 'TD400';
    end if;
  elsif p_until = 'period_end' then
    v_ends := platform.running_period_end(v_cap, v_now);
  end if;
  if not platform.within_limit(v_me, p_amount_nanousd) then
    return platform.wait_for_second(v_me, v_cap, 'override', p_amount_nanousd, null, p_until, v_ends, null, p_idempotency_key, p_reason);
  end if;
  return platform.write_override(v_me, null, v_cap, p_amount_nanousd, p_until, v_ends, v_now, p_idempotency_key, 'cap.override.add', p_reason, '{}');
end
$$;

grant execute on function platform.add_cap_override(uuid, uuid, bigint, text, timestamp, integer, uuid, text)
  to td_operator, td_admin;

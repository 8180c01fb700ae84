-- Changes the limit of a cap: role, tenants, limit of the operator, expected version, history, audit and announcement in one transaction.
-- The same idempotency key with the same parameters gets the first answer again. A limit below what is spent is allowed; every call
-- is refused then, and the answer warns. The running period gets the new limit; its charges, bounds and overrides stay.
--
-- → {"capId","version","limit","previousLimit","inForce","charged","granted","warning":null|"below_committed","auditId","changedAt","undoSeconds"}
-- A raise above the operator's limit waits for a second person and changes nothing yet:
-- → as above, with "pending":true,"pendingId","amount","expiresAt" and without "undoSeconds"
-- Message: a sentence for the operator. TD400 bad input, TD403 not allowed, TD404 no such cap among this operator's tenants,
-- TD409 somebody else changed it, DETAIL {"currentLimit","currentVersion","currentOverride","changedBy","changedAt"}, TD422 the key was
-- used for another change.
create or replace function platform.set_cap(
  p_tenant uuid, p_cap uuid, p_limit_nanousd bigint, p_expected_version integer, p_idempotency_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators;
  v_first jsonb;
  v_now timestamptz;
  v_cap platform.caps;
  v_more bigint;
begin
  if p_limit_nanousd is null or p_limit_nanousd < 0 then
    raise exception 'A cap is an amount of 0 or more.' using errcode = 'TD400';
  elsif p_limit_nanousd > 9000000000000000 then
    raise exception 'A cap is at most 9,000,000 USD a period.' using errcode = 'TD400';
  end if;
  v_me := platform.operator_for_cap(p_tenant, p_cap is not null and p_expected_version is not null and p_idempotency_key is not null,
    p_reason, '{account_manager,operator,admin}');
  v_first := platform.first_answer(v_me.id, p_idempotency_key, 'set_cap',
    jsonb_build_array(p_tenant, p_cap, p_limit_nanousd, p_expected_version, p_reason));
  if v_first is not null then
    return v_first;
  end if;

  v_cap := platform.lock_cap(v_me.id, p_tenant, p_cap, p_expected_version);
  if v_cap.limit_nanousd = p_limit_nanousd then
    raise exception 'The cap is % USD already.', platform.usd(p_limit_nanousd) using errcode = 'TD400';
  end if;
  if p_limit_nanousd > v_cap.limit_nanousd then
    if v_me.role = 'account_manager' then
      raise exception 'Account managers lower caps. Ask an operator to raise this one.' using errcode = 'TD403';
    end if;
    v_more := (platform.limit_in_force(p_tenant, p_cap, clock_timestamp())).limit_nanousd - v_cap.limit_nanousd;
    if p_limit_nanousd + v_more > 9000000000000000 then
      raise exception 'A cap and its temporary raises are at most 9,000,000 USD a period.' using errcode = 'TD400';
    end if;
    if not platform.within_limit(v_me, p_limit_nanousd - v_cap.limit_nanousd) then
      return platform.wait_for_second(v_me, v_cap, 'cap', p_limit_nanousd - v_cap.limit_nanousd, p_limit_nanousd, null, null, null,
        p_idempotency_key, p_reason);
    end if;
  end if;

  v_now := greatest(clock_timestamp(), v_cap.updated_at);
  return platform.write_limit(v_me, null, v_cap, p_limit_nanousd, v_now, p_idempotency_key, 'cap.set', p_reason, '{}');
end
$$;

grant execute on function platform.set_cap(uuid, uuid, bigint, integer, uuid, text)
  to td_account_manager, td_operator, td_admin;

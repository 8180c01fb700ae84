-- Gives a key another secret. The one it had is accepted for p_overlap_seconds longer (0: not any more), an older one no longer than
-- it was going to be. The key's id, name and counters stay.
-- → {"keyId","version","auditId","changedAt","previousUntil"}. TD409 also: the key is not at the expected version, or revoked; else as issue_key.
create or replace function platform.rotate_key(
  p_tenant uuid, p_key uuid, p_digest text, p_prefix text, p_last4 text, p_overlap_seconds integer, p_expected_version integer,
  p_idempotency_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.operator_for_tenant(p_tenant,
    p_key is not null and p_expected_version is not null and p_idempotency_key is not null, p_reason, '{operator,admin}');
  v_first jsonb := platform.first_answer(v_me.id, p_idempotency_key, 'rotate_key',
    jsonb_build_array(p_tenant, p_key, p_digest, p_prefix, p_last4, p_overlap_seconds, p_expected_version, p_reason));
  v_now timestamptz;
  v_digest bytea;
  v_before platform.api_keys;
  v_key platform.api_keys;
begin
  if v_first is not null then
    return v_first;
  elsif p_overlap_seconds is null or p_overlap_seconds not between 0 and 30 * 86400 then
    raise exception 'The old secret stays accepted for 0 seconds to 30 days.' using errcode = 'TD400';
  end if;
  v_before := platform.lock_key(p_tenant, p_key, p_expected_version);
  v_digest := platform.clean_secret(p_digest, p_prefix, p_last4);
  v_now := clock_timestamp();
  update platform.api_key_secrets s
  set valid_until = greatest(s.valid_from, least(s.valid_until, v_now + p_overlap_seconds * interval '1 second'))
  where s.tenant_id = p_tenant and s.key_id = p_key and (s.valid_until is null or s.valid_until > v_now);
  insert into platform.api_key_secrets (tenant_id, digest, key_id) values (p_tenant, v_digest, p_key);
  update platform.api_keys k
  set prefix = p_prefix, last4 = p_last4, version = k.version + 1, rotated_at = v_now,
      previous_last4 = k.last4, previous_until = v_now + p_overlap_seconds * interval '1 second'
  where k.tenant_id = p_tenant and k.id = p_key returning * into v_key;
  return platform.answer_key_change(v_me, p_idempotency_key, 'key.rotate', v_key,
    jsonb_build_object('keyShown', v_before.prefix || '…' || v_before.last4, 'version', v_before.version),
    jsonb_build_object('oldAcceptedUntil', v_key.previous_until), p_reason);
end
$$;

grant execute on function platform.rotate_key(uuid, uuid, text, text, text, integer, integer, uuid, text)
  to td_operator, td_admin;

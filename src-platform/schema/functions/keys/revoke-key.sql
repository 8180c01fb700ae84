-- Ends a key with all its secrets, for good. Calls under way end as they were admitted.
-- → as issue_key. TD409 the key is not at the expected version, or revoked already; else as issue_key.
create or replace function platform.revoke_key(p_tenant uuid, p_key uuid, p_expected_version integer, p_idempotency_key uuid, p_reason text)
returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.operator_for_tenant(p_tenant,
    p_key is not null and p_expected_version is not null and p_idempotency_key is not null, p_reason, '{operator,admin}');
  v_first jsonb := platform.first_answer(v_me.id, p_idempotency_key, 'revoke_key',
    jsonb_build_array(p_tenant, p_key, p_expected_version, p_reason));
  v_before platform.api_keys;
  v_key platform.api_keys;
begin
  if v_first is not null then
    return v_first;
  end if;
  v_before := platform.lock_key(p_tenant, p_key, p_expected_version);
  update platform.api_keys k set revoked_at = clock_timestamp(), revoked_by = v_me.id, version = k.version + 1
  where k.tenant_id = p_tenant and k.id = p_key returning * into v_key;
  return platform.answer_key_change(v_me, p_idempotency_key, 'key.revoke', v_key,
    jsonb_build_object('version', v_before.version), jsonb_build_object('revokedAt', v_key.revoked_at), p_reason);
end
$$;

grant execute on function platform.revoke_key(uuid, uuid, integer, uuid, text)
  to td_operator, td_admin;

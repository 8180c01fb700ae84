-- A key for a change, locked after its tenant. TD404; TD409 it was revoked, or is not at the expected version; DETAIL {"currentVersion"}
create or replace function platform.lock_key(p_tenant uuid, p_key uuid, p_expected_version integer) returns platform.api_keys
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_key platform.api_keys;
begin
  perform platform.lock_tenant(p_tenant);
  select * into v_key from platform.api_keys k where k.tenant_id = p_tenant and k.id = p_key for no key update;
  if not found then
    raise exception 'There is no such key among your clients''.' using errcode = 'TD404';
  elsif v_key.revoked_at is not null then
    raise exception 'The key % was revoked already, at % UTC.', v_key.name, to_char(v_key.revoked_at, 'YYYY-MM-DD HH24:MI')
      using errcode = 'TD409', detail = jsonb_build_object('currentVersion', v_key.version)::text;
  elsif v_key.version <> p_expected_version then
    raise exception 'The key % was changed meanwhile. Look at it again.', v_key.name
      using errcode = 'TD409', detail = jsonb_build_object('currentVersion', v_key.version)::text;
  end if;
  return v_key;
end
$$;

-- What every change of a key answers, audited, kept under its idempotency key and announced. p_before null: the key is new.
create or replace function platform.answer_key_change(
  p_me platform.operators, p_idempotency_key uuid, p_action text, p_key platform.api_keys, p_before jsonb, p_after jsonb, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_audit platform.audit_log;
begin
  v_audit := platform.audit_append(p_key.tenant_id, p_me.id, p_me.login, p_action, 'key:' || p_key.id, p_before,
    jsonb_build_object('key', p_key.name, 'keyShown', p_key.prefix || '…' || p_key.last4, 'version', p_key.version) || p_after, p_reason);
  return platform.keep_answer(p_me.id, p_idempotency_key, 'keys', p_key.tenant_id,
    jsonb_build_object('keyId', p_key.id, 'version', p_key.version, 'auditId', v_audit.id, 'changedAt', v_audit.at,
      'previousUntil', p_key.previous_until));
end
$$;

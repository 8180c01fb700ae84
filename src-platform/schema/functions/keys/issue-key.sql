-- A further key of a client, whose secret is accepted from now on.
--   p_digest: SHA-256 of the secret, hexadecimal; p_prefix, p_last4: what may be shown of it ("td_Ab3x", "9f3c")
--   p_workflow: where calls are booked that name none; null: nowhere
-- → {"keyId","version","auditId","changedAt","previousUntil":null}
-- TD400 bad input, TD403 not allowed, TD404, TD409 the name or the secret is taken, TD422 the idempotency key was used for another change.
create or replace function platform.issue_key(
  p_tenant uuid, p_name text, p_digest text, p_prefix text, p_last4 text, p_workflow uuid, p_idempotency_key uuid
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.operator_for_tenant(p_tenant, p_idempotency_key is not null, null, '{operator,admin}');
  v_first jsonb := platform.first_answer(v_me.id, p_idempotency_key, 'issue_key',
    jsonb_build_array(p_tenant, p_name, p_digest, p_prefix, p_last4, p_workflow));
  v_key platform.api_keys;
begin
  if v_first is not null then
    return v_first;
  end if;
  perform platform.lock_tenant(p_tenant);
  v_key := platform.add_key(v_me, p_tenant, p_name, p_digest, p_prefix, p_last4, p_workflow);
  return platform.answer_key_change(v_me, p_idempotency_key, 'key.issue', v_key, null,
    jsonb_build_object('workflow', (select w.slug from platform.workflows w where w.tenant_id = p_tenant and w.id = p_workflow)), null);
end
$$;

grant execute on function platform.issue_key(uuid, text, text, text, text, uuid, uuid)
  to td_operator, td_admin;

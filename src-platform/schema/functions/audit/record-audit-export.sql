-- Notes who takes audit entries out of the platform, before the first one leaves: in the chain of the one client they are of, else
-- (p_tenant null or the nil uuid) in the platform's. p_filter: what was asked for.
-- → {"auditId"}. TD400 bad input, TD403 not allowed, TD404 none of this operator's tenants, TD422 the key was used for another export.
create or replace function platform.record_audit_export(p_tenant uuid, p_format text, p_filter jsonb, p_idempotency_key uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_me platform.operators := platform.my_operator();
  v_chain uuid := coalesce(p_tenant, '00000000-0000-0000-0000-000000000000');
  v_result jsonb;
begin
  if v_me.id is null or v_me.role = 'viewer' then
    raise exception 'Your login % does not read the audit log of this platform.', session_user using errcode = 'TD403';
  elsif p_format is null or p_format not in ('jsonl', 'csv') then
    raise exception 'An export is in JSON Lines (jsonl) or CSV (csv).' using errcode = 'TD400';
  elsif p_idempotency_key is null or p_filter is null or jsonb_typeof(p_filter) <> 'object' or length(p_filter::text) > 2000 then
    raise exception 'An export names its own key and what it is of, in at most 2,000 characters.' using errcode = 'TD400';
  elsif p_tenant is not null and not (v_me.all_tenants or p_tenant = any (platform.my_tenants())) then
    raise exception 'There is no such audit chain among yours.' using errcode = 'TD404';
  end if;
  v_result := platform.first_answer(v_me.id, p_idempotency_key, 'record_audit_export', jsonb_build_array(p_tenant, p_format, p_filter));
  if v_result is not null then
    return v_result;
  end if;
  v_result := jsonb_build_object('auditId', (platform.audit_append(v_chain, v_me.id, v_me.login, 'audit.export', null, null,
    jsonb_build_object('format', p_format, 'filter', p_filter), null)).id);
  update platform.idempotency_keys i set result = v_result where i.operator_id = v_me.id and i.key = p_idempotency_key;
  return v_result;
end
$$;

grant execute on function platform.record_audit_export(uuid, text, jsonb, uuid)
  to td_account_manager, td_operator, td_admin, td_auditor;

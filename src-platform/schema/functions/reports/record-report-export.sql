-- Notes in a client's chain who took a report of it out of the platform. A console calls it before the files get their names, or, for an export made
-- without the platform, as soon as that answers again, with the time that the console claims. Sent again it changes nothing.
--
-- p_export {"month":"2026-10","source":"platform"|"kept","asOf":instant of the figures,"files":[{"format":"pdf"|"csv","bytes":n,"sha256":hex}]}
-- p_claimed_at: null: now. An export whose answer was lost is told again with a time: it is still the same export. A claimed export of a client that is not among the caller's any more stands in the platform's chain: it happened.
--
-- → {"auditId"}. TD400 bad input, TD403 not allowed, TD404 none of this operator's tenants, TD422 the key was used for another export.
create or replace function platform.record_report_export(
  p_tenant uuid, p_export jsonb, p_claimed_at timestamptz, p_idempotency_key uuid
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.my_operator();
  v_mine boolean := v_me.all_tenants or p_tenant = any (platform.my_tenants());
  v_as_of timestamptz;
  v_result jsonb;
begin
  if v_me.id is null or v_me.role = 'viewer' then
    raise exception 'Your role does not export reports. Ask an operator or an admin.' using errcode = 'TD403';
  elsif p_tenant is null or p_idempotency_key is null or jsonb_typeof(p_export) is distinct from 'object' or not isfinite(p_claimed_at)
    or (p_export ->> 'month') is null or (p_export ->> 'month') !~ '^20\d\d-(0[1-9]|1[0-2])$'
    or (p_export ->> 'source') is null or (p_export ->> 'source') not in ('platform', 'kept')
    or jsonb_typeof(p_export -> 'files') is distinct from 'array' or jsonb_array_length(p_export -> 'files') not between 1 and 10
    or exists (
      select from jsonb_array_elements(p_export -> 'files') f
      where f ->> 'format' is null or f ->> 'format' not in ('pdf', 'csv') or f ->> 'bytes' is null or f ->> 'bytes' !~ '^\d{1,12}$'
        or f ->> 'sha256' is null or f ->> 'sha256' !~ '^[0-9a-f]{64}$') then
    raise exception 'An export names its client, its month, its files and its own key.' using errcode = 'TD400';
  end if;
  begin
    v_as_of := (p_export ->> 'asOf')::timestamptz;
  exception when data_exception then
    raise exception 'An export says of which instant its figures are.' using errcode = 'TD400';
  end;
  if not v_mine and (p_claimed_at is null or not exists (select from platform.tenants t where t.id = p_tenant)) then
    raise exception 'There is no such client among yours.' using errcode = 'TD404';
  end if;
  v_result := platform.first_answer(v_me.id, p_idempotency_key, 'record_report_export', jsonb_build_array(p_tenant, p_export));
  if v_result is not null then
    return v_result;
  end if;
  v_result := jsonb_build_object('auditId', (platform.audit_append(
    case when v_mine then p_tenant else '00000000-0000-0000-0000-000000000000' end, v_me.id, v_me.login, 'report.export', 'tenant:' || p_tenant, null,
    jsonb_strip_nulls(jsonb_build_object('month', p_export ->> 'month', 'source', p_export ->> 'source', 'asOf', v_as_of, 'claimedAt', p_claimed_at,
      'files', (select jsonb_agg(jsonb_build_object('format', f ->> 'format', 'bytes', (f ->> 'bytes')::bigint, 'sha256', f ->> 'sha256'))
        from jsonb_array_elements(p_export -> 'files') f))), null)).id);
  update platform.idempotency_keys i set result = v_result where i.operator_id = v_me.id and i.key = p_idempotency_key;
  return v_result;
end
$$;

grant execute on function platform.record_report_export(uuid, jsonb, timestamptz, uuid) to td_account_manager, td_operator, td_admin, td_auditor;

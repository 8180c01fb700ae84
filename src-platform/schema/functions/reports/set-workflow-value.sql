-- What a unit of a workflow's work spares its client, for the sentence of worth in its reports.
-- p_value {"unit":"leads scored","minutesSaved":"6.5","hourlyWorthMinor":n}: minutes a unit, at most two decimals; the
--   worth of an hour in minor units of the client's currency
-- p_expected_version: null: it has none yet.
--
-- → {"tenantId","workflowId","version","auditId","changedAt"}. TD400 bad input, TD403 not an admin, TD404 no such client or workflow, TD409 somebody
-- else changed it (DETAIL {"currentVersion","changedBy","changedAt"}), TD422 the key was used for another change.
create or replace function platform.set_workflow_value(
  p_tenant uuid, p_workflow uuid, p_value jsonb, p_expected_version integer, p_idempotency_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.operator_for_tenant(p_tenant, p_workflow is not null and p_idempotency_key is not null
    and jsonb_typeof(p_value) is not distinct from 'object', p_reason, '{admin}');
  v_first jsonb := platform.first_answer(v_me.id, p_idempotency_key, 'set_workflow_value',
    jsonb_build_array(p_tenant, p_workflow, p_value, p_expected_version, p_reason));
  v_value platform.workflow_values;
  v_before platform.workflow_values;
  v_audit platform.audit_log;
begin
  if v_first is not null then
    return v_first;
  end if;
  v_value.tenant_id := p_tenant;
  v_value.workflow_id := p_workflow;
  v_value.unit := platform.clean_name('The word for a workflow''s units', p_value ->> 'unit');
  begin
    v_value.minutes_saved := (p_value ->> 'minutesSaved')::numeric;
    v_value.hourly_worth_minor := (p_value ->> 'hourlyWorthMinor')::bigint;
  exception when data_exception then
    raise exception 'Minutes and the worth of an hour are numbers: one of them is not.' using errcode = 'TD400';
  end;
  if length(v_value.unit) > 60 then
    raise exception 'The word for a workflow''s units has at most 60 characters.' using errcode = 'TD400';
  elsif v_value.minutes_saved is null or v_value.minutes_saved = 'NaN' or v_value.minutes_saved not between 0 and 10000
    or scale(v_value.minutes_saved) > 2 then
    raise exception 'A unit saves 0 to 10,000 minutes, with at most two decimals.' using errcode = 'TD400';
  elsif v_value.hourly_worth_minor is null or v_value.hourly_worth_minor not between 0 and 1000000000000 then
    raise exception 'The worth of an hour is 0 or more, and at most 10 billion.' using errcode = 'TD400';
  end if;
  perform platform.lock_tenant(p_tenant);
  if not exists (select from platform.workflows w where w.tenant_id = p_tenant and w.id = p_workflow) then
    raise exception 'There is no such workflow of this client.' using errcode = 'TD404';
  end if;
  select * into v_before from platform.workflow_values v where v.tenant_id = p_tenant and v.workflow_id = p_workflow for no key update;
  if v_before.version is distinct from p_expected_version then
    raise exception 'The workflow''s value was changed meanwhile. Look at it again.'
      using errcode = 'TD409', detail = jsonb_build_object('currentVersion', v_before.version,
        'changedBy', (select o.login from platform.operators o where o.id = v_before.updated_by), 'changedAt', v_before.updated_at)::text;
  end if;
  v_value.version := coalesce(v_before.version, 0) + 1;
  v_value.updated_at := greatest(clock_timestamp(), v_before.updated_at);
  v_value.updated_by := v_me.id;
  insert into platform.workflow_values select v_value.*
  on conflict (tenant_id, workflow_id) do update set (unit, minutes_saved, hourly_worth_minor, version, updated_at, updated_by) = (excluded.unit,
    excluded.minutes_saved, excluded.hourly_worth_minor, excluded.version, excluded.updated_at, excluded.updated_by);
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'workflow.value_set', 'workflow:' || p_workflow,
    platform.workflow_value_facts(v_before), platform.workflow_value_facts(v_value), p_reason);
  return platform.keep_answer(v_me.id, p_idempotency_key, 'contracts', p_tenant,
    jsonb_build_object('tenantId', p_tenant, 'workflowId', p_workflow, 'version', v_value.version, 'auditId', v_audit.id,
      'changedAt', v_value.updated_at));
end
$$;

create or replace function platform.workflow_value_facts(p_value platform.workflow_values) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('unit', p_value.unit, 'minutesSaved', p_value.minutes_saved::text, 'hourlyWorthMinor', p_value.hourly_worth_minor,
    'version', p_value.version)
  where p_value.version is not null
$$;

grant execute on function platform.set_workflow_value(uuid, uuid, jsonb, integer, uuid, text) to td_admin;

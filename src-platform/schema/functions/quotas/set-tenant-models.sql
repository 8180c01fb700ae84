-- Which models a client may ask for: names, or beginnings of names with * behind them ("gpt-4o*"); null: every model that has a price. Gateways obey
-- at once. What answers instead of a model by a rule of the agency's (set_model_downgrade) is not asked for here.
--
--   p_expected_version: 0 while the client never had such a list
-- → {"tenantId","models","version","auditId","changedAt"}
-- TD400 bad input or no change, TD403 not allowed, TD404, TD409 changed meanwhile, DETAIL {"currentVersion"}, TD422.
create or replace function platform.set_tenant_models(
  p_tenant uuid, p_models text[], p_expected_version integer, p_idempotency_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators;
  v_first jsonb;
  v_models text[];
  v_wrong text;
  v_old platform.tenant_models;
  v_new platform.tenant_models;
  v_audit platform.audit_log;
begin
  v_me := platform.operator_for_tenant(p_tenant, p_expected_version is not null and p_idempotency_key is not null, p_reason, '{admin}');
  select array_agg(distinct m order by m) into v_models from unnest(p_models) m;
  select m into v_wrong from unnest(p_models) m where coalesce(m, '') !~ '^[^*[:cntrl:]]{0,255}([^*[:cntrl:][:space:]]|\*)$' or m = '*' limit 1;
  if p_models is not null and coalesce(cardinality(v_models), 0) not between 1 and 200 then
    raise exception 'A list has 1 to 200 models. To close the gateway to a client, suspend it.' using errcode = 'TD400';
  elsif found then
    raise exception '"%" is no name of a model. A name may end with *, for all that begin so.', left(v_wrong, 60) using errcode = 'TD400';
  end if;
  v_first := platform.first_answer(v_me.id, p_idempotency_key, 'set_tenant_models', jsonb_build_array(p_tenant, v_models, p_expected_version, p_reason));
  if v_first is not null then
    return v_first;
  end if;
  perform platform.lock_tenant(p_tenant);
  select * into v_old from platform.tenant_models t where t.tenant_id = p_tenant;
  if coalesce(v_old.version, 0) <> p_expected_version then
    raise exception 'The list was changed meanwhile. Look at it again.'
      using errcode = 'TD409', detail = jsonb_build_object('currentVersion', coalesce(v_old.version, 0))::text;
  elsif v_models is not distinct from v_old.models then
    raise exception 'The client may use exactly these models already.' using errcode = 'TD400';
  end if;
  insert into platform.tenant_models as t (tenant_id, models, updated_at, updated_by)
  values (p_tenant, v_models, clock_timestamp(), v_me.id)
  on conflict (tenant_id) do update set models = excluded.models, version = t.version + 1, updated_at = excluded.updated_at, updated_by = excluded.updated_by
  returning * into v_new;
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'models.set', 'tenant:' || p_tenant,
    jsonb_build_object('models', v_old.models, 'version', coalesce(v_old.version, 0)),
    jsonb_build_object('models', v_new.models, 'version', v_new.version), p_reason);
  return platform.keep_answer(v_me.id, p_idempotency_key, 'tenants', p_tenant,
    jsonb_build_object('tenantId', p_tenant, 'models', v_new.models, 'version', v_new.version, 'auditId', v_audit.id,
      'changedAt', v_audit.at));
end
$$;

grant execute on function platform.set_tenant_models(uuid, text[], integer, uuid, text)
  to td_admin;

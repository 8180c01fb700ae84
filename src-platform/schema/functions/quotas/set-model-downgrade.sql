-- Sends calls of a model to a cheaper one while more than p_above_percent of the tenant's monthly cap is used (committed and held); p_to_model null: no
-- more. The caller's tools have to work with both: one provider's models go to the same provider's alone.
--
--   p_expected_version: 0 while there never was such a rule
-- → {"tenantId","model","toModel","abovePercent","version","auditId","changedAt"}
-- TD400 bad input or no change, TD403 not allowed, TD404, TD409 changed meanwhile, DETAIL {"currentVersion"}, TD422.
create or replace function platform.set_model_downgrade(
  p_tenant uuid, p_model text, p_to_model text, p_above_percent integer, p_expected_version integer, p_idempotency_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators;
  v_first jsonb;
  v_old platform.model_downgrades;
  v_new platform.model_downgrades;
  v_audit platform.audit_log;
begin
  if p_model is null or length(p_model) not between 1 and 256 or length(p_to_model) not between 1 and 256 then
    raise exception 'A rule names the model that is asked for and the one that answers.' using errcode = 'TD400';
  elsif p_to_model is not null and (p_above_percent is null or p_above_percent not between 1 and 100) then
    raise exception 'A cheaper model answers above 1 to 100 percent of the cap.' using errcode = 'TD400';
  end if;
  v_me := platform.operator_for_tenant(p_tenant, p_expected_version is not null and p_idempotency_key is not null, p_reason, '{admin}');
  v_first := platform.first_answer(v_me.id, p_idempotency_key, 'set_model_downgrade',
    jsonb_build_array(p_tenant, p_model, p_to_model, p_above_percent, p_expected_version, p_reason));
  if v_first is not null then
    return v_first;
  end if;
  perform platform.lock_tenant(p_tenant);
  if p_to_model is not null then
    if p_to_model = p_model then
      raise exception 'The other model is the same one.' using errcode = 'TD400';
    elsif not exists (
        select from platform.model_prices a join platform.model_prices b on b.provider = a.provider
        where a.model = p_model and b.model = p_to_model and a.valid_from <= now() and b.valid_from <= now()) then
      raise exception 'No provider has a price for both % and %.', left(p_model, 60), left(p_to_model, 60) using errcode = 'TD400';
    end if;
  end if;
  select * into v_old from platform.model_downgrades d where d.tenant_id = p_tenant and d.model = p_model;
  if coalesce(v_old.version, 0) <> p_expected_version then
    raise exception 'This rule was changed meanwhile. Look at it again.'
      using errcode = 'TD409', detail = jsonb_build_object('currentVersion', coalesce(v_old.version, 0))::text;
  elsif p_to_model is null and not coalesce(v_old.active, false) then
    raise exception 'There is no such rule.' using errcode = 'TD400';
  end if;
  insert into platform.model_downgrades as d (tenant_id, model, to_model, above_percent, updated_at, updated_by)
  values (p_tenant, p_model, coalesce(p_to_model, v_old.to_model), coalesce(p_above_percent, v_old.above_percent), clock_timestamp(), v_me.id)
  on conflict (tenant_id, model) do update set to_model = excluded.to_model, above_percent = excluded.above_percent, version = d.version + 1,
    active = p_to_model is not null, updated_at = excluded.updated_at, updated_by = excluded.updated_by
  returning * into v_new;
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, case when v_new.active then 'downgrade.set' else 'downgrade.remove' end,
    'model:' || p_model,
    case when v_old.active then jsonb_build_object('toModel', v_old.to_model, 'abovePercent', v_old.above_percent, 'version', v_old.version) end,
    case when v_new.active then jsonb_build_object('toModel', v_new.to_model, 'abovePercent', v_new.above_percent, 'version', v_new.version)
      else jsonb_build_object('version', v_new.version) end, p_reason);
  return platform.keep_answer(v_me.id, p_idempotency_key, 'tenants', p_tenant,
    jsonb_build_object('tenantId', p_tenant, 'model', p_model, 'toModel', case when v_new.active then v_new.to_model end,
      'abovePercent', v_new.above_percent, 'version', v_new.version, 'auditId', v_audit.id, 'changedAt', v_audit.at));
end
$$;

grant execute on function platform.set_model_downgrade(uuid, text, text, integer, integer, uuid, text)
  to td_admin;

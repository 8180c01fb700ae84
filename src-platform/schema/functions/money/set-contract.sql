-- Who asks for a change of the agency's money: admins alone. TD400, TD403
create or replace function platform.admin_for_money(p_named boolean, p_reason text) returns platform.operators
language plpgsql stable security definer set search_path = '' as $$
declare
  v_me platform.operators := platform.my_operator();
begin
  if v_me.id is null then
    raise exception 'Your login % is not an active operator of this platform.', session_user using errcode = 'TD403';
  elsif v_me.role <> 'admin' then
    raise exception 'Your role (%) does not change contracts and rates. Ask an admin.', v_me.role using errcode = 'TD403';
  elsif not p_named then
    raise exception 'A change of contracts or rates names what it changes, all its terms and its own key.' using errcode = 'TD400';
  elsif length(p_reason) > 500 then
    raise exception 'A reason has at most 500 characters.' using errcode = 'TD400';
  end if;
  return v_me;
end
$$;

-- Sets the terms of a tenant from a month on: a new contract, or other terms of the one that begins with that month. What begins later stays.
-- p_terms {"validFrom":"2026-11-01","validUntil":"2027-10-31"|null,"currency":"INR","retainerMinor":n,"includedAiNanoUsd":n|null,
--   "overageMarkupBp":n|null,"otherDirectCostMinor":n,"targetMarginBp":n}, amounts in minor units of the currency
-- p_expected_version: of the contract that begins with that month; null: there is none.
--
-- → {"tenantId","contractId","version","auditId","changedAt"}. TD400 bad terms, or no rate for the currency; TD403 not an admin; TD404 no such
-- tenant; TD409 somebody else changed it, DETAIL {"currentVersion","changedBy","changedAt"}; TD422 the key was used for another change.
create or replace function platform.set_contract(
  p_tenant uuid, p_terms jsonb, p_expected_version integer, p_idempotency_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.admin_for_money(
    p_tenant is not null and p_idempotency_key is not null and jsonb_typeof(p_terms) is not distinct from 'object', p_reason);
  v_first jsonb := platform.first_answer(v_me.id, p_idempotency_key, 'set_contract',
    jsonb_build_array(p_tenant, p_terms, p_expected_version, p_reason));
  v_terms platform.contracts;
  v_before platform.contracts;
  v_audit platform.audit_log;
begin
  if v_first is not null then
    return v_first;
  end if;
  begin
    v_terms.valid_from := (p_terms ->> 'validFrom')::date;
    v_terms.valid_until := (p_terms ->> 'validUntil')::date;
    v_terms.currency := p_terms ->> 'currency';
    v_terms.retainer_minor := (p_terms ->> 'retainerMinor')::bigint;
    v_terms.included_ai_nanousd := (p_terms ->> 'includedAiNanoUsd')::bigint;
    v_terms.overage_markup_bp := (p_terms ->> 'overageMarkupBp')::integer;
    v_terms.other_direct_cost_minor := (p_terms ->> 'otherDirectCostMinor')::bigint;
    v_terms.target_margin_bp := (p_terms ->> 'targetMarginBp')::integer;
  exception when data_exception then
    raise exception 'A contract''s dates are days and its amounts whole numbers: one of them is not.' using errcode = 'TD400';
  end;
  perform platform.check_terms(v_terms);
  perform from platform.tenants t where t.id = p_tenant for no key update;
  if not found then
    raise exception 'There is no such tenant.' using errcode = 'TD404';
  end if;

  select * into v_before from platform.contracts c where c.tenant_id = p_tenant and c.valid_from = v_terms.valid_from for no key update;
  if v_before.version is distinct from p_expected_version then
    raise exception '%', case when v_before.version is null then 'There is no contract from that month any more. Look at it again.'
        else 'The contract was changed meanwhile. Look at it again.' end
      using errcode = 'TD409', detail = jsonb_build_object('currentVersion', v_before.version,
        'changedBy', (select o.login from platform.operators o where o.id = v_before.updated_by), 'changedAt', v_before.updated_at)::text;
  end if;
  if not exists (select from platform.fx_on(v_terms.currency, current_date + 1)) then
    raise exception 'No exchange rate is known for %. Enter one first, then the contract.', v_terms.currency using errcode = 'TD400';
  end if;

  v_terms.tenant_id := p_tenant;
  v_terms.id := coalesce(v_before.id, gen_random_uuid());
  v_terms.version := coalesce(v_before.version, 0) + 1;
  v_terms.updated_at := greatest(clock_timestamp(), v_before.updated_at);
  v_terms.updated_by := v_me.id;
  insert into platform.contracts select v_terms.*
  on conflict (tenant_id, id) do update set (valid_until, currency, retainer_minor, included_ai_nanousd, overage_markup_bp,
    other_direct_cost_minor, target_margin_bp, version, updated_at, updated_by) = (excluded.valid_until, excluded.currency,
    excluded.retainer_minor, excluded.included_ai_nanousd, excluded.overage_markup_bp, excluded.other_direct_cost_minor,
    excluded.target_margin_bp, excluded.version, excluded.updated_at, excluded.updated_by);
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'contract.set', 'contract:' || v_terms.id,
    platform.contract_terms(v_before), platform.contract_terms(v_terms), p_reason);
  return platform.keep_answer(v_me.id, p_idempotency_key, 'contracts', p_tenant,
    jsonb_build_object('tenantId', p_tenant, 'contractId', v_terms.id, 'version', v_terms.version,
      'auditId', v_audit.id, 'changedAt', v_terms.updated_at));
end
$$;

-- Refuses terms that no contract can have, each with its reason. TD400
create or replace function platform.check_terms(p_terms platform.contracts) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if p_terms.valid_from is null or p_terms.currency is null or p_terms.retainer_minor is null
    or p_terms.other_direct_cost_minor is null or p_terms.target_margin_bp is null then
    raise exception 'A contract has a first month, a currency, a retainer, other direct cost and a target margin; 0 is an amount.' using errcode = 'TD400';
  elsif not isfinite(p_terms.valid_from) or p_terms.valid_from <> date_trunc('month', p_terms.valid_from::timestamp)::date
    or p_terms.valid_from not between '2000-01-01' and '2100-01-01' then
    raise exception 'A contract begins with the first day of a month.' using errcode = 'TD400';
  elsif p_terms.valid_until is not null and (not isfinite(p_terms.valid_until) or p_terms.valid_until <= p_terms.valid_from
    or p_terms.valid_until <> (date_trunc('month', p_terms.valid_until::timestamp) + interval '1 month' - interval '1 day')::date) then
    raise exception 'A contract ends with the last day of a month, after it began.' using errcode = 'TD400';
  elsif p_terms.currency !~ '^[A-Z]{3}$' then
    raise exception 'A currency is three capital letters, such as INR.' using errcode = 'TD400';
  elsif p_terms.retainer_minor not between 0 and 9000000000000000 or p_terms.other_direct_cost_minor not between 0 and 9000000000000000
    or p_terms.included_ai_nanousd not between 0 and 9000000000000000 then
    raise exception 'An amount of a contract is 0 or more, and at most 9,000,000 USD of AI cost or 90 trillion of another currency.'
      using errcode = 'TD400';
  elsif (p_terms.included_ai_nanousd is null) <> (p_terms.overage_markup_bp is null) then
    raise exception 'Overage has both: the AI cost that is included, and the markup on what is above it.' using errcode = 'TD400';
  elsif p_terms.overage_markup_bp not between 0 and 100000 then
    raise exception 'A markup is 0 to 1,000 %%.' using errcode = 'TD400';
  elsif p_terms.target_margin_bp not between 0 and 10000 then
    raise exception 'A target margin is 0 to 100 %%.' using errcode = 'TD400';
  end if;
end
$$;

-- A contract's terms as set_contract takes them, with their version; null for none.
create or replace function platform.contract_terms(p_contract platform.contracts) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('validFrom', p_contract.valid_from, 'validUntil', p_contract.valid_until, 'currency', p_contract.currency,
    'retainerMinor', p_contract.retainer_minor, 'includedAiNanoUsd', p_contract.included_ai_nanousd,
    'overageMarkupBp', p_contract.overage_markup_bp, 'otherDirectCostMinor', p_contract.other_direct_cost_minor,
    'targetMarginBp', p_contract.target_margin_bp, 'version', p_contract.version)
  where p_contract.version is not null
$$;

grant execute on function platform.set_contract(uuid, jsonb, integer, uuid, text) to td_admin;
grant execute on function platform.contract_terms(platform.contracts) to td_account_manager, td_operator, td_admin, td_auditor;

-- Sets a quota of a tenant, or lets it follow its plan again. The gateways obey at once.
--
--   p_follows: own (p_limit; null: no limit) or plan (p_limit null)
--   p_expected_version: 0 while nobody ever changed it
-- → {"tenantId","quota","follows","limit","version","auditId","changedAt"}
-- TD400 bad input or no change, TD403 not allowed, TD404, TD409 changed meanwhile, DETAIL {"currentLimit","currentFollows","currentVersion"}, TD422
-- the key was used for another change.
create or replace function platform.set_quota(
  p_tenant uuid, p_quota text, p_follows text, p_limit bigint, p_expected_version integer, p_idempotency_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators;
  v_first jsonb;
  v_tenant platform.tenants;
  v_now record;
  v_new platform.tenant_quotas;
  v_audit platform.audit_log;
begin
  if p_quota is null or p_quota not in ('requests_per_minute', 'requests_per_day', 'tokens_per_minute', 'tokens_per_day', 'tokens_per_month',
      'max_tokens_per_message', 'concurrent_sessions') then
    raise exception 'There is no quota "%".', left(p_quota, 40) using errcode = 'TD400';
  elsif p_follows is null or p_follows not in ('plan', 'own') or (p_follows = 'plan' and p_limit is not null) then
    raise exception 'A quota is the plan''s, or the client''s own.' using errcode = 'TD400';
  elsif p_limit not between 0 and 1000000000000 then
    raise exception 'A quota is a whole number from 0 to 1,000,000,000,000.' using errcode = 'TD400';
  elsif p_quota = 'max_tokens_per_message' and p_follows = 'own' and coalesce(p_limit, 0) not between 1 and 10000000 then
    raise exception 'A message has 1 to 10,000,000 tokens.' using errcode = 'TD400';
  end if;
  v_me := platform.operator_for_tenant(p_tenant, p_expected_version is not null and p_idempotency_key is not null, p_reason, '{operator,admin}');
  v_first := platform.first_answer(v_me.id, p_idempotency_key, 'set_quota',
    jsonb_build_array(p_tenant, p_quota, p_follows, p_limit, p_expected_version, p_reason));
  if v_first is not null then
    return v_first;
  end if;
  v_tenant := platform.lock_tenant(p_tenant);
  select * into strict v_now from platform.quotas_in_force(array[p_tenant], clock_timestamp()) q where q.quota = p_quota;
  if v_now.version <> p_expected_version then
    raise exception 'This quota was changed meanwhile: it is % now. Look at it again.', platform.quota_words(v_now.follows, v_now.limit_count)
      using errcode = 'TD409', detail = jsonb_build_object('currentLimit', v_now.limit_count, 'currentFollows', v_now.follows,
        'currentVersion', v_now.version)::text;
  elsif v_now.follows = p_follows and (p_follows = 'plan' or v_now.limit_count is not distinct from p_limit) then
    raise exception 'This quota is % already.', platform.quota_words(v_now.follows, v_now.limit_count) using errcode = 'TD400';
  end if;
  insert into platform.tenant_quotas as o (tenant_id, quota, follows, limit_count, version, updated_at, updated_by)
  values (p_tenant, p_quota, p_follows, p_limit, 1, clock_timestamp(), v_me.id)
  on conflict (tenant_id, quota) do update set follows = excluded.follows, limit_count = excluded.limit_count, version = o.version + 1,
    updated_at = excluded.updated_at, updated_by = excluded.updated_by
  returning * into v_new;
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'quota.set', 'quota:' || p_quota,
    jsonb_build_object('quota', p_quota, 'follows', v_now.follows, 'limit', v_now.limit_count, 'version', v_now.version),
    jsonb_build_object('quota', p_quota, 'follows', p_follows, 'limit', case when p_follows = 'own' then p_limit else v_now.plan_limit end,
      'version', v_new.version), p_reason);
  return platform.keep_answer(v_me.id, p_idempotency_key, 'tenants', p_tenant,
    jsonb_build_object('tenantId', p_tenant, 'quota', p_quota, 'follows', p_follows,
      'limit', case when p_follows = 'own' then p_limit else v_now.plan_limit end, 'version', v_new.version, 'auditId', v_audit.id,
      'changedAt', v_audit.at));
end
$$;

-- "100", "no limit", "the plan's, 100".
create or replace function platform.quota_words(p_follows text, p_limit bigint) returns text
language sql immutable set search_path = '' as $$
  select case when p_follows = 'plan' then 'the plan''s, ' else '' end || coalesce(to_char(p_limit, 'FM9,999,999,999,990'), 'no limit')
$$;

grant execute on function platform.set_quota(uuid, text, text, bigint, integer, uuid, text)
  to td_operator, td_admin;

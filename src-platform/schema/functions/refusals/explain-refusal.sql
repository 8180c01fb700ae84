-- A refused call with all that is known of it: what was recorded at the refusal, each scope then and now, names for ids. Null: none such.
-- p_keys: whether key names may be told.
create or replace function platform.refusal_facts(p_tenant uuid, p_request_id text, p_keys boolean) returns jsonb
language sql stable security definer set search_path = '' set timezone = 'UTC' as $$
  select jsonb_build_object(
    'tenantId', r.tenant_id, 'tenant', t.name, 'timeZone', t.time_zone, 'requestId', r.request_id, 'refusedAt', r.refused_at,
    'status', r.http_status, 'type', r.type, 'code', r.code, 'model', r.model,
    'workflowId', r.workflow_id, 'workflow', w.name, 'keyId', r.key_id,
    'key', case when p_keys then k.prefix || '…' || k.last4 end, 'keyName', case when p_keys then k.name end,
    'keyRevokedAt', case when p_keys then k.revoked_at end,
    'tenantStatus', t.status,
    'estimate', r.facts -> 'estimate_nanousd', 'remaining', r.facts -> 'remaining_nanousd',
    'scopes', coalesce((
      select jsonb_agg(jsonb_build_object(
          'capId', s.cap_id, 'scope', s.scope, 'period', s.period, 'hard', coalesce(s.hard, true),
          'refused', coalesce(s.refused, s.cap_id = r.facts ->> 'cap_id'),
          'limit', coalesce(s.limit_nanousd, s.cap_nanousd), 'committed', s.committed_nanousd, 'held', s.held_nanousd,
          'granted', s.granted_nanousd, 'periodStart', s.period_start, 'periodEnd', s.resets_at,
          'now', (
            select jsonb_build_object('version', c.version, 'limit', c.limit_nanousd,
              'inForce', (platform.limit_in_force(c.tenant_id, c.id, now())).limit_nanousd, 'charged', p.charged_nanousd,
              'granted', p.granted_nanousd, 'periodStart', p.period_start, 'periodEnd', p.period_end)
            from platform.caps c
            left join platform.cap_periods p
              on p.tenant_id = c.tenant_id and p.cap_id = c.id and p.period_start <= now() and p.period_end > now()
            where c.tenant_id = r.tenant_id and c.id::text = s.cap_id and c.removed_at is null))
        order by n)
      from jsonb_array_elements(case when jsonb_typeof(r.facts -> 'scopes') = 'array' then r.facts -> 'scopes'
                                     when r.facts ? 'cap_id' then jsonb_build_array(r.facts) else '[]' end) with ordinality a(f, n)
      cross join lateral jsonb_to_record(a.f) s(cap_id text, scope text, period text, hard boolean, refused boolean,
        limit_nanousd bigint, cap_nanousd bigint, committed_nanousd bigint, held_nanousd bigint, granted_nanousd bigint,
        period_start timestamptz, resets_at timestamptz)), '[]'),
    'asOf', now())
  from platform.refusals r
  join platform.tenants t on t.id = r.tenant_id
  left join platform.workflows w on w.tenant_id = r.tenant_id and w.id = r.workflow_id
  left join platform.api_keys k on k.tenant_id = r.tenant_id and k.id = r.key_id
  where r.tenant_id = p_tenant and r.request_id = p_request_id
$$;

-- For the operator behind this connection. Null: no such refusal among their tenants.
create or replace function platform.explain_refusal(p_tenant uuid, p_request_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select platform.refusal_facts(p_tenant, p_request_id, me.role <> 'viewer')
  from platform.my_operator() me
  where me.id is not null and (me.all_tenants or p_tenant = any (platform.my_tenants()))
$$;

-- For a gateway that was shown an operator's token: what this operator may see and nothing else. Null: no such refusal for them.
create or replace function platform.refusal_of_token(p_digest bytea, p_request_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select platform.refusal_facts(r.tenant_id, r.request_id, o.role <> 'viewer')
  from platform.operator_of_token(p_digest) o
  join platform.refusals r on r.tenant_id = any (o.tenant_ids) and r.request_id = p_request_id
  limit 1
$$;

grant execute on function platform.explain_refusal(uuid, text)
  to td_viewer, td_account_manager, td_operator, td_admin, td_auditor;
grant execute on function platform.refusal_of_token(bytea, text)
  to td_gateway;

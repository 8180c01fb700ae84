-- Writes down what time has ended: requests and waiting raises that expired, raises whose cap changed. Readers see them as ended before
-- that (platform.inbox). p_tenant null: of all tenants, skipping what somebody is working on. Audit heads are taken in the order of tenants and
-- the announcements come last, so that nobody waits in a circle.
create or replace function platform.end_requests(p_tenant uuid) returns void
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_now timestamptz := clock_timestamp();
  v_ended record;
  v_tenants uuid[] := '{}';
begin
  for v_ended in
    with raises as (
      update platform.pending_raises w
      set state = found.state, decided_at = v_now
      from (select x.tenant_id, x.id, case when c.version <> x.cap_version then 'void' else 'expired' end as state
            from platform.pending_raises x join platform.caps c on c.tenant_id = x.tenant_id and c.id = x.cap_id
            where x.state = 'waiting' and (p_tenant is null or x.tenant_id = p_tenant) and (x.expires_at <= v_now or c.version <> x.cap_version)
            order by x.tenant_id, x.id for no key update of x skip locked) found
      where w.tenant_id = found.tenant_id and w.id = found.id
      returning w.tenant_id, w.cap_id, 'raise.' || w.state as action,
        jsonb_build_object('raiseId', w.id, 'raiseNanoUsd', w.amount_nanousd) as ended
    ), requests as (
      update platform.increase_requests r
      set status = 'expired', decided_at = v_now
      from (select x.tenant_id, x.id from platform.increase_requests x
            where x.status = 'open' and x.expires_at <= v_now and (p_tenant is null or x.tenant_id = p_tenant)
            order by x.tenant_id, x.id for no key update skip locked) found
      where r.tenant_id = found.tenant_id and r.id = found.id
      returning r.tenant_id, r.cap_id, 'request.expired' as action,
        jsonb_build_object('requestId', r.id, 'requestNanoUsd', r.amount_nanousd) as ended
    )
    select * from raises union all select * from requests order by 1
  loop
    perform platform.audit_append(v_ended.tenant_id, null, session_user::text, v_ended.action, 'cap:' || v_ended.cap_id, v_ended.ended, null, null);
    v_tenants := v_tenants || v_ended.tenant_id;
  end loop;
  perform platform.announce('requests', t.id) from (select distinct unnest(v_tenants) as id) t;
end
$$;

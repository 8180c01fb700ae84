-- A gateway comes up (again), under the id it keeps beside its journal. Answers the database's clock.
create or replace function platform.gateway_start(p_gateway uuid, p_name text, p_version text, p_address text) returns timestamptz
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  if p_gateway is null or p_name is null or p_version is null or p_address is null then
    raise exception 'A gateway starts with its id, name, version and address.' using errcode = 'TD400';
  end if;
  insert into platform.gateways as g (id, name, version, address, started_at, heartbeat_at)
  values (p_gateway, p_name, p_version, p_address, v_now, v_now)
  on conflict (id) do update
  set name = excluded.name, version = excluded.version, address = excluded.address, started_at = v_now, heartbeat_at = v_now;
  return v_now;
end
$$;

-- Each second or so. A gateway that is heard again has its grants again. Those of gateways that have been silent for two minutes are
-- marked orphaned: shown, and free only when the gateway comes back and gives them back, or an operator decides so.
-- Requests and waiting raises that time has ended are written down as ended. Once a minute the heads of audit chains that moved are
-- anchored.
create or replace function platform.gateway_heartbeat(p_gateway uuid) returns timestamptz
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  update platform.gateways set heartbeat_at = v_now where id = p_gateway;
  if not found then
    raise exception 'There is no such gateway: it has to start first.' using errcode = 'TD404';
  end if;
  if exists (select from platform.grants g join platform.gateways s on s.id = g.gateway_id
             where g.state = 'orphaned' and s.id = p_gateway
                or g.state = 'open' and s.heartbeat_at < v_now - interval '2 minutes') then
    update platform.grants g set state = found.state, updated_at = v_now
    from (select o.tenant_id, o.id, case when s.id = p_gateway then 'open' else 'orphaned' end as state
          from platform.grants o join platform.gateways s on s.id = o.gateway_id
          where o.state = 'orphaned' and s.id = p_gateway
             or o.state = 'open' and s.heartbeat_at < v_now - interval '2 minutes'
          order by o.tenant_id, o.id for no key update of o skip locked) found
    where g.tenant_id = found.tenant_id and g.id = found.id;
  end if;
  if exists (select from platform.increase_requests r where r.status = 'open' and r.expires_at <= v_now)
     or exists (select from platform.pending_raises w join platform.caps c on c.tenant_id = w.tenant_id and c.id = w.cap_id
                where w.state = 'waiting' and (w.expires_at <= v_now or c.version <> w.cap_version)) then
    perform platform.end_requests(null);
  end if;
  perform platform.audit_anchor();
  return v_now;
end
$$;

grant execute on function platform.gateway_start(uuid, text, text, text), platform.gateway_heartbeat(uuid)
  to td_gateway;

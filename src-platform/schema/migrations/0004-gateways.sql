-- Gateways, providers, and the version of each topic that listeners compare.
set local role td_owner;

create table platform.gateways (
  id uuid primary key,
  name text not null,
  version text not null,
  address text not null,
  started_at timestamptz not null,
  heartbeat_at timestamptz not null
);

create table platform.providers (
  id text primary key,
  base_url text not null check (base_url ~ '^https?://'),
  credential_ciphertext bytea not null
);
comment on column platform.providers.credential_ciphertext is 'AES-256-GCM, nonce(12) | ciphertext | tag(16), under the gateways'' credential key.';

create table platform.versions (
  topic text primary key check (topic in ('caps', 'tenants', 'keys', 'prices', 'operators', 'providers')),
  version bigint not null default 0,
  changed_at timestamptz not null default now()
);
insert into platform.versions (topic)
values ('caps'), ('tenants'), ('keys'), ('prices'), ('operators'), ('providers');

grant select on platform.gateways, platform.versions
  to td_gateway, td_viewer, td_account_manager, td_operator, td_admin, td_auditor;
grant select, insert, update on platform.gateways to td_definer;
grant select, update on platform.versions to td_definer;
grant select on platform.providers to td_gateway;
grant select (id, base_url) on platform.providers to td_admin;

grant create on schema platform to td_definer;
set local role td_definer;

-- Announces a change: raises the topic's version and tells all listeners when the transaction commits. A listener that
-- missed the message sees the version within a second. Last lock a writing function takes: the row is shared by all.
create function platform.announce(p_topic text, p_tenant uuid) returns bigint
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_version bigint;
begin
  update platform.versions set version = version + 1, changed_at = clock_timestamp()
  where topic = p_topic returning version into v_version;
  if v_version is null then
    raise exception 'There is no topic "%".', p_topic using errcode = 'TD400';
  end if;
  perform pg_notify('platform_changed',
    jsonb_build_object('topic', p_topic, 'tenant_id', p_tenant, 'version', v_version)::text);
  return v_version;
end
$$;
grant execute on function platform.announce(text, uuid) to td_owner;

set local role td_owner;
revoke create on schema platform from td_definer;

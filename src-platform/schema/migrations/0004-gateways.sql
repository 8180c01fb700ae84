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

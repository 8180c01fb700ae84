-- Providers are changed by functions, and may be out of use for a while; operators, their clients and their tokens are made by functions.
set local role td_owner;

alter table platform.providers
  add column version integer not null default 1 check (version > 0),
  add column disabled_at timestamptz,
  add column updated_at timestamptz not null default now();
comment on column platform.providers.disabled_at is 'Asked for nothing since then; null: in use.';

grant select, insert, update on platform.providers to td_definer;
grant select (rank, speaks, version, disabled_at, updated_at) on platform.providers to td_admin;
grant insert on platform.operators to td_definer;
grant insert on platform.operator_tenants to td_definer;
grant insert, update on platform.operator_tokens to td_definer;

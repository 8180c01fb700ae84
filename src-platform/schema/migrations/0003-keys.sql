-- Gateway keys of tenants. The secret (td_ and 256 random bits) is shown once; only its digest is here.
set local role td_owner;

create table platform.api_keys (
  tenant_id uuid not null references platform.tenants (id),
  id uuid not null default gen_random_uuid(),
  name text not null check (length(name) between 1 and 200),
  prefix text not null,
  last4 text not null check (length(last4) = 4),
  default_workflow_id uuid,
  created_at timestamptz not null default now(),
  created_by uuid references platform.operators (id),
  revoked_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, default_workflow_id) references platform.workflows (tenant_id, id)
);
comment on table platform.api_keys is 'A key has a stable id; rotating it adds a secret and keeps its counters.';

create table platform.api_key_secrets (
  tenant_id uuid not null,
  digest bytea not null check (octet_length(digest) = 32),
  key_id uuid not null,
  valid_from timestamptz not null default now(),
  valid_until timestamptz,
  primary key (tenant_id, digest),
  foreign key (tenant_id, key_id) references platform.api_keys (tenant_id, id)
);
comment on column platform.api_key_secrets.digest is 'SHA-256 of the whole key text.';
-- For the gateway, which knows a digest before it knows the tenant. Not unique: that would tell one tenant of another's.
create index api_key_secrets_digest on platform.api_key_secrets (digest);

call platform.protect('api_keys', '{td_account_manager,td_operator,td_admin,td_auditor}', true, false, 'select');
call platform.protect('api_key_secrets', '{}', true, false, '');

-- The audit log: one hash chain a tenant, one for the platform (nil uuid).
--
-- A row's hash covers its fields and the hash before it, so a changed, removed or inserted row shows. Rows are appended under a lock on
-- the chain's head: without it two writers take the same predecessor and the chain forks.
set local role td_owner;

create table platform.audit_log (
  tenant_id uuid not null,
  seq bigint not null,
  id bigint not null generated always as identity,
  at timestamptz not null,
  operator_id uuid references platform.operators (id),
  login text not null,
  action text not null,
  target text,
  before jsonb,
  after jsonb,
  reason text,
  prev_hash bytea not null,
  hash bytea not null,
  primary key (tenant_id, seq)
);
comment on table platform.audit_log is 'What operators and the system did. Calls are not here: the ledger is their record. Never a secret.';
create index audit_log_newest on platform.audit_log (id desc);

create table platform.audit_heads (
  tenant_id uuid primary key,
  seq bigint not null,
  hash bytea not null
);

create table platform.idempotency_keys (
  operator_id uuid not null references platform.operators (id),
  key uuid not null,
  function text not null,
  parameters_digest bytea not null,
  result jsonb,
  at timestamptz not null default now(),
  primary key (operator_id, key)
);
comment on table platform.idempotency_keys is 'The first answer to each change an operator asked for; the same key again gets it, with other parameters an error.';

call platform.protect('audit_log', '{td_account_manager,td_operator,td_admin,td_auditor}', false, false, 'select, insert');
call platform.protect('audit_heads', '{td_account_manager,td_operator,td_admin,td_auditor}', false, false, 'select, insert, update');
alter table platform.idempotency_keys enable row level security;
alter table platform.idempotency_keys force row level security;
create policy owner_all on platform.idempotency_keys to td_owner using (true) with check (true);
create policy definer_all on platform.idempotency_keys to td_definer using (true) with check (true);
grant select, insert, update on platform.idempotency_keys to td_definer;
grant usage on sequence platform.audit_log_id_seq to td_definer;

create trigger audit_log_append_only before update or delete on platform.audit_log
  for each row execute function platform.refuse_change();
create trigger audit_log_no_truncate before truncate on platform.audit_log
  for each statement execute function platform.refuse_change();

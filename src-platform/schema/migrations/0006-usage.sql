-- The ledger and its rollups. Written by platform.ingest alone.
set local role td_owner;

create table platform.usage_records (
  tenant_id uuid not null,
  occurred_at timestamptz not null,
  request_id text not null check (length(request_id) between 1 and 200),
  attempt smallint not null,
  kind text not null check (kind in ('charge', 'estimate', 'correction')),
  key_id uuid,
  workflow_id uuid,
  session text,
  provider text not null,
  model text not null,
  input_tokens bigint not null,
  cached_input_tokens bigint not null,
  cache_write_tokens bigint not null,
  output_tokens bigint not null,
  reasoning_tokens bigint not null,
  units bigint,
  cost_nanousd bigint not null,
  latency_ms integer,
  first_token_ms integer,
  http_status smallint,
  outcome text not null,
  price_version integer,
  gateway_id uuid not null,
  grant_id uuid,
  primary key (tenant_id, occurred_at, request_id, attempt, kind)
) partition by range (occurred_at);
comment on table platform.usage_records is 'The ledger: append-only, one row an attempt; a correction is a row of its own, so sums are always right.';
comment on column platform.usage_records.occurred_at is 'When the call was admitted: it decides day and period.';
comment on column platform.usage_records.cost_nanousd is 'Below zero in corrections alone.';

-- Sums, the same in each rollup. calls and failed_calls do not count corrections; failed: outcome neither ok nor client_closed.
create table platform.usage_15min (
  tenant_id uuid not null,
  bucket timestamptz not null,
  key_id uuid,
  workflow_id uuid,
  model text not null,
  calls bigint not null,
  failed_calls bigint not null,
  input_tokens bigint not null,
  cached_input_tokens bigint not null,
  output_tokens bigint not null,
  reasoning_tokens bigint not null,
  cost_nanousd bigint not null,
  unique nulls not distinct (tenant_id, bucket, key_id, workflow_id, model)
) with (fillfactor = 70);
comment on table platform.usage_15min is 'UTC buckets of 15 minutes: every zone''s days and periods begin on one. Usage older than 40 days when it comes in is not in it.';

create table platform.usage_daily (
  tenant_id uuid not null,
  day date not null,
  workflow_id uuid,
  model text not null,
  calls bigint not null,
  failed_calls bigint not null,
  input_tokens bigint not null,
  cached_input_tokens bigint not null,
  output_tokens bigint not null,
  reasoning_tokens bigint not null,
  cost_nanousd bigint not null,
  unique nulls not distinct (tenant_id, day, workflow_id, model)
) with (fillfactor = 70);
comment on column platform.usage_daily.day is 'In the tenant''s zone.';

create table platform.usage_monthly (
  tenant_id uuid not null,
  month date not null check (month = date_trunc('month', month::timestamp)::date),
  workflow_id uuid,
  model text not null,
  calls bigint not null,
  failed_calls bigint not null,
  input_tokens bigint not null,
  cached_input_tokens bigint not null,
  output_tokens bigint not null,
  reasoning_tokens bigint not null,
  cost_nanousd bigint not null,
  unique nulls not distinct (tenant_id, month, workflow_id, model)
) with (fillfactor = 70);
comment on column platform.usage_monthly.month is 'First day of the calendar month in the tenant''s zone.';

create table platform.usage_tenant_daily (
  tenant_id uuid not null,
  day date not null,
  calls bigint not null,
  failed_calls bigint not null,
  cost_nanousd bigint not null,
  primary key (tenant_id, day)
) with (fillfactor = 70);
comment on table platform.usage_tenant_daily is 'One row a tenant and day of its zone, whatever the workflow and model: what the board reads.';

create table platform.refusals (
  tenant_id uuid not null references platform.tenants (id),
  request_id text not null check (length(request_id) between 1 and 200),
  refused_at timestamptz not null,
  key_id uuid,
  workflow_id uuid,
  model text,
  http_status smallint not null,
  type text not null,
  code text,
  facts jsonb not null default '{}',
  primary key (tenant_id, request_id)
);
create index refusals_newest on platform.refusals (tenant_id, refused_at desc);

create table platform.unpriced_models (
  tenant_id uuid not null references platform.tenants (id),
  provider text not null,
  model text not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  calls bigint not null,
  primary key (tenant_id, provider, model)
);

call platform.protect('usage_records', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', false, true, 'select, insert');
call platform.protect('usage_15min', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', false, true, 'select, insert, update');
call platform.protect('usage_daily', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', false, true, 'select, insert, update');
call platform.protect('usage_tenant_daily', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', false, true, 'select, insert, update');
call platform.protect('usage_monthly', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', false, true, 'select, insert, update');
call platform.protect('refusals', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', false, true, 'select, insert');
call platform.protect('unpriced_models', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', false, false, 'select, insert, update');

create trigger usage_records_append_only before update or delete on platform.usage_records
  for each row execute function platform.refuse_change();
create trigger usage_records_no_truncate before truncate on platform.usage_records
  for each statement execute function platform.refuse_change();

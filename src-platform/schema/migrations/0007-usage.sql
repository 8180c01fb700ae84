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

-- Makes the monthly partitions (UTC months) from 13 months back to the month of p_until; answers how many are new.
-- A partition has row security of its own and no grants: it can be read through the ledger only. Owned by td_owner,
-- because only the owner of a table can give it partitions.
create function platform.ensure_partitions(p_until date) returns integer
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_month timestamp := date_trunc('month', now() at time zone 'UTC') - interval '13 months';
  v_name text;
  v_made integer := 0;
begin
  if p_until is null or p_until > (now() + interval '12 months')::date then
    raise exception 'Partitions are made at most 12 months ahead, not until %.', p_until using errcode = 'TD400';
  end if;
  perform pg_advisory_xact_lock(hashtext('platform.ensure_partitions'));
  while v_month <= p_until loop
    v_name := 'usage_records_' || to_char(v_month, 'YYYY_MM');
    if to_regclass('platform.' || v_name) is null then
      execute format('create table platform.%I partition of platform.usage_records for values from (%L) to (%L)',
        v_name, to_char(v_month, 'YYYY-MM-DD 00:00:00+00'), to_char(v_month + interval '1 month', 'YYYY-MM-DD 00:00:00+00'));
      execute format('alter table platform.%I enable row level security', v_name);
      execute format('alter table platform.%I force row level security', v_name);
      v_made := v_made + 1;
    end if;
    v_month := v_month + interval '1 month';
  end loop;
  return v_made;
end
$$;
grant execute on function platform.ensure_partitions(date) to td_gateway;

select platform.ensure_partitions((now() + interval '2 months')::date);

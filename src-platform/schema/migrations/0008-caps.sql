-- Caps, their temporary raises, and what is handed out and spent in each period.
--
--   granted  everything handed out in the period and not given back, what is spent included
--   charged  cost in the ledger
--   charged <= granted always; granted <= limit but for a limit lowered below it, a soft cap, and a bill above its bound.
--
-- Locks are taken in this order everywhere, so that nobody waits in a circle:
--   idempotency key, tenants (by id), operator, caps, cap_periods (by cap id and start), grants, audit head, versions.
set local role td_owner;

create table platform.caps (
  tenant_id uuid not null references platform.tenants (id),
  id uuid not null default gen_random_uuid(),
  scope text not null check (scope in ('tenant', 'key', 'workflow')),
  key_id uuid,
  workflow_id uuid,
  period text not null check (period in ('month', 'day')),
  limit_nanousd bigint not null check (limit_nanousd between 0 and 9000000000000000),
  hard boolean not null default true,
  thresholds smallint[] not null default '{50,80,95,100}',
  version integer not null default 1 check (version > 0),
  updated_at timestamptz not null default now(),
  updated_by uuid references platform.operators (id),
  primary key (tenant_id, id),
  unique nulls not distinct (tenant_id, scope, key_id, workflow_id, period),
  foreign key (tenant_id, key_id) references platform.api_keys (tenant_id, id),
  foreign key (tenant_id, workflow_id) references platform.workflows (tenant_id, id),
  constraint caps_scope_names_its_thing check ((scope = 'key') = (key_id is not null) and (scope = 'workflow') = (workflow_id is not null))
);
comment on column platform.caps.updated_by is 'Null: set up with the tenant.';

create table platform.cap_periods (
  tenant_id uuid not null,
  cap_id uuid not null,
  period_start timestamptz not null,
  period_end timestamptz not null,
  limit_nanousd bigint not null,
  limit_until timestamptz,
  granted_nanousd bigint not null,
  charged_nanousd bigint not null,
  primary key (tenant_id, cap_id, period_start),
  unique (tenant_id, cap_id, period_end),
  foreign key (tenant_id, cap_id) references platform.caps (tenant_id, id),
  constraint cap_periods_have_length check (period_end > period_start),
  constraint cap_periods_charge_what_is_granted check (charged_nanousd <= granted_nanousd)
) with (fillfactor = 70);
comment on column platform.cap_periods.limit_nanousd is 'The limit in force in this period.';
comment on column platform.cap_periods.limit_until is 'The limit is less from then on: an override ends. Null: not before the period ends.';

create table platform.cap_overrides (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  cap_id uuid not null,
  amount_nanousd bigint not null check (amount_nanousd between 1 and 9000000000000000),
  starts_at timestamptz not null,
  until text not null check (until in ('date', 'period_end', 'removed')),
  ends_at timestamptz,
  created_by uuid not null references platform.operators (id),
  created_at timestamptz not null,
  removed_by uuid references platform.operators (id),
  removed_at timestamptz,
  reason text,
  primary key (tenant_id, id),
  foreign key (tenant_id, cap_id) references platform.caps (tenant_id, id),
  constraint cap_overrides_end_as_they_say check ((until = 'removed') = (ends_at is null) and ends_at > starts_at),
  constraint cap_overrides_are_removed_by_somebody check ((removed_at is null) = (removed_by is null))
);
comment on table platform.cap_overrides is 'Temporary raises. Nothing but their removal changes them.';
create index cap_overrides_not_removed on platform.cap_overrides (tenant_id, cap_id, ends_at) where removed_at is null;
create index cap_overrides_by_operator on platform.cap_overrides (created_by, created_at);

-- Every version of a cap has a row; an override is a version without another limit of the cap itself.
create table platform.cap_changes (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  cap_id uuid not null,
  version integer not null,
  old_limit_nanousd bigint not null,
  new_limit_nanousd bigint not null,
  kind text not null check (kind in ('raise', 'lower', 'undo', 'override', 'override_removed')),
  operator_id uuid not null references platform.operators (id),
  at timestamptz not null,
  idempotency_key uuid not null,
  primary key (tenant_id, id),
  unique (tenant_id, cap_id, version),
  foreign key (tenant_id, cap_id) references platform.caps (tenant_id, id)
);
comment on column platform.cap_changes.version is 'The version this change made.';
create index cap_changes_by_operator on platform.cap_changes (operator_id, at);

call platform.protect('caps', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', true, true, 'select, update');
call platform.protect('cap_periods', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', true, true, 'select, insert, update');
call platform.protect('cap_overrides', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', false, false, 'select, insert, update');
call platform.protect('cap_changes', '{td_account_manager,td_operator,td_admin,td_auditor}', false, false, 'select, insert');

create trigger cap_changes_append_only before update or delete on platform.cap_changes
  for each row execute function platform.refuse_change();
create trigger cap_changes_no_truncate before truncate on platform.cap_changes
  for each statement execute function platform.refuse_change();

-- The limit in force, whoever writes the row: see ../functions/caps/limit-in-force.sql.
create trigger cap_periods_limit_written before insert or update of limit_nanousd on platform.cap_periods
  for each row execute function platform.keep_limit_in_force();
create trigger cap_periods_limit_ended before update on platform.cap_periods
  for each row when (old.limit_until is not null) execute function platform.keep_limit_in_force();

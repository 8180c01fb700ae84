-- Latencies that can be merged, counters, months a tenant, and what the board needs in one row a tenant. Written by platform.ingest.
set local role td_owner;

-- latency: how many answered calls (outcome ok) took how long, see platform.latency_bucket.
alter table platform.usage_15min add column latency integer[] not null default '{}';
alter table platform.usage_daily add column latency integer[] not null default '{}';
alter table platform.usage_tenant_daily
  add column latency integer[] not null default '{}',
  add column messages bigint not null default 0,
  add column conversations bigint not null default 0,
  add column integration_calls bigint not null default 0;
comment on column platform.usage_tenant_daily.messages is 'Calls, each once however often it was tried.';
comment on column platform.usage_tenant_daily.conversations is 'Sessions whose first call was on that day.';

create table platform.usage_tenant_monthly (
  tenant_id uuid not null,
  month date not null check (month = date_trunc('month', month::timestamp)::date),
  calls bigint not null,
  failed_calls bigint not null,
  cost_nanousd bigint not null,
  messages bigint not null default 0,
  conversations bigint not null default 0,
  integration_calls bigint not null default 0,
  primary key (tenant_id, month)
) with (fillfactor = 70);
comment on column platform.usage_tenant_monthly.month is 'First day of the calendar month in the tenant''s zone.';
-- Reports and margins ask for one month of all tenants.
create index usage_tenant_monthly_month on platform.usage_tenant_monthly (month);

create table platform.usage_sessions (
  tenant_id uuid not null,
  session text not null,
  first_at timestamptz not null,
  primary key (tenant_id, session)
);
comment on table platform.usage_sessions is 'Conversations: each session with the admission of its earliest call.';

create table platform.integration_calls (
  tenant_id uuid not null references platform.tenants (id),
  id text not null check (length(id) between 1 and 200),
  occurred_at timestamptz not null,
  integration text not null check (length(integration) between 1 and 100),
  workflow_id uuid,
  primary key (tenant_id, id),
  foreign key (tenant_id, workflow_id) references platform.workflows (tenant_id, id)
);
comment on table platform.integration_calls is 'Calls of a workflow to other systems, such as a CRM or a calendar. They cost nothing and are counted.';
create index integration_calls_by_time on platform.integration_calls (tenant_id, occurred_at);

create table platform.board_figures (
  tenant_id uuid primary key references platform.tenants (id),
  began_at timestamptz not null,
  today date not null,
  today_ends timestamptz not null,
  calls_today bigint not null,
  failed_today bigint not null,
  p95_today_ms integer,
  spent_today_nanousd bigint not null,
  spent_seven_days_nanousd bigint not null,
  period_start timestamptz,
  period_end timestamptz,
  charged_nanousd bigint,
  last_refused_at timestamptz
) with (fillfactor = 50);
comment on table platform.board_figures is 'What the board shows of the rollups, ready: one row a tenant with usage. platform.refresh_board writes it.';
comment on column platform.board_figures.today is 'Day of the tenant''s zone of which the row tells, until today_ends.';
comment on column platform.board_figures.began_at is 'When the tenant was made or its usage began, whichever is earlier.';
comment on column platform.board_figures.period_start is 'Of the newest period of the tenant''s monthly cap; null without one.';

call platform.protect('usage_tenant_monthly', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', false, true, 'select, insert, update, delete');
call platform.protect('usage_sessions', '{}', false, true, 'select, insert, update');
call platform.protect('integration_calls', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', false, true, 'select, insert');
call platform.protect('board_figures', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', false, false, 'select, insert, update');

-- Old quarter hours are cleaned away; days and months are cut anew when a tenant changes its zone.
grant delete on platform.usage_15min, platform.usage_daily, platform.usage_monthly, platform.usage_tenant_daily to td_definer;

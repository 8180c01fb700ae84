-- Alerts: a cap's threshold was passed, or will the cap be before its period ends. And cheaper models above a share of the cap.
set local role td_owner;

create table platform.cap_alerts (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  cap_id uuid not null,
  period_start timestamptz not null,
  period_end timestamptz not null,
  threshold smallint not null check (threshold between 0 and 100),
  raised_at timestamptz not null,
  charged_nanousd bigint not null,
  limit_nanousd bigint not null,
  runs_out_at timestamptz,
  resolved_at timestamptz,
  acknowledged_at timestamptz,
  acknowledged_by uuid references platform.operators (id),
  primary key (tenant_id, id),
  foreign key (tenant_id, cap_id) references platform.caps (tenant_id, id),
  constraint cap_alerts_forecast_an_end check ((threshold = 0) = (runs_out_at is not null)),
  constraint cap_alerts_are_acknowledged_by_somebody check ((acknowledged_at is null) = (acknowledged_by is null))
);
comment on column platform.cap_alerts.threshold is 'Percent of the limit in force that was charged; 0: a forecast, runs_out_at says of when.';
comment on column platform.cap_alerts.resolved_at is 'The cap was raised so that this is not so any more. Passed again it is a new alert.';
-- Each once a period, however many gateways ingest at once.
create unique index cap_alerts_once on platform.cap_alerts (tenant_id, cap_id, period_start, threshold) where resolved_at is null;
create index cap_alerts_open on platform.cap_alerts (period_end) where resolved_at is null and acknowledged_at is null;

create table platform.model_downgrades (
  tenant_id uuid not null references platform.tenants (id),
  model text not null check (length(model) between 1 and 256),
  to_model text not null check (length(to_model) between 1 and 256),
  above_percent smallint not null check (above_percent between 1 and 100),
  version integer not null default 1 check (version > 0),
  active boolean not null default true,
  updated_at timestamptz not null,
  updated_by uuid references platform.operators (id),
  primary key (tenant_id, model),
  constraint model_downgrades_go_elsewhere check (model <> to_model)
);
comment on table platform.model_downgrades is 'Calls of a model that are sent to a cheaper one while more than a share of the monthly cap is used.';

insert into platform.versions (topic) values ('alerts');

call platform.protect('cap_alerts', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', false, false, 'select, insert, update');
call platform.protect('model_downgrades', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', true, true, 'select, insert, update');

-- Asking for a higher cap, and raises that wait for a second person. See ../functions/requests/.
set local role td_owner;

alter table platform.versions drop constraint versions_topic_check,
  add constraint versions_topic_check
  check (topic in ('caps', 'tenants', 'keys', 'prices', 'operators', 'providers', 'requests'));
insert into platform.versions (topic) values ('requests');

create table platform.increase_requests (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  cap_id uuid not null,
  amount_nanousd bigint not null check (amount_nanousd between 1 and 9000000000000000),
  reason text not null check (length(reason) between 1 and 500),
  source text not null check (source in ('tenant', 'staff')),
  requested_by uuid references platform.operators (id),
  key_id uuid,
  requested_at timestamptz not null,
  times_changed smallint not null default 0,
  expires_at timestamptz not null,
  cap_version integer not null,
  limit_nanousd bigint not null,
  status text not null default 'open' check (status in ('open', 'approved', 'declined', 'withdrawn', 'expired')),
  decided_by uuid references platform.operators (id),
  decided_at timestamptz,
  decided_amount_nanousd bigint check (decided_amount_nanousd between 1 and 9000000000000000),
  decision_reason text check (length(decision_reason) <= 500),
  override_id uuid,
  primary key (tenant_id, id),
  foreign key (tenant_id, cap_id) references platform.caps (tenant_id, id),
  foreign key (tenant_id, key_id) references platform.api_keys (tenant_id, id),
  foreign key (tenant_id, override_id) references platform.cap_overrides (tenant_id, id),
  constraint increase_requests_come_from_somebody check ((source = 'staff') = (requested_by is not null) and (source = 'tenant') = (key_id is not null)),
  constraint increase_requests_are_decided_by_another check (status <> 'approved' or decided_by is distinct from requested_by),
  constraint increase_requests_end_once check ((status = 'open') = (decided_at is null)),
  constraint increase_requests_are_paid_by_an_override check ((status = 'approved') = (override_id is not null and decided_amount_nanousd is not null))
);
comment on column platform.increase_requests.amount_nanousd is 'How much more is asked for, for the running period of the cap.';
comment on column platform.increase_requests.cap_version is 'The cap as it was when this was asked; another version asks for a fresh look before an approval.';
comment on column platform.increase_requests.limit_nanousd is 'The limit in force when this was asked.';
comment on column platform.increase_requests.expires_at is 'The end of the cap''s period, or seven days later than it was asked, whichever is first.';
create unique index increase_requests_one_open on platform.increase_requests (tenant_id, cap_id) where status = 'open';
create index increase_requests_to_expire on platform.increase_requests (expires_at) where status = 'open';
create index increase_requests_latest on platform.increase_requests (tenant_id, requested_at desc);

create table platform.pending_raises (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  cap_id uuid not null,
  cap_version integer not null,
  kind text not null check (kind in ('cap', 'override', 'request')),
  amount_nanousd bigint not null check (amount_nanousd between 1 and 9000000000000000),
  new_limit_nanousd bigint check (new_limit_nanousd between 1 and 9000000000000000),
  until text check (until in ('date', 'period_end', 'removed')),
  ends_at timestamptz,
  request_id uuid,
  requested_by uuid not null references platform.operators (id),
  requested_at timestamptz not null,
  expires_at timestamptz not null,
  reason text,
  state text not null default 'waiting' check (state in ('waiting', 'confirmed', 'rejected', 'withdrawn', 'void', 'expired')),
  decided_by uuid references platform.operators (id),
  decided_at timestamptz,
  decision_reason text check (length(decision_reason) <= 500),
  primary key (tenant_id, id),
  foreign key (tenant_id, cap_id) references platform.caps (tenant_id, id),
  foreign key (tenant_id, request_id) references platform.increase_requests (tenant_id, id),
  constraint pending_raises_name_what_they_change check ((kind = 'cap') = (new_limit_nanousd is not null) and (kind = 'cap') = (until is null)
    and (kind = 'request') = (request_id is not null) and (coalesce(until, 'removed') = 'removed') = (ends_at is null)),
  constraint pending_raises_need_a_second_person check (state not in ('confirmed', 'rejected') or decided_by is distinct from requested_by),
  constraint pending_raises_end_once check ((state = 'waiting') = (decided_at is null))
);
comment on column platform.pending_raises.amount_nanousd is 'By how much the limit in force would rise.';
comment on column platform.pending_raises.cap_version is 'It is void when the cap has another version.';
create index pending_raises_waiting on platform.pending_raises (tenant_id, cap_id) where state = 'waiting';

-- Who confirmed a raise that one person could not make alone; it counts in both persons' 24 hours.
alter table platform.cap_changes add column confirmed_by uuid references platform.operators (id);
alter table platform.cap_overrides add column confirmed_by uuid references platform.operators (id);
create index cap_changes_by_second on platform.cap_changes (confirmed_by, at) where confirmed_by is not null;
create index cap_overrides_by_second on platform.cap_overrides (confirmed_by, created_at) where confirmed_by is not null;

call platform.protect('increase_requests', '{td_account_manager,td_operator,td_admin,td_auditor}', true, true, 'select, insert, update');
call platform.protect('pending_raises', '{td_account_manager,td_operator,td_admin,td_auditor}', false, false, 'select, insert, update');

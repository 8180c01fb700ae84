-- Tenants, and the people who may see them.
set local role td_owner;

create table platform.plans (
  id text primary key check (id in ('free', 'pro', 'enterprise')),
  name text not null,
  max_tokens_per_message integer not null check (max_tokens_per_message > 0)
);
comment on column platform.plans.max_tokens_per_message is 'Output limit of a call that names none; also the most a call may ask for.';
insert into platform.plans (id, name, max_tokens_per_message)
values ('free', 'Free', 2000), ('pro', 'Pro', 8000), ('enterprise', 'Enterprise', 16000);

create table platform.tenants (
  id uuid primary key default gen_random_uuid(),
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null check (length(name) between 1 and 200),
  status text not null default 'active' check (status in ('active', 'suspended', 'archived')),
  plan_id text not null references platform.plans (id),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  time_zone text not null check (
    time_zone ~ '^(UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$'
    and timezone(time_zone, timestamptz '2026-01-01 00:00:00+00') is not null
  ),
  anchor_day smallint not null default 1 check (anchor_day between 1 and 28),
  trims_last_call boolean not null default true,
  created_at timestamptz not null default now()
);
comment on column platform.tenants.time_zone is 'IANA name; days and periods of this tenant are cut in it.';
comment on column platform.tenants.anchor_day is 'Day of the month on which its cap periods begin.';
comment on column platform.tenants.trims_last_call is 'A call that does not fit in what remains may get a shorter answer that does.';

create table platform.workflows (
  tenant_id uuid not null references platform.tenants (id),
  id uuid not null default gen_random_uuid(),
  slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, slug)
);

create table platform.operators (
  id uuid primary key default gen_random_uuid(),
  login text not null unique,
  name text not null,
  role text not null check (role in ('viewer', 'account_manager', 'operator', 'admin', 'auditor')),
  raise_limit_nanousd bigint check (raise_limit_nanousd >= 0),
  all_tenants boolean not null default true,
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  constraint operators_need_a_limit check (role <> 'operator' or raise_limit_nanousd is not null),
  constraint account_managers_are_assigned check (role <> 'account_manager' or not all_tenants),
  constraint admins_see_all check (role <> 'admin' or all_tenants)
);
comment on column platform.operators.login is 'Name of the database login, member of the group role td_<role>.';
comment on column platform.operators.raise_limit_nanousd is 'Gross sum of raises in 24 h this operator may make alone; null (admin): any.';

create table platform.operator_tenants (
  tenant_id uuid not null references platform.tenants (id),
  operator_id uuid not null references platform.operators (id),
  created_at timestamptz not null default now(),
  primary key (tenant_id, operator_id)
);
create index operator_tenants_operator on platform.operator_tenants (operator_id);

create table platform.operator_tokens (
  digest bytea primary key check (octet_length(digest) = 32),
  operator_id uuid not null references platform.operators (id),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
comment on table platform.operator_tokens is 'SHA-256 of operators'' tokens for the gateways'' admin side.';

grant select on platform.plans
  to td_definer, td_gateway, td_tenant, td_viewer, td_account_manager, td_operator, td_admin, td_auditor;
grant select, update on platform.operators to td_definer;
grant select on platform.operator_tokens to td_definer;

call platform.protect('tenants', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', true, true, 'select, update', 'id');
call platform.protect('workflows', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', true, true, 'select');
call platform.protect('operator_tenants', '{td_admin,td_auditor}', false, false, 'select');

-- People: everybody knows themselves; names of colleagues stand in the audit log, which viewers do not read.
alter table platform.operators enable row level security;
alter table platform.operators force row level security;
create policy owner_all on platform.operators to td_owner using (true) with check (true);
create policy definer_all on platform.operators to td_definer using (true) with check (true);
create policy operators_self on platform.operators for select to td_viewer using (id = (select platform.my_operator_id()));
create policy operators_read on platform.operators for select to td_account_manager, td_operator, td_admin, td_auditor
  using ((select platform.my_operator_id()) is not null);
grant select on platform.operators to td_viewer, td_account_manager, td_operator, td_admin, td_auditor;

alter table platform.operator_tokens enable row level security;
alter table platform.operator_tokens force row level security;
create policy owner_all on platform.operator_tokens to td_owner using (true) with check (true);
create policy definer_all on platform.operator_tokens to td_definer using (true) with check (true);

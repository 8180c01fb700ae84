-- Quotas: what a plan allows, and what an operator set for one tenant instead. The gateways keep them; money is not their business.
set local role td_owner;

create table platform.plan_quotas (
  plan_id text not null references platform.plans (id),
  quota text not null check (quota in ('requests_per_minute', 'requests_per_day', 'tokens_per_minute', 'tokens_per_day', 'tokens_per_month',
    'concurrent_sessions')),
  limit_count bigint not null check (limit_count between 0 and 1000000000000),
  primary key (plan_id, quota)
);
comment on table platform.plan_quotas is 'No row: the plan sets no such limit. Tokens of one message stand in plans.max_tokens_per_message.';
insert into platform.plan_quotas (plan_id, quota, limit_count)
values ('free', 'requests_per_minute', 600), ('free', 'requests_per_day', 50000), ('free', 'tokens_per_day', 20000000),
  ('free', 'tokens_per_month', 200000000), ('free', 'concurrent_sessions', 500);
grant select on platform.plan_quotas
  to td_definer, td_gateway, td_tenant, td_viewer, td_account_manager, td_operator, td_admin, td_auditor;

create table platform.tenant_quotas (
  tenant_id uuid not null references platform.tenants (id),
  quota text not null check (quota in ('requests_per_minute', 'requests_per_day', 'tokens_per_minute', 'tokens_per_day', 'tokens_per_month',
    'max_tokens_per_message', 'concurrent_sessions')),
  follows text not null check (follows in ('plan', 'own')),
  limit_count bigint check (limit_count between 0 and 1000000000000),
  version integer not null default 1 check (version > 0),
  updated_at timestamptz not null,
  updated_by uuid references platform.operators (id),
  primary key (tenant_id, quota),
  constraint tenant_quotas_of_plans_have_no_limit check (follows = 'own' or limit_count is null),
  constraint tenant_quotas_bound_messages check (quota <> 'max_tokens_per_message' or follows = 'plan' or limit_count between 1 and 10000000)
);
comment on table platform.tenant_quotas is 'No row: the plan''s, and nobody ever changed it. A message always has a limit.';
comment on column platform.tenant_quotas.limit_count is 'Null with follows = own: no limit, whatever the plan says.';

call platform.protect('tenant_quotas', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', true, true, 'select, insert, update');

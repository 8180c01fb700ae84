-- What a tenant pays, what serving it costs besides AI, and the rates that bring both into one currency.
set local role td_owner;

-- Terms change with a calendar month, so each month of a tenant has one contract: the one with the latest valid_from that is not after
-- it, unless that one has ended. A later contract replaces an earlier one without touching it.
create table platform.contracts (
  tenant_id uuid not null references platform.tenants (id),
  id uuid not null default gen_random_uuid(),
  valid_from date not null check (valid_from = date_trunc('month', valid_from::timestamp)::date),
  valid_until date check (valid_until > valid_from
    and valid_until = (date_trunc('month', valid_until::timestamp) + interval '1 month' - interval '1 day')::date),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  retainer_minor bigint not null check (retainer_minor between 0 and 9000000000000000),
  included_ai_nanousd bigint check (included_ai_nanousd between 0 and 9000000000000000),
  overage_markup_bp integer check (overage_markup_bp between 0 and 100000),
  other_direct_cost_minor bigint not null check (other_direct_cost_minor between 0 and 9000000000000000),
  target_margin_bp integer not null check (target_margin_bp between 0 and 10000),
  version integer not null default 1 check (version > 0),
  updated_at timestamptz not null,
  updated_by uuid not null references platform.operators (id),
  primary key (tenant_id, id),
  unique (tenant_id, valid_from),
  constraint contracts_overage_is_whole check ((included_ai_nanousd is null) = (overage_markup_bp is null))
);
comment on column platform.contracts.valid_until is 'Last day of the month it ends with; null: until another one replaces it.';
comment on column platform.contracts.retainer_minor is 'A month, in minor units (paise, cents) of its currency; so is other_direct_cost_minor.';
comment on column platform.contracts.included_ai_nanousd is 'AI cost of a month above which the tenant pays for it, with the markup; null: the retainer covers all.';

create table platform.fx_rates (
  currency text not null check (currency ~ '^[A-Z]{3}$' and currency <> 'USD'),
  on_date date not null,
  usd_per_unit numeric not null check (usd_per_unit > 0 and usd_per_unit <= 1000000 and scale(usd_per_unit) <= 12),
  source text not null check (length(source) between 1 and 200),
  version integer not null default 1 check (version > 0),
  entered_at timestamptz not null,
  entered_by uuid not null references platform.operators (id),
  primary key (currency, on_date)
);
comment on table platform.fx_rates is
  'USD for one unit of the currency. A month uses the latest rate up to its last day (or today); rates of a month that is over never change.';

call platform.protect('contracts', '{td_account_manager,td_operator,td_admin,td_auditor}', false, false, 'select, insert, update');
grant select on platform.fx_rates to td_account_manager, td_operator, td_admin, td_auditor;
grant select, insert, update on platform.fx_rates to td_definer;

-- A month of all tenants is read without the rest of the year. Its columns never change, so updates stay in their page.
create index usage_monthly_month on platform.usage_monthly (month);

-- The rows themselves are the list of topics.
alter table platform.versions drop constraint if exists versions_topic_check;
insert into platform.versions (topic) values ('contracts');

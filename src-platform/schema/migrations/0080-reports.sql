-- Clients' reports: the brand they wear, what a workflow's work is worth to its client, and months of usage that also know provider,
-- price version, ledger rows and units.
set local role td_owner;

create table platform.brandings (
  tenant_id uuid primary key references platform.tenants (id),
  display_name text not null check (length(display_name) between 1 and 200),
  colour text not null check (colour ~ '^#[0-9a-f]{6}$'),
  logo bytea check (octet_length(logo) <= 65536),
  footer text not null check (length(footer) <= 300),
  locale text not null check (locale ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
  version integer not null default 1 check (version > 0),
  updated_at timestamptz not null,
  updated_by uuid not null references platform.operators (id)
);
comment on table platform.brandings is 'How a tenant''s reports look; a tenant without a row wears its name.';
comment on column platform.brandings.logo is 'PNG.';
comment on column platform.brandings.locale is 'How numbers and dates are written, such as en-IN.';

create table platform.workflow_values (
  tenant_id uuid not null,
  workflow_id uuid not null,
  unit text not null check (length(unit) between 1 and 60),
  minutes_saved numeric not null check (minutes_saved between 0 and 10000 and scale(minutes_saved) <= 2),
  hourly_worth_minor bigint not null check (hourly_worth_minor between 0 and 1000000000000),
  version integer not null default 1 check (version > 0),
  updated_at timestamptz not null,
  updated_by uuid not null references platform.operators (id),
  primary key (tenant_id, workflow_id),
  foreign key (tenant_id, workflow_id) references platform.workflows (tenant_id, id)
);
comment on table platform.workflow_values is 'What a unit of a workflow''s work spares its client. Facts that the client agreed to, not measured ones.';
comment on column platform.workflow_values.unit is 'For several: "leads scored".';
comment on column platform.workflow_values.hourly_worth_minor is 'Worth of an hour in minor units of the tenant''s currency.';

call platform.protect('brandings', '{td_account_manager,td_operator,td_admin,td_auditor}', false, false, 'select, insert, update');
call platform.protect('workflow_values', '{td_account_manager,td_operator,td_admin,td_auditor}', false, false, 'select, insert, update');

alter table platform.usage_monthly
  add column provider text,
  add column price_version integer,
  add column ledger_rows bigint not null default 0,
  add column units bigint not null default 0,
  drop constraint usage_monthly_tenant_id_month_workflow_id_model_key;
comment on column platform.usage_monthly.provider is 'Null: of a month whose ledger was taken out before this was counted; so are its rows and units 0.';
comment on column platform.usage_monthly.ledger_rows is 'Corrections included.';
comment on column platform.usage_monthly.units is 'What calls said they did; one for an answered call that said nothing.';

-- What is counted already gets the new columns from the ledger, where that still has the whole month.
with ledger as materialized (
  select u.tenant_id, date_trunc('month', timezone(t.time_zone, u.occurred_at))::date as month, u.workflow_id, u.model, u.provider, u.price_version,
    count(*) filter (where u.kind <> 'correction') as calls,
    count(*) filter (where u.kind <> 'correction' and u.outcome not in ('ok', 'client_closed')) as failed_calls,
    sum(u.input_tokens) as input_tokens, sum(u.cached_input_tokens) as cached_input_tokens, sum(u.output_tokens) as output_tokens,
    sum(u.reasoning_tokens) as reasoning_tokens, sum(u.cost_nanousd) as cost_nanousd, count(*) as ledger_rows,
    coalesce(sum(coalesce(u.units, 1)) filter (where u.kind <> 'correction' and u.outcome in ('ok', 'client_closed')), 0)
      + coalesce(sum(u.units) filter (where u.kind = 'correction'), 0) as units
  from platform.usage_records u join platform.tenants t on t.id = u.tenant_id
  group by 1, 2, 3, 4, 5, 6
), whole as materialized (
  select l.tenant_id, l.month from ledger l group by 1, 2
  having (sum(l.calls), sum(l.cost_nanousd)) = (
    select sum(m.calls), sum(m.cost_nanousd) from platform.usage_monthly m where m.tenant_id = l.tenant_id and m.month = l.month)
), counted_before as (
  delete from platform.usage_monthly m using whole w where w.tenant_id = m.tenant_id and w.month = m.month
)
insert into platform.usage_monthly (tenant_id, month, workflow_id, model, provider, price_version, calls, failed_calls, input_tokens,
  cached_input_tokens, output_tokens, reasoning_tokens, cost_nanousd, ledger_rows, units)
select l.tenant_id, l.month, l.workflow_id, l.model, l.provider, l.price_version, l.calls, l.failed_calls, l.input_tokens,
  l.cached_input_tokens, l.output_tokens, l.reasoning_tokens, l.cost_nanousd, l.ledger_rows, l.units
from ledger l join whole w using (tenant_id, month);

alter table platform.usage_monthly
  add constraint usage_monthly_is_one_row_a_price unique nulls not distinct (tenant_id, month, workflow_id, model, provider, price_version);

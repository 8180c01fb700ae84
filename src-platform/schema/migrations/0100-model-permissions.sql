-- Which models a client may ask for. The gateways keep it.
set local role td_owner;

create table platform.tenant_models (
  tenant_id uuid primary key references platform.tenants (id),
  models text[] check (cardinality(models) between 1 and 200 and array_position(models, null) is null),
  version integer not null default 1 check (version > 0),
  updated_at timestamptz not null,
  updated_by uuid references platform.operators (id)
);
comment on table platform.tenant_models is 'A client without a row may ask for every model that has a price.';
comment on column platform.tenant_models.models is 'Names of models, or beginnings of names with * behind them; null: all again.';

call platform.protect('tenant_models', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', true, true, 'select, insert, update');

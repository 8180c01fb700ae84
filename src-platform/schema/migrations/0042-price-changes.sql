-- Prices have batch rates, a source, and changes by people.
set local role td_owner;

alter table platform.model_prices
  add column batch_input_nanousd_per_mtok bigint check (batch_input_nanousd_per_mtok >= 0),
  add column batch_output_nanousd_per_mtok bigint check (batch_output_nanousd_per_mtok >= 0),
  add column source text not null default 'price list' check (length(source) between 1 and 200),
  add column created_by uuid references platform.operators (id),
  add column created_at timestamptz not null default now(),
  add constraint model_prices_have_both_batch_rates
    check ((batch_input_nanousd_per_mtok is null) = (batch_output_nanousd_per_mtok is null));
comment on column platform.model_prices.batch_input_nanousd_per_mtok is 'Null: the provider''s batch rates are not known, so no batch call can be bounded.';
comment on column platform.model_prices.created_by is 'Null: entered by npm run platform:prices.';
grant select, insert on platform.model_prices to td_definer;

-- What was charged by a version must be found in it for ever.
create trigger model_prices_append_only before update or delete on platform.model_prices
  for each row execute function platform.refuse_change();
create trigger model_prices_no_truncate before truncate on platform.model_prices
  for each statement execute function platform.refuse_change();

-- The price book: integer nano-USD for a million tokens. cost = ceil(sum of tokens × rate / 1,000,000), rounded once a call.
set local role td_owner;

create table platform.model_prices (
  provider text not null,
  model text not null,
  price_version integer not null check (price_version > 0),
  valid_from timestamptz not null,
  input_nanousd_per_mtok bigint not null check (input_nanousd_per_mtok >= 0),
  cached_input_nanousd_per_mtok bigint not null check (cached_input_nanousd_per_mtok >= 0),
  cache_write_nanousd_per_mtok bigint not null check (cache_write_nanousd_per_mtok >= 0),
  output_nanousd_per_mtok bigint not null check (output_nanousd_per_mtok >= 0),
  reasoning_nanousd_per_mtok bigint not null check (reasoning_nanousd_per_mtok >= 0),
  long_context_tokens bigint check (long_context_tokens > 0),
  long_context_input_nanousd_per_mtok bigint check (long_context_input_nanousd_per_mtok >= 0),
  long_context_output_nanousd_per_mtok bigint check (long_context_output_nanousd_per_mtok >= 0),
  max_output_tokens integer check (max_output_tokens > 0),
  primary key (provider, model, price_version),
  check ((long_context_tokens is null) = (long_context_input_nanousd_per_mtok is null)
     and (long_context_tokens is null) = (long_context_output_nanousd_per_mtok is null))
);
comment on table platform.model_prices is 'The row of a model with the latest valid_from that has passed (then the highest version) is in force.';
comment on column platform.model_prices.long_context_tokens is 'A call with more input tokens than this pays the long-context rates for all of them.';
grant select on platform.model_prices
  to td_gateway, td_viewer, td_account_manager, td_operator, td_admin, td_auditor;

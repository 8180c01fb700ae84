-- Rates for what is written to a provider's cache for an hour and for the cache in a long context; which provider is asked first, and in which
-- wire formats.
set local role td_owner;

alter table platform.model_prices
  add column cache_write_1h_nanousd_per_mtok bigint check (cache_write_1h_nanousd_per_mtok >= 0),
  add column long_context_cached_input_nanousd_per_mtok bigint check (long_context_cached_input_nanousd_per_mtok >= 0),
  add column long_context_cache_write_nanousd_per_mtok bigint check (long_context_cache_write_nanousd_per_mtok >= 0),
  add column long_context_cache_write_1h_nanousd_per_mtok bigint check (long_context_cache_write_1h_nanousd_per_mtok >= 0),
  add constraint model_prices_have_a_border_for_long_rates check (long_context_tokens is not null
    or (long_context_cached_input_nanousd_per_mtok is null and long_context_cache_write_nanousd_per_mtok is null
      and long_context_cache_write_1h_nanousd_per_mtok is null));
comment on column platform.model_prices.cache_write_1h_nanousd_per_mtok is 'Null: not known, so a call that asks for an hour is refused.';
comment on column platform.model_prices.long_context_cached_input_nanousd_per_mtok is 'Null: as below the border; so are the other rates of the cache.';

alter table platform.providers
  add column rank integer not null default 0,
  add column speaks text[] check (speaks <@ '{openai,anthropic}' and cardinality(speaks) > 0);
comment on column platform.providers.rank is 'Of the providers that sell a model the lowest is asked first; the others are fallbacks in their order.';
comment on column platform.providers.speaks is 'Families of wire formats it takes; null: all may be tried.';

-- A new version of a model's price. Calls admitted before it keep the version and the cost they were charged by; a gateway takes the new one
-- within a second.
--
-- p_rates, in nano-USD for a million tokens: {"input","output", "cachedInput","cacheWrite" (else as input), "reasoning" (else as output),
--   "cacheWrite1h" (else calls that ask for it are refused), "longContextTokens" with "longContextInput" and "longContextOutput" and, else as
--   below the border, "longContextCachedInput", "longContextCacheWrite", "longContextCacheWrite1h"; "batchInput" with "batchOutput",
--   "maxOutputTokens"}
-- p_valid_from: null = now; never in the past. p_expected_version: the newest version there is; 0: the model has no price.
-- → {"provider","model","version","validFrom","auditId"}; the same idempotency key again gets the first answer.
-- TD400 bad input, TD403 not an admin, TD409 somebody else set a price, DETAIL {"currentVersion"}, TD422 the key was used for another change.
create or replace function platform.set_model_price(
  p_provider text, p_model text, p_rates jsonb, p_valid_from timestamptz, p_expected_version integer, p_idempotency_key uuid, p_reason text default null
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.my_operator();
  v_first jsonb;
  v_now timestamptz := clock_timestamp();
  v_field record;
  v_before platform.model_prices;
  v_new platform.model_prices;
  v_audit platform.audit_log;
begin
  if v_me.role is distinct from 'admin' then
    raise exception 'Only an admin sets prices.' using errcode = 'TD403';
  elsif coalesce(length(p_provider), 0) not between 1 and 100 or coalesce(length(p_model), 0) not between 1 and 200
      or p_expected_version is null or p_idempotency_key is null or jsonb_typeof(p_rates) is distinct from 'object' then
    raise exception 'A price names its provider, its model, its rates, the version before and its own key.' using errcode = 'TD400';
  elsif length(p_reason) > 500 then
    raise exception 'A reason has at most 500 characters.' using errcode = 'TD400';
  elsif p_valid_from < v_now - interval '5 seconds' then
    raise exception 'A price is valid from now or later: what was charged stays charged.' using errcode = 'TD400';
  end if;
  for v_field in select * from jsonb_each(p_rates) f(name, value) loop
    if v_field.name <> all ('{input,cachedInput,cacheWrite,cacheWrite1h,output,reasoning,longContextTokens,longContextInput,longContextOutput,longContextCachedInput,longContextCacheWrite,longContextCacheWrite1h,batchInput,batchOutput,maxOutputTokens}') then
      raise exception 'A price has no rate "%".', v_field.name using errcode = 'TD400';
    elsif jsonb_typeof(v_field.value) <> 'number' or v_field.value::text !~ '^\d{1,16}$' or v_field.value::bigint > 9000000000000000 then
      raise exception '% has to be a whole number of nano-USD for a million tokens, from 0 to 9 million USD.', v_field.name using errcode = 'TD400';
    end if;
  end loop;
  if not (p_rates ? 'input' and p_rates ? 'output') then
    raise exception 'A price has at least the rates input and output.' using errcode = 'TD400';
  elsif (p_rates ? 'longContextTokens') <> (p_rates ? 'longContextInput') or (p_rates ? 'longContextTokens') <> (p_rates ? 'longContextOutput') then
    raise exception 'Long context is a border and two rates: longContextTokens, longContextInput, longContextOutput.' using errcode = 'TD400';
  elsif not p_rates ? 'longContextTokens' and p_rates ?| '{longContextCachedInput,longContextCacheWrite,longContextCacheWrite1h}' then
    raise exception 'Rates of a long context need its border: longContextTokens.' using errcode = 'TD400';
  elsif (p_rates ? 'batchInput') <> (p_rates ? 'batchOutput') then
    raise exception 'Batch calls have two rates: batchInput and batchOutput.' using errcode = 'TD400';
  elsif (p_rates ->> 'longContextTokens')::bigint = 0 or (p_rates ->> 'maxOutputTokens')::bigint not between 1 and 2147483647 then
    raise exception 'longContextTokens and maxOutputTokens are numbers of tokens from 1 on.' using errcode = 'TD400';
  end if;
  v_first := platform.first_answer(v_me.id, p_idempotency_key, 'set_model_price',
    jsonb_build_array(p_provider, p_model, p_rates, p_valid_from, p_expected_version, p_reason));
  if v_first is not null then
    return v_first;
  end if;

  -- The model may have no row to lock.
  perform pg_advisory_xact_lock(hashtextextended('platform.model_prices ' || p_provider || ' ' || p_model, 0));
  select * into v_before from platform.model_prices m where m.provider = p_provider and m.model = p_model order by m.price_version desc limit 1;
  if coalesce(v_before.price_version, 0) <> p_expected_version then
    raise exception 'The price of % was changed meanwhile: it is at version % now. Look at it again.', p_model, coalesce(v_before.price_version, 0)
      using errcode = 'TD409', detail = jsonb_build_object('currentVersion', coalesce(v_before.price_version, 0))::text;
  end if;
  insert into platform.model_prices (provider, model, price_version, valid_from, input_nanousd_per_mtok, cached_input_nanousd_per_mtok,
    cache_write_nanousd_per_mtok, output_nanousd_per_mtok, reasoning_nanousd_per_mtok, long_context_tokens,
    long_context_input_nanousd_per_mtok, long_context_output_nanousd_per_mtok, batch_input_nanousd_per_mtok,
    batch_output_nanousd_per_mtok, cache_write_1h_nanousd_per_mtok, long_context_cached_input_nanousd_per_mtok,
    long_context_cache_write_nanousd_per_mtok, long_context_cache_write_1h_nanousd_per_mtok, max_output_tokens, source, created_by, created_at)
  select p_provider, p_model, p_expected_version + 1, greatest(p_valid_from, v_now), r.input, coalesce(r."cachedInput", r.input), coalesce(r."cacheWrite", r.input),
    r.output, coalesce(r.reasoning, r.output), r."longContextTokens", r."longContextInput", r."longContextOutput", r."batchInput",
    r."batchOutput", r."cacheWrite1h", r."longContextCachedInput", r."longContextCacheWrite", r."longContextCacheWrite1h", coalesce(r."maxOutputTokens", v_before.max_output_tokens), 'operator', v_me.id, v_now
  from jsonb_to_record(p_rates) r(input bigint, "cachedInput" bigint, "cacheWrite" bigint, output bigint, reasoning bigint,
    "longContextTokens" bigint, "longContextInput" bigint, "longContextOutput" bigint, "batchInput" bigint, "batchOutput" bigint,
    "maxOutputTokens" integer, "cacheWrite1h" bigint, "longContextCachedInput" bigint, "longContextCacheWrite" bigint,
    "longContextCacheWrite1h" bigint)
  returning * into v_new;
  v_audit := platform.audit_append('00000000-0000-0000-0000-000000000000', v_me.id, v_me.login, 'price.set', 'model:' || p_provider || '/' || p_model,
    case when v_before.model is not null then to_jsonb(v_before) - '{created_by,created_at,source}'::text[] end, to_jsonb(v_new) - '{created_by,created_at,source}'::text[], p_reason);
  return platform.keep_answer(v_me.id, p_idempotency_key, 'prices', null,
    jsonb_build_object('provider', p_provider, 'model', p_model, 'version', v_new.price_version, 'validFrom', v_new.valid_from,
      'auditId', v_audit.id));
end
$$;

grant execute on function platform.set_model_price(text, text, jsonb, timestamptz, integer, uuid, text)
  to td_admin;

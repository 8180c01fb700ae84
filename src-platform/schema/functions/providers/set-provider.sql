-- Registers a provider, or changes it. Gateways obey at once; calls that are open go on to where they went.
--   p_credential: sealed under the gateways' key (AES-256-GCM, nonce(12) | ciphertext | tag(16)); null: as it is. What it seals never comes here
--   p_speaks: families of wire formats it takes, of openai and anthropic; null: all may be tried
--   p_expected_version: 0 = it is new
-- → {"provider","version","pricedModels":n,"auditId"}. TD400 bad input, TD403 not an administrator, TD409 changed meanwhile, DETAIL {"currentVersion"}.
create or replace function platform.set_provider(
  p_id text, p_base_url text, p_credential bytea, p_rank integer, p_speaks text[], p_expected_version integer, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_by record := platform.administrator();
  v_old platform.providers;
  v_new platform.providers;
  v_audit platform.audit_log;
begin
  if coalesce(p_id, '') !~ '^[a-z0-9][a-z0-9._-]{0,62}$' then
    raise exception 'A provider''s name is 1 to 63 small letters, digits and . _ -: the name that its prices have.' using errcode = 'TD400';
  elsif coalesce(p_base_url, '') !~ '^https?://[^[:space:]@?#]+$' or length(p_base_url) > 400 then
    raise exception 'A base URL begins with https://, and has no user, query or blank.' using errcode = 'TD400';
  elsif octet_length(p_credential) < 29 then
    raise exception 'A credential comes sealed.' using errcode = 'TD400';
  elsif p_rank is null or p_rank not between 0 and 1000 then
    raise exception 'A rank is 0 to 1000; the lowest is asked first.' using errcode = 'TD400';
  elsif p_speaks is not null and not (p_speaks <@ '{openai,anthropic}' and cardinality(p_speaks) > 0) then
    raise exception 'A provider speaks openai, anthropic or both.' using errcode = 'TD400';
  elsif p_expected_version is null then
    raise exception 'A change names the version it was made from; 0 for a new provider.' using errcode = 'TD400';
  elsif length(p_reason) > 500 then
    raise exception 'A reason has at most 500 characters.' using errcode = 'TD400';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('platform.providers ' || p_id, 0));
  select * into v_old from platform.providers p where p.id = p_id for update;
  if coalesce(v_old.version, 0) <> p_expected_version then
    raise exception '%', case when p_expected_version = 0 then format('There is a provider %s already: change it.', p_id)
                              else format('The provider %s was changed meanwhile. Look at it again.', p_id) end
      using errcode = 'TD409', detail = jsonb_build_object('currentVersion', coalesce(v_old.version, 0))::text;
  elsif v_old.id is null and p_credential is null then
    raise exception 'A new provider has a credential.' using errcode = 'TD400';
  end if;
  insert into platform.providers as p (id, base_url, credential_ciphertext, rank, speaks, updated_at)
  values (p_id, p_base_url, coalesce(p_credential, v_old.credential_ciphertext), p_rank, p_speaks, clock_timestamp())
  on conflict (id) do update set base_url = excluded.base_url, credential_ciphertext = excluded.credential_ciphertext, rank = excluded.rank,
    speaks = excluded.speaks, version = p.version + 1, updated_at = excluded.updated_at
  returning * into v_new;
  v_audit := platform.audit_append('00000000-0000-0000-0000-000000000000', v_by.operator_id, v_by.login, 'provider.set', 'provider:' || p_id,
    case when v_old.id is not null then platform.describe_provider(v_old) end,
    platform.describe_provider(v_new) || jsonb_build_object('newCredential', p_credential is not null), p_reason);
  perform platform.announce('providers', null);
  return jsonb_build_object('provider', p_id, 'version', v_new.version, 'auditId', v_audit.id,
    'pricedModels', (select count(distinct m.model) from platform.model_prices m where m.provider = p_id and m.valid_from <= now()));
end
$$;

-- Takes a provider out of use, or into it again.
-- → {"provider","version","auditId"}. TD400 it is so already, TD403, TD404, TD409 changed meanwhile, DETAIL {"currentVersion"}.
create or replace function platform.set_provider_status(p_id text, p_active boolean, p_expected_version integer, p_reason text) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_by record := platform.administrator();
  v_old platform.providers;
  v_new platform.providers;
  v_audit platform.audit_log;
begin
  if length(p_reason) > 500 then
    raise exception 'A reason has at most 500 characters.' using errcode = 'TD400';
  end if;
  select * into v_old from platform.providers p where p.id = p_id for update;
  if not found then
    raise exception 'There is no provider "%".', left(p_id, 63) using errcode = 'TD404';
  elsif v_old.version is distinct from p_expected_version then
    raise exception 'The provider % was changed meanwhile. Look at it again.', p_id
      using errcode = 'TD409', detail = jsonb_build_object('currentVersion', v_old.version)::text;
  elsif p_active is null or (v_old.disabled_at is null) = p_active then
    raise exception '% is % already.', p_id, case when p_active then 'in use' else 'out of use' end using errcode = 'TD400';
  end if;
  update platform.providers p set disabled_at = case when p_active then null else clock_timestamp() end, version = p.version + 1,
    updated_at = clock_timestamp()
  where p.id = p_id returning * into v_new;
  v_audit := platform.audit_append('00000000-0000-0000-0000-000000000000', v_by.operator_id, v_by.login,
    case when p_active then 'provider.enable' else 'provider.disable' end, 'provider:' || p_id,
    jsonb_build_object('active', not p_active, 'version', v_old.version), jsonb_build_object('active', p_active, 'version', v_new.version), p_reason);
  perform platform.announce('providers', null);
  return jsonb_build_object('provider', p_id, 'version', v_new.version, 'auditId', v_audit.id);
end
$$;

-- As it may be told: without its credential.
create or replace function platform.describe_provider(p_provider platform.providers) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('baseUrl', p_provider.base_url, 'rank', p_provider.rank, 'speaks', p_provider.speaks, 'version', p_provider.version)
$$;

grant execute on function platform.set_provider(text, text, bytea, integer, text[], integer, text),
  platform.set_provider_status(text, boolean, integer, text)
  to td_owner, td_admin;

-- How a client's reports look.
-- p_branding {"displayName","colour":"#rrggbb","logo":base64 of a PNG|null,"footer","locale"}
-- p_expected_version: null: it has none yet.
--
-- → {"tenantId","version","auditId","changedAt"}. TD400 bad input, TD403 not an admin, TD404 no such client, TD409 somebody else changed it (DETAIL
-- {"currentVersion","changedBy","changedAt"}), TD422 the key was used for another change.
create or replace function platform.set_branding(
  p_tenant uuid, p_branding jsonb, p_expected_version integer, p_idempotency_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.operator_for_tenant(p_tenant,
    p_idempotency_key is not null and jsonb_typeof(p_branding) is not distinct from 'object', p_reason, '{admin}');
  v_first jsonb := platform.first_answer(v_me.id, p_idempotency_key, 'set_branding',
    jsonb_build_array(p_tenant, p_branding, p_expected_version, p_reason));
  v_brand platform.brandings;
  v_before platform.brandings;
  v_audit platform.audit_log;
begin
  if v_first is not null then
    return v_first;
  end if;
  v_brand.tenant_id := p_tenant;
  v_brand.display_name := platform.clean_name('The name on reports', p_branding ->> 'displayName');
  v_brand.colour := lower(p_branding ->> 'colour');
  v_brand.footer := coalesce(btrim(p_branding ->> 'footer'), '');
  v_brand.locale := p_branding ->> 'locale';
  v_brand.logo := platform.png_of(p_branding ->> 'logo');
  if v_brand.colour is null or v_brand.colour !~ '^#[0-9a-f]{6}$' then
    raise exception 'A colour is a hash sign and six hexadecimal digits, such as #1f4f8f.' using errcode = 'TD400';
  elsif v_brand.locale is null or v_brand.locale !~ '^[a-z]{2,3}(-[A-Z]{2})?$' then
    raise exception 'A locale is a language, and a country if wanted, such as en-IN.' using errcode = 'TD400';
  elsif length(v_brand.footer) > 300 or v_brand.footer ~ '[\u0001-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069\uFFFE\uFFFF]' then
    raise exception 'A footer is one line of at most 300 characters that can be seen.' using errcode = 'TD400';
  end if;
  perform platform.lock_tenant(p_tenant);
  select * into v_before from platform.brandings b where b.tenant_id = p_tenant for no key update;
  if v_before.version is distinct from p_expected_version then
    raise exception 'The branding was changed meanwhile. Look at it again.'
      using errcode = 'TD409', detail = jsonb_build_object('currentVersion', v_before.version,
        'changedBy', (select o.login from platform.operators o where o.id = v_before.updated_by), 'changedAt', v_before.updated_at)::text;
  end if;
  v_brand.version := coalesce(v_before.version, 0) + 1;
  v_brand.updated_at := greatest(clock_timestamp(), v_before.updated_at);
  v_brand.updated_by := v_me.id;
  insert into platform.brandings select v_brand.*
  on conflict (tenant_id) do update set (display_name, colour, logo, footer, locale, version, updated_at, updated_by) = (excluded.display_name,
    excluded.colour, excluded.logo, excluded.footer, excluded.locale, excluded.version, excluded.updated_at, excluded.updated_by);
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'branding.set', 'tenant:' || p_tenant, platform.branding_facts(v_before),
    platform.branding_facts(v_brand), p_reason);
  return platform.keep_answer(v_me.id, p_idempotency_key, 'contracts', p_tenant,
    jsonb_build_object('tenantId', p_tenant, 'version', v_brand.version, 'auditId', v_audit.id, 'changedAt', v_brand.updated_at));
end
$$;

-- A PNG of at most 64 KB and 1,024 pixels a side from its base64; null for none. TD400
create or replace function platform.png_of(p_base64 text) returns bytea
language plpgsql immutable set search_path = '' as $$
declare
  v_png bytea;
begin
  if p_base64 is null then
    return null;
  end if;
  begin
    v_png := decode(p_base64, 'base64');
  exception when data_exception then
    v_png := '';
  end;
  if octet_length(v_png) not between 57 and 65536 or substr(v_png, 1, 16) <> '\x89504e470d0a1a0a0000000d49484452'
    or substr(v_png, octet_length(v_png) - 7, 8) <> '\x49454e44ae426082' then
    raise exception 'A logo is a PNG of at most 64 KB.' using errcode = 'TD400';
  elsif ('x' || encode(substr(v_png, 17, 4), 'hex'))::bit(32)::integer not between 1 and 1024
    or ('x' || encode(substr(v_png, 21, 4), 'hex'))::bit(32)::integer not between 1 and 1024 then
    raise exception 'A logo has at most 1,024 pixels a side.' using errcode = 'TD400';
  end if;
  return v_png;
end
$$;

-- A branding for the audit log: the logo by its digest. Null for none.
create or replace function platform.branding_facts(p_branding platform.brandings) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('displayName', p_branding.display_name, 'colour', p_branding.colour, 'footer', p_branding.footer,
    'locale', p_branding.locale, 'logoSha256', encode(sha256(p_branding.logo), 'hex'), 'version', p_branding.version)
  where p_branding.version is not null
$$;

grant execute on function platform.set_branding(uuid, jsonb, integer, uuid, text) to td_admin;

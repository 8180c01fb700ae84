-- A key with its first secret, under the lock of its tenant (or in the transaction that makes the tenant). Of the secret only the
-- digest comes here, and as much of its text as may be shown. TD400, TD409 the name or the secret is taken
create or replace function platform.add_key(
  p_me platform.operators, p_tenant uuid, p_name text, p_digest text, p_prefix text, p_last4 text, p_workflow uuid
) returns platform.api_keys
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_name text := platform.clean_name('A key''s name', p_name);
  v_digest bytea := platform.clean_secret(p_digest, p_prefix, p_last4);
  v_key platform.api_keys;
begin
  if exists (select from platform.api_keys k
             where k.tenant_id = p_tenant and k.revoked_at is null and platform.same_name(k.name) = platform.same_name(v_name)) then
    raise exception 'This client has a key named % already. Take another name, or revoke that one first.', v_name using errcode = 'TD409';
  elsif p_workflow is not null and not exists (select from platform.workflows w where w.tenant_id = p_tenant and w.id = p_workflow) then
    raise exception 'This client has no such workflow.' using errcode = 'TD404';
  end if;
  insert into platform.api_keys (tenant_id, name, prefix, last4, default_workflow_id, created_by)
  values (p_tenant, v_name, p_prefix, p_last4, p_workflow, p_me.id) returning * into v_key;
  insert into platform.api_key_secrets (tenant_id, digest, key_id) values (p_tenant, v_digest, v_key.id);
  return v_key;
end
$$;

-- The digest of a new secret. TD400 it is none; TD409 it is in use: a secret that is known to two is known to one too many.
create or replace function platform.clean_secret(p_digest text, p_prefix text, p_last4 text) returns bytea
language plpgsql stable security definer set search_path = '' as $$
begin
  if coalesce(p_digest, '') !~ '^[0-9a-f]{64}$' or coalesce(p_prefix, '') !~ '^td_[A-Za-z0-9_-]{4}$' or coalesce(p_last4, '') !~ '^[A-Za-z0-9_-]{4}$' then
    raise exception 'A secret comes as its SHA-256 digest, with "td_" and the first four characters, and the last four.' using errcode = 'TD400';
  elsif exists (select from platform.api_key_secrets s where s.digest = decode(p_digest, 'hex')) then
    raise exception 'This secret is in use already. Make another one.' using errcode = 'TD409';
  end if;
  return decode(p_digest, 'hex');
end
$$;

-- When each key was used last, from a batch of ledger records; written at most once a minute a key. Under the lock of the tenants.
create or replace function platform.note_key_use(p_records jsonb) returns void
language sql volatile security definer set search_path = '' as $$
  update platform.api_keys k set last_used_at = u.at
  from (
    select r.tenant_id, r.key_id, max(r.occurred_at) as at
    from jsonb_to_recordset(p_records) r(tenant_id uuid, key_id uuid, occurred_at timestamptz)
    where r.key_id is not null group by 1, 2
  ) u
  where k.tenant_id = u.tenant_id and k.id = u.key_id and coalesce(u.at > k.last_used_at + interval '1 minute', true)
$$;

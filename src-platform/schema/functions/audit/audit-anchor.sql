-- Links the chains: writes the heads of the tenants' chains that moved into the platform's chain, as one entry
-- {"heads": {"<tenant>": [seq, "<hash in hex>"], …}}. A tenant's chain can't be rewritten or cut below its anchor then without
-- rewriting the platform's chain too, whose head others remember.
--
-- Gateways call it with their heartbeat; it writes once in p_every at most, and nothing while nothing moved. It reads the heads as
-- they are committed and locks none but the platform's: no tenant's append ever waits for it, or for another tenant's. A link in each
-- append would need the platform's head locked until that transaction ends, one tenant after the other. What is newer
-- than the last anchor is held by its own head alone, and by whoever saw it. 1,000 heads at most go into one entry, the
-- longest waiting first.
-- → how many heads were written.
create or replace function platform.audit_anchor(p_every interval default '1 minute') returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_heads jsonb;
  v_tenants uuid[];
  v_seqs bigint[];
begin
  -- One at a time; whoever comes second has nothing to add.
  if not pg_try_advisory_xact_lock(hashtext('platform.audit_anchor'))
     or exists (select from platform.audit_anchors a where a.at > clock_timestamp() - p_every) then
    return 0;
  end if;
  select jsonb_object_agg(m.tenant_id, jsonb_build_array(m.seq, encode(m.hash, 'hex'))), array_agg(m.tenant_id), array_agg(m.seq)
  into v_heads, v_tenants, v_seqs
  from (
    select h.tenant_id, h.seq, h.hash
    from platform.audit_heads h left join platform.audit_anchors a on a.tenant_id = h.tenant_id
    where h.tenant_id <> '00000000-0000-0000-0000-000000000000' and h.seq > coalesce(a.seq, 0)
    order by a.at nulls first, h.tenant_id limit 1000
  ) m;
  if v_heads is null then
    return 0;
  end if;
  -- A heartbeat waits for nobody: while somebody writes to the platform's chain, the next one does this.
  perform from platform.audit_heads h where h.tenant_id = '00000000-0000-0000-0000-000000000000' for update skip locked;
  if not found and exists (select from platform.audit_heads h where h.tenant_id = '00000000-0000-0000-0000-000000000000') then
    return 0;
  end if;
  perform platform.audit_append('00000000-0000-0000-0000-000000000000', null, 'platform', 'audit.anchor', null, null,
    jsonb_build_object('heads', v_heads), null);
  insert into platform.audit_anchors as a (tenant_id, seq, at)
  select m.tenant_id, m.seq, clock_timestamp() from unnest(v_tenants, v_seqs) m(tenant_id, seq)
  on conflict (tenant_id) do update set seq = excluded.seq, at = excluded.at;
  return cardinality(v_tenants);
end
$$;

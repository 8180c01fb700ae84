-- Reads a whole chain again. ok = false: first_bad_seq is the first row that does not follow from the one before it; when the
-- rows agree but the head does not (rows cut off the end), it is the row after the last.
create or replace function platform.audit_verify(p_tenant uuid) returns table (ok boolean, first_bad_seq bigint, rows bigint)
language plpgsql stable security definer set search_path = '' as $$
declare
  v_bad bigint;
  v_rows bigint;
  v_head platform.audit_heads;
begin
  if not (platform.sees_all_tenants() or p_tenant = any (platform.my_tenants())) then
    raise exception 'There is no such audit chain.' using errcode = 'TD404';
  end if;
  select min(c.seq) filter (where c.seq <> c.expected_seq or c.prev_hash <> c.expected_prev or c.hash <> c.expected_hash), count(*)
  into v_bad, v_rows
  from (
    select l.seq, l.prev_hash, l.hash, row_number() over w as expected_seq, platform.audit_hash(l) as expected_hash,
           coalesce(lag(l.hash) over w, sha256(convert_to(p_tenant::text, 'UTF8'))) as expected_prev
    from platform.audit_log l where l.tenant_id = p_tenant window w as (order by l.seq)
  ) c;
  select * into v_head from platform.audit_heads where tenant_id = p_tenant;
  if v_bad is null and (coalesce(v_head.seq, 0) <> v_rows or (v_rows > 0 and v_head.hash <>
      (select l.hash from platform.audit_log l where l.tenant_id = p_tenant order by l.seq desc limit 1))) then
    v_bad := v_rows + 1;
  end if;
  return query select v_bad is null, v_bad, v_rows;
end
$$;

grant execute on function platform.audit_verify(uuid)
  to td_auditor, td_admin;

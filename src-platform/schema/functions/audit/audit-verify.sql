-- What is wrong with an entry that does not fit: p_row stands at place p_row.seq = p_expected, the entries before it are sound, and it
-- or the one before it is not what it should be. A guess by what still fits, so that a person knows where to look.
create or replace function platform.audit_diagnose(p_row platform.audit_log) returns table (bad_seq bigint, what text)
language plpgsql stable security definer set search_path = '' as $$
declare
  v_place bigint := p_row.seq;
  v_genesis bytea := sha256(convert_to(p_row.tenant_id::text, 'UTF8'));
  v_before bytea; -- hash of the entry two places before: what this one would follow if the one between was put in
  v_follows bigint; -- where the entry stands that this one was written after
  v_written bigint; -- the place this entry was written for
  v_next platform.audit_log;
begin
  select coalesce((select l.hash from platform.audit_log l where l.tenant_id = p_row.tenant_id and l.seq = v_place - 2), v_genesis)
  into v_before;
  if platform.audit_hash(p_row) = p_row.hash then
    -- Sound in itself, so the one before it was put in or changed together with its hash.
    return query select greatest(v_place - 1, 1),
      case when v_place > 1 and p_row.prev_hash = v_before then 'inserted' else 'edited' end;
    return;
  end if;
  select l.seq into v_follows from platform.audit_log l where l.tenant_id = p_row.tenant_id and l.hash = p_row.prev_hash
  order by l.seq limit 1;
  select s.seq into v_written
  from (select generate_series(greatest(v_place - 1000, 1), v_place + 1000) as seq union select v_follows + 1) s
  where platform.audit_hash(row(p_row.tenant_id, s.seq, p_row.id, p_row.at, p_row.operator_id, p_row.login, p_row.action, p_row.target,
    p_row.before, p_row.after, p_row.reason, p_row.prev_hash, p_row.hash)::platform.audit_log) = p_row.hash
  limit 1;
  if v_written < v_place then
    return query select v_written, 'inserted';
  elsif v_written > v_place then
    return query select v_place, case when v_follows is null then 'missing' else 'order' end;
  else
    select * into v_next from platform.audit_log l where l.tenant_id = p_row.tenant_id and l.seq = v_place + 1;
    v_next.seq := v_place;
    v_before := coalesce((select l.hash from platform.audit_log l where l.tenant_id = p_row.tenant_id and l.seq = v_place - 1), v_genesis);
    return query select v_place,
      case when v_next.prev_hash = v_before and platform.audit_hash(v_next) = v_next.hash
             or v_place > (select h.seq from platform.audit_heads h where h.tenant_id = p_row.tenant_id)
           then 'inserted' else 'edited' end;
  end if;
end
$$;

-- Reads a whole chain again (nil uuid: the platform's) and names the first entry that is not as it was written:
--   edited     its fields are not those its hash was made of, or the entry after it was written after another one
--   missing    it is not there, entries after it are
--   order      another entry stands in its place
--   inserted   it was put in later
--   cut        it and all after it are not there: the head or an anchor in the platform's chain knows of them
--   head       the chain's head is not there
--   rewritten  the chain fits, but was another when it was anchored in the platform's chain
-- Who rewrites all chains and heads is found only by who remembers them: consoles do. TD404 none of this operator's chains.
create or replace function platform.audit_verify(p_tenant uuid)
returns table (ok boolean, first_bad_seq bigint, what text, rows bigint)
language plpgsql stable security definer set search_path = '' as $$
declare
  v_genesis bytea := sha256(convert_to(p_tenant::text, 'UTF8'));
  v_rows bigint;
  v_bad_place bigint;
  v_what text;
  v_bad platform.audit_log;
  v_last platform.audit_log;
  v_head platform.audit_heads;
begin
  if not (platform.sees_all_tenants() or p_tenant = any (platform.my_tenants())) then
    raise exception 'There is no such audit chain among yours.' using errcode = 'TD404';
  end if;
  select count(*), min(c.place) filter (where c.seq <> c.place or c.prev_hash <> c.expected_prev or not c.intact)
  into v_rows, v_bad_place
  from (
    select l.seq, l.prev_hash, row_number() over w as place, platform.audit_hash(l) = l.hash as intact,
           coalesce(lag(l.hash) over w, v_genesis) as expected_prev
    from platform.audit_log l where l.tenant_id = p_tenant window w as (order by l.seq)
  ) c;
  if v_bad_place is not null then
    select * into v_bad from platform.audit_log l where l.tenant_id = p_tenant and l.seq = v_bad_place;
    if found then
      return query select false, d.bad_seq, d.what, v_rows from platform.audit_diagnose(v_bad) d;
    else
      return query select false, v_bad_place, 'missing', v_rows;
    end if;
    return;
  end if;

  select * into v_last from platform.audit_log l where l.tenant_id = p_tenant order by l.seq desc limit 1;
  select * into v_head from platform.audit_heads h where h.tenant_id = p_tenant;
  v_what := case when v_head.seq is null and v_rows > 0 then 'head' when v_head.seq > v_rows then 'cut'
                 when v_head.seq < v_rows then 'inserted' when v_head.hash <> v_last.hash then 'edited' end;
  if v_what is not null then
    return query select false, case v_what when 'cut' then v_rows + 1 when 'inserted' then v_head.seq + 1 else v_rows end, v_what, v_rows;
    return;
  end if;
  select case when l.seq is null then v_rows + 1 else x.seq end, case when l.seq is null then 'cut' else 'rewritten' end
  into v_bad_place, v_what
  from platform.audit_log p
  cross join lateral (select (p.after #>> array['heads', p_tenant::text, '0'])::bigint as seq,
                             decode(p.after #>> array['heads', p_tenant::text, '1'], 'hex') as hash) x
  left join platform.audit_log l on l.tenant_id = p_tenant and l.seq = x.seq
  where p.tenant_id = '00000000-0000-0000-0000-000000000000' and p.action = 'audit.anchor' and x.seq is not null
    and l.hash is distinct from x.hash
  order by x.seq limit 1;
  return query select v_bad_place is null, v_bad_place, v_what, v_rows;
end
$$;

grant execute on function platform.audit_verify(uuid)
  to td_account_manager, td_operator, td_admin, td_auditor;

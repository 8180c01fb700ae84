-- The audit log: one hash chain a tenant, one for the platform (nil uuid).
--
-- A row's hash covers its fields and the hash before it, so a changed, removed or inserted row shows. Rows are appended under a lock on
-- the chain's head: without it two writers take the same predecessor and the chain forks.
set local role td_owner;

create table platform.audit_log (
  tenant_id uuid not null,
  seq bigint not null,
  id bigint not null generated always as identity,
  at timestamptz not null,
  operator_id uuid references platform.operators (id),
  login text not null,
  action text not null,
  target text,
  before jsonb,
  after jsonb,
  reason text,
  prev_hash bytea not null,
  hash bytea not null,
  primary key (tenant_id, seq)
);
comment on table platform.audit_log is 'What operators and the system did. Calls are not here: the ledger is their record. Never a secret.';
create index audit_log_newest on platform.audit_log (id desc);

create table platform.audit_heads (
  tenant_id uuid primary key,
  seq bigint not null,
  hash bytea not null
);

create table platform.idempotency_keys (
  operator_id uuid not null references platform.operators (id),
  key uuid not null,
  function text not null,
  parameters_digest bytea not null,
  result jsonb,
  at timestamptz not null default now(),
  primary key (operator_id, key)
);
comment on table platform.idempotency_keys is 'The first answer to each change an operator asked for; the same key again gets it, with other parameters an error.';

call platform.protect('audit_log', '{td_account_manager,td_operator,td_admin,td_auditor}', false, false, 'select, insert');
call platform.protect('audit_heads', '{td_account_manager,td_operator,td_admin,td_auditor}', false, false, 'select, insert, update');
alter table platform.idempotency_keys enable row level security;
alter table platform.idempotency_keys force row level security;
create policy owner_all on platform.idempotency_keys to td_owner using (true) with check (true);
create policy definer_all on platform.idempotency_keys to td_definer using (true) with check (true);
grant select, insert, update on platform.idempotency_keys to td_definer;
grant usage on sequence platform.audit_log_id_seq to td_definer;

create trigger audit_log_append_only before update or delete on platform.audit_log
  for each row execute function platform.refuse_change();
create trigger audit_log_no_truncate before truncate on platform.audit_log
  for each statement execute function platform.refuse_change();

grant create on schema platform to td_definer;
set local role td_definer;

-- A field as its length, a colon and its bytes; null as "-": no two lists of fields give the same text.
create function platform.audit_field(p_value text) returns text
language sql immutable set search_path = '' as $$
  select case when p_value is null then '-' else octet_length(convert_to(p_value, 'UTF8')) || ':' || p_value end
$$;

create function platform.audit_hash(p_row platform.audit_log) returns bytea
language sql immutable set search_path = '' as $$
  select sha256(p_row.prev_hash || convert_to(
    platform.audit_field(p_row.tenant_id::text) || platform.audit_field(p_row.seq::text) || platform.audit_field(p_row.id::text)
    || platform.audit_field((extract(epoch from p_row.at) * 1000000)::bigint::text)
    || platform.audit_field(p_row.operator_id::text) || platform.audit_field(p_row.login)
    || platform.audit_field(p_row.action) || platform.audit_field(p_row.target)
    || platform.audit_field(p_row.before::text) || platform.audit_field(p_row.after::text)
    || platform.audit_field(p_row.reason), 'UTF8'))
$$;

-- Appends to the chain of p_tenant (nil uuid: the platform's). The head stays locked until the transaction ends, so call it late.
create function platform.audit_append(
  p_tenant uuid, p_operator uuid, p_login text, p_action text, p_target text, p_before jsonb, p_after jsonb, p_reason text
) returns platform.audit_log
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_head platform.audit_heads;
  v_row platform.audit_log;
begin
  insert into platform.audit_heads (tenant_id, seq, hash)
  values (p_tenant, 0, sha256(convert_to(p_tenant::text, 'UTF8'))) on conflict do nothing;
  select * into strict v_head from platform.audit_heads where tenant_id = p_tenant for update;
  v_row.tenant_id := p_tenant;
  v_row.seq := v_head.seq + 1;
  v_row.id := nextval('platform.audit_log_id_seq');
  v_row.at := clock_timestamp();
  v_row.operator_id := p_operator;
  v_row.login := p_login;
  v_row.action := p_action;
  v_row.target := p_target;
  v_row.before := p_before;
  v_row.after := p_after;
  v_row.reason := p_reason;
  v_row.prev_hash := v_head.hash;
  v_row.hash := platform.audit_hash(v_row);
  insert into platform.audit_log overriding system value select v_row.*;
  update platform.audit_heads set seq = v_row.seq, hash = v_row.hash where tenant_id = p_tenant;
  return v_row;
end
$$;

-- Reads a whole chain again. ok = false: first_bad_seq is the first row that does not follow from the one before it; when the
-- rows agree but the head does not (rows cut off the end), it is the row after the last.
create function platform.audit_verify(p_tenant uuid) returns table (ok boolean, first_bad_seq bigint, rows bigint)
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
grant execute on function platform.audit_verify(uuid) to td_auditor, td_admin;

set local role td_owner;
revoke create on schema platform from td_definer;

-- A field as its length, a colon and its bytes; null as "-": no two lists of fields give the same text.
create or replace function platform.audit_field(p_value text) returns text
language sql immutable set search_path = '' as $$
  select case when p_value is null then '-' else octet_length(convert_to(p_value, 'UTF8')) || ':' || p_value end
$$;

create or replace function platform.audit_hash(p_row platform.audit_log) returns bytea
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
create or replace function platform.audit_append(
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

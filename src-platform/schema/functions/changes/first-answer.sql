-- The first answer to this change; null: it is new, and its key is taken until the transaction ends. TD422 the key was used for another change.
create or replace function platform.first_answer(p_operator uuid, p_key uuid, p_function text, p_parameters jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_digest bytea := sha256(convert_to(p_parameters::text, 'UTF8'));
  v_first platform.idempotency_keys;
begin
  insert into platform.idempotency_keys (operator_id, key, function, parameters_digest)
  values (p_operator, p_key, p_function, v_digest) on conflict do nothing;
  if found then
    return null;
  end if;
  select * into strict v_first from platform.idempotency_keys i where i.operator_id = p_operator and i.key = p_key;
  if v_first.function <> p_function or v_first.parameters_digest <> v_digest then
    raise exception 'This change was already sent with other contents. Look at what is there now.' using errcode = 'TD422';
  end if;
  return v_first.result;
end
$$;

-- The end of a change: its answer is kept for whoever sends it again (first_answer), and it is announced. → the answer
create or replace function platform.keep_answer(p_operator uuid, p_key uuid, p_topic text, p_tenant uuid, p_answer jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
begin
  update platform.idempotency_keys i set result = p_answer where i.operator_id = p_operator and i.key = p_key;
  perform platform.announce(p_topic, p_tenant);
  return p_answer;
end
$$;

-- Second wall under the grants: history is never changed, not even by the owner.
create or replace function platform.refuse_change() returns trigger language plpgsql set search_path = '' as $$
begin
  raise exception 'platform.% is append-only: % is not allowed.', tg_table_name, tg_op using errcode = 'TD403';
end
$$;

grant execute on function platform.refuse_change()
  to td_owner;

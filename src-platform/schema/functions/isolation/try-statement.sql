-- Sends a statement with the rights of who asks, and undoes it: the block ends in an error whatever happens.
-- p_counts: it is a query whose one value is a number; else the rows it wrote are counted. It may use p_tenants as $1.
-- null: refused, by a right that is missing, by row security, by a trigger that keeps history, or because such a view takes no
-- writes. What fails later (a column has no value, a reference leads nowhere) was let through by the guards: it counts as one row.
create or replace function platform.try_statement(p_sql text, p_counts boolean, p_tenants uuid[]) returns bigint
language plpgsql volatile set search_path = '' as $$
declare
  v_rows bigint;
begin
  if p_counts then
    execute p_sql into v_rows using p_tenants;
  else
    execute p_sql using p_tenants;
    get diagnostics v_rows = row_count;
  end if;
  raise exception 'undo' using errcode = 'TD000';
exception
  when sqlstate 'TD000' then return v_rows;
  when insufficient_privilege or object_not_in_prerequisite_state or sqlstate 'TD403' then return null;
  when query_canceled then raise;
  when others then return 1;
end
$$;
grant execute on function platform.try_statement(text, boolean, uuid[]) to td_admin, td_auditor;

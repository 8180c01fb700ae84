-- Whether a policy's expression, as pg_get_expr writes it, calls a function or reads a setting once for each row. Inside
-- ( SELECT … ) it is evaluated once a query, unless it names a column of the table it guards.
-- Works from the innermost brackets outwards: a call becomes "call", a sub-select without the table's columns becomes "once".
create or replace function platform.calls_per_row(p_expression text, p_table text) returns boolean
language plpgsql immutable set search_path = '' as $$
declare
  v_rest text := regexp_replace(coalesce(p_expression, ''), '''(''''|[^''])*''', 'literal', 'g');
  v_group text;
  v_to text;
begin
  loop
    -- The innermost brackets, with the name in front of them when it is a call. "ANY (", "NOT (" and such have a space.
    v_group := substring(v_rest from '[[:alnum:]_".]*\([^()]*\)');
    exit when v_group is null;
    if v_group ~ '^\( *SELECT ' then
      v_to := case when v_group ~ ('\m' || p_table || '\.') then ' call ' else ' once ' end;
    elsif v_group ~ '^\(' then
      v_to := ' ' || btrim(v_group, '()') || ' ';
    else
      v_to := ' call ' || substring(v_group from '\((.*)\)$') || ' ';
    end if;
    v_rest := replace(v_rest, v_group, v_to);
  end loop;
  return v_rest ~ '\mcall\M';
end
$$;

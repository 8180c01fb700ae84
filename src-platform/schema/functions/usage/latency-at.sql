-- Latencies are kept as counts in buckets that grow by a tenth: bucket n has the calls of more than 1.1^(n-1) and at most 1.1^n ms, bucket
-- 0 those of up to 1 ms. Counts of any set of calls can be added, and a percentile read from them is within 5 % of the exact one.
-- An array's subscripts are its buckets: '[65:67]={3,12,1}'.
create or replace function platform.latency_bucket(p_ms integer) returns integer
language sql immutable parallel safe
return ceil(ln(greatest(p_ms, 1)::double precision) / ln(1.1::double precision))::integer;

-- The latency (ms) that p_share (0 to 1) of the calls did not exceed: the middle of the bucket in which that call lies. No calls: null.
create or replace function platform.latency_at(p_counts integer[], p_share double precision) returns double precision
language plpgsql immutable parallel safe set search_path = '' as $$
declare
  v_calls integer;
  v_left bigint := 0;
  v_at integer := array_lower(p_counts, 1);
begin
  if v_at is null then
    return null;
  end if;
  foreach v_calls in array p_counts loop
    v_left := v_left + coalesce(v_calls, 0);
  end loop;
  v_left := greatest(1, ceil(v_left * p_share - 1e-9));
  foreach v_calls in array p_counts loop
    v_left := v_left - coalesce(v_calls, 0);
    if v_left <= 0 then
      return 2 * power(1.1::double precision, v_at) / 2.1;
    end if;
    v_at := v_at + 1;
  end loop;
  return null;
end
$$;

-- p_counts and p_more together.
create or replace function platform.add_counts(p_counts integer[], p_more integer[]) returns integer[]
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  v_calls integer;
  v_at integer := array_lower(p_more, 1);
begin
  if v_at is null then
    return p_counts;
  elsif array_lower(p_counts, 1) is null then
    return p_more;
  end if;
  foreach v_calls in array p_more loop
    if v_calls <> 0 then
      p_counts[v_at] := coalesce(p_counts[v_at], 0) + v_calls;
    end if;
    v_at := v_at + 1;
  end loop;
  return p_counts;
end
$$;

-- Null without any. Strict and without a beginning, so that one alone is taken as it is.
create or replace aggregate platform.sum_counts(integer[]) (
  sfunc = platform.add_counts, stype = integer[], combinefunc = platform.add_counts, parallel = safe
);

grant execute on function platform.latency_at(integer[], double precision), platform.add_counts(integer[], integer[]), platform.sum_counts(integer[])
  to td_viewer, td_account_manager, td_operator, td_admin, td_auditor, td_tenant;

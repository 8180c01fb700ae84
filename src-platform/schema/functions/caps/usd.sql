-- An amount for a sentence: 25.00, 0.0004.
create or replace function platform.usd(p_nanousd bigint) returns text
language sql immutable set search_path = '' as $$
  select case when p_nanousd % 10000000 = 0 then to_char(p_nanousd / 1000000000.0, 'FM999,999,990.00')
              else trim(trailing '0' from to_char(p_nanousd / 1000000000.0, 'FM999,999,990.000000000')) end
$$;

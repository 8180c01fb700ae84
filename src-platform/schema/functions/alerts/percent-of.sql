-- A share of an amount, cut to whole nano-USD; first the hundreds, so that nothing is too large on the way.
create or replace function platform.percent_of(p_nanousd bigint, p_percent integer) returns bigint
language sql immutable
return p_nanousd / 100 * p_percent + p_nanousd % 100 * p_percent / 100;

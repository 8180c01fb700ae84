-- A name as a person types it, without blanks around it. Any script and any direction; TD400 with a sentence when it is empty, too
-- long, or has characters that can't be seen: control characters, and those that turn the direction of the text around them.
--   p_what: "A client's name"
create or replace function platform.clean_name(p_what text, p_name text) returns text
language plpgsql immutable set search_path = '' as $$
declare
  v_name text := btrim(p_name, U&' \00A0\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\202F\205F\3000');
begin
  if v_name ~ '[\u0001-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069\uFFFE\uFFFF]' then
    raise exception '% has characters that can''t be seen, such as line breaks or marks that turn the direction of text. Type it again.', p_what
      using errcode = 'TD400';
  elsif coalesce(v_name, '') !~ '[^\s\u200B-\u200F\u2060\uFEFF]' then
    raise exception '% is missing.', p_what using errcode = 'TD400';
  elsif length(v_name) > 200 then
    raise exception '% has at most 200 characters; this one has %.', p_what, length(v_name) using errcode = 'TD400';
  end if;
  return v_name;
end
$$;

-- Two names that look the same are the same: case, width and blanks don't count.
create or replace function platform.same_name(p_name text) returns text
language sql immutable set search_path = '' as $$
  select lower(regexp_replace(normalize(p_name, NFKC), '[\s\u200B-\u200F\u2060\uFEFF]+', ' ', 'g'))
$$;

-- Announces a change: raises the topic's version and tells all listeners when the transaction commits. A listener that
-- missed the message sees the version within a second. Last lock a writing function takes: the row is shared by all.
create or replace function platform.announce(p_topic text, p_tenant uuid) returns bigint
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_version bigint;
begin
  update platform.versions set version = version + 1, changed_at = clock_timestamp()
  where topic = p_topic returning version into v_version;
  if v_version is null then
    raise exception 'There is no topic "%".', p_topic using errcode = 'TD400';
  end if;
  perform pg_notify('platform_changed',
    jsonb_build_object('topic', p_topic, 'tenant_id', p_tenant, 'version', v_version)::text);
  return v_version;
end
$$;

grant execute on function platform.announce(text, uuid)
  to td_owner;

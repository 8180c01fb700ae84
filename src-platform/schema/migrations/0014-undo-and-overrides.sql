-- A change of a cap can be undone for a moment; a cap can be raised for a time.
--
-- An override adds its amount to the limit of a cap without touching the cap: from when it is made until its end, or until it is removed.
--
--   limit in force of a cap's period at an instant = caps.limit + amounts of its overrides not removed and not ended by then
--
-- cap_periods.limit_nanousd always has it, whoever writes the row: a trigger computes it (keep_limit_in_force). What is written changes at
-- an instant, though, when an override ends inside the period, and nobody writes then. No timer is needed for that to be exact:
--   1. limit_until says for how long the written figure is true: the end of the first override that ends before the period does. Null for
--      nearly every row; readers then take the written figure as it is.
--   2. Where it is set, take_grant decides by the limit in force when the call was admitted (p_at), computed from cap and overrides under the
--      lock of the row. So no new grant passes the lower limit, even a microsecond after the end.
--   3. Its answer says until when the grant may admit calls ("validUntil"): the first end of a period or of an override. From that instant on
--      a gateway uses the grant for no new call and gives the idle rest back, as it does at the end of a period.
--   4. Whoever writes the row next brings the written figure up to date.
-- limit_until stays for ten seconds after the end: take_grant may still be asked for a call that was admitted up to five seconds ago.
set local role td_owner;

create table platform.cap_overrides (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  cap_id uuid not null,
  amount_nanousd bigint not null check (amount_nanousd between 1 and 9000000000000000),
  starts_at timestamptz not null,
  until text not null check (until in ('date', 'period_end', 'removed')),
  ends_at timestamptz,
  created_by uuid not null references platform.operators (id),
  created_at timestamptz not null,
  removed_by uuid references platform.operators (id),
  removed_at timestamptz,
  reason text,
  primary key (tenant_id, id),
  foreign key (tenant_id, cap_id) references platform.caps (tenant_id, id),
  constraint cap_overrides_end_as_they_say check ((until = 'removed') = (ends_at is null) and ends_at > starts_at),
  constraint cap_overrides_are_removed_by_somebody check ((removed_at is null) = (removed_by is null))
);
comment on table platform.cap_overrides is 'Temporary raises. Nothing but their removal changes them.';
create index cap_overrides_not_removed on platform.cap_overrides (tenant_id, cap_id, ends_at) where removed_at is null;
create index cap_overrides_by_operator on platform.cap_overrides (created_by, created_at);
call platform.protect('cap_overrides', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', false, false, 'select, insert, update');

alter table platform.cap_periods add column limit_until timestamptz;
comment on column platform.cap_periods.limit_until is 'The limit is less from then on: an override ends. Null: not before the period ends.';

-- Every version of a cap has a row; an override is a version without another limit of the cap itself.
alter table platform.cap_changes drop constraint cap_changes_kind_check,
  add constraint cap_changes_kind_check check (kind in ('raise', 'lower', 'undo', 'override', 'override_removed'));

grant create on schema platform to td_definer;
set local role td_definer;

create function platform.limit_in_force(
  p_tenant uuid, p_cap uuid, p_at timestamptz, out limit_nanousd bigint, out next_end timestamptz
) language sql stable security definer set search_path = '' as $$
  select c.limit_nanousd + coalesce(sum(o.amount_nanousd), 0)::bigint, min(o.ends_at)
  from platform.caps c
  left join platform.cap_overrides o on o.tenant_id = c.tenant_id and o.cap_id = c.id and o.removed_at is null
    and (o.ends_at is null or o.ends_at > p_at)
  where c.tenant_id = p_tenant and c.id = p_cap
  group by c.limit_nanousd
$$;

-- Volatile: sees what was committed while the writer waited for the row.
create function platform.keep_limit_in_force() returns trigger
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_at timestamptz := greatest(clock_timestamp(), new.period_start);
begin
  if tg_op = 'UPDATE' and new.period_end <= v_at then
    return new; -- history: the cap may be another one by now
  end if;
  new.limit_nanousd := (platform.limit_in_force(new.tenant_id, new.cap_id, v_at)).limit_nanousd;
  new.limit_until := (
    select min(o.ends_at) from platform.cap_overrides o
    where o.tenant_id = new.tenant_id and o.cap_id = new.cap_id and o.removed_at is null
      and o.ends_at > v_at - interval '10 seconds' and o.ends_at < new.period_end);
  return new;
end
$$;
grant execute on function platform.keep_limit_in_force() to td_owner;
grant execute on function platform.limit_in_force(uuid, uuid, timestamptz) to td_owner, td_gateway;

set local role td_owner;
create trigger cap_periods_limit_written before insert or update of limit_nanousd on platform.cap_periods
  for each row execute function platform.keep_limit_in_force();
create trigger cap_periods_limit_ended before update on platform.cap_periods
  for each row when (old.limit_until is not null) execute function platform.keep_limit_in_force();
set local role td_definer;

-- Gross sum of an operator's raises in the last 24 h: of caps, but for undone ones, and by overrides, also removed ones.
create or replace function platform.raised_24h(p_operator uuid) returns bigint
language sql stable security definer set search_path = '' as $$
  select (
    select coalesce(sum(c.new_limit_nanousd - c.old_limit_nanousd), 0)
    from platform.cap_changes c
    where c.operator_id = p_operator and c.kind = 'raise' and c.at > now() - interval '24 hours' and not exists (
      select from platform.cap_changes u
      where u.tenant_id = c.tenant_id and u.cap_id = c.cap_id and u.version = c.version + 1 and u.kind = 'undo')
  )::bigint + (
    select coalesce(sum(o.amount_nanousd), 0)
    from platform.cap_overrides o where o.created_by = p_operator and o.created_at > now() - interval '24 hours'
  )::bigint
$$;

-- So long a change can be undone.
create function platform.undo_window() returns interval
language sql immutable set search_path = '' return interval '30 seconds';

-- Who asks for a change of a cap, with the checks that all changes share. TD400, TD403, TD404
create function platform.operator_for_change(p_tenant uuid, p_named boolean, p_reason text, p_roles text[]) returns platform.operators
language plpgsql stable security definer set search_path = '' as $$
declare
  v_me platform.operators := platform.my_operator();
begin
  if v_me.id is null then
    raise exception 'Your login % is not an active operator of this platform.', session_user using errcode = 'TD403';
  elsif p_tenant is null or not p_named then
    raise exception 'A change names its tenant, its cap, the version it was made from and its own key.' using errcode = 'TD400';
  elsif length(p_reason) > 500 then
    raise exception 'A reason has at most 500 characters.' using errcode = 'TD400';
  elsif v_me.role <> all (p_roles) then
    raise exception 'Your role (%) does not make this change.', v_me.role using errcode = 'TD403';
  elsif not (v_me.all_tenants or p_tenant = any (platform.my_tenants())) then
    raise exception 'There is no such cap among your tenants.' using errcode = 'TD404';
  end if;
  return v_me;
end
$$;

-- The first answer to this change; null: it is new, and its key is taken until the transaction ends. TD422 the key was used for another change.
create function platform.first_answer(p_operator uuid, p_key uuid, p_function text, p_parameters jsonb) returns jsonb
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
    raise exception 'This change was already sent with other figures. Look at the cap again.' using errcode = 'TD422';
  end if;
  return v_first.result;
end
$$;

-- Locks the operator (two raises at once must not both count from the same sum), then the cap.
-- TD404; TD409 the cap is not at the expected version (null: any).
create function platform.lock_cap(p_operator uuid, p_tenant uuid, p_cap uuid, p_expected_version integer) returns platform.caps
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_cap platform.caps;
  v_more bigint;
begin
  perform platform.open_cap_periods(array[p_tenant], clock_timestamp());
  perform from platform.operators o where o.id = p_operator for no key update;
  select * into v_cap from platform.caps c where c.tenant_id = p_tenant and c.id = p_cap for no key update;
  if not found then
    raise exception 'There is no such cap among your tenants.' using errcode = 'TD404';
  end if;
  if v_cap.version <> p_expected_version then
    v_more := (platform.limit_in_force(p_tenant, p_cap, clock_timestamp())).limit_nanousd - v_cap.limit_nanousd;
    raise exception 'The cap was changed meanwhile: it is now % USD%. Look at it again.', platform.usd(v_cap.limit_nanousd),
        case when v_more > 0 then format(' and a temporary raise of %s USD', platform.usd(v_more)) else '' end
      using errcode = 'TD409', detail = jsonb_build_object('currentLimit', v_cap.limit_nanousd, 'currentVersion', v_cap.version,
        'currentOverride', v_more,
        'changedBy', (select o.login from platform.operators o where o.id = v_cap.updated_by), 'changedAt', v_cap.updated_at)::text;
  end if;
  return v_cap;
end
$$;

-- TD403: with a raise by this amount the operator would pass their limit. Under the lock of the operator.
create function platform.check_raise(p_me platform.operators, p_amount bigint) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_raised bigint := platform.raised_24h(p_me.id);
begin
  if p_me.raise_limit_nanousd is not null and v_raised + p_amount > p_me.raise_limit_nanousd then
    raise exception 'With this raise of % USD you would pass your limit of % USD in 24 hours (% USD used). A second person is needed: ask an admin.',
      platform.usd(p_amount), platform.usd(p_me.raise_limit_nanousd), platform.usd(v_raised)
      using errcode = 'TD403', detail = jsonb_build_object('raiseLimit', p_me.raise_limit_nanousd, 'raised24h', v_raised)::text;
  end if;
end
$$;

-- A new version of a locked cap: limit, running period, history. Answers the running period with the limit now in force.
create function platform.write_cap(p_cap platform.caps, p_limit bigint, p_kind text, p_operator uuid, p_at timestamptz, p_key uuid)
returns platform.cap_periods
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_period platform.cap_periods;
begin
  update platform.caps c set limit_nanousd = p_limit, version = c.version + 1, updated_at = p_at, updated_by = p_operator
  where c.tenant_id = p_cap.tenant_id and c.id = p_cap.id;
  perform from platform.cap_periods p where p.tenant_id = p_cap.tenant_id and p.cap_id = p_cap.id and p.period_end > p_at
    order by p.period_start for no key update;
  -- The trigger adds the overrides.
  update platform.cap_periods p set limit_nanousd = p_limit
  where p.tenant_id = p_cap.tenant_id and p.cap_id = p_cap.id and p.period_end > p_at;
  select * into v_period from platform.cap_periods p
  where p.tenant_id = p_cap.tenant_id and p.cap_id = p_cap.id and p.period_start <= p_at and p.period_end > p_at;
  insert into platform.cap_changes (tenant_id, cap_id, version, old_limit_nanousd, new_limit_nanousd, kind, operator_id, at, idempotency_key)
  values (p_cap.tenant_id, p_cap.id, p_cap.version + 1, p_cap.limit_nanousd, p_limit, p_kind, p_operator, p_at, p_key);
  return v_period;
end
$$;

-- What every change of a cap answers, kept under its key and announced.
create function platform.answer_change(
  p_me platform.operators, p_key uuid, p_cap platform.caps, p_limit bigint, p_period platform.cap_periods, p_audit bigint,
  p_at timestamptz, p_more jsonb
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_result jsonb;
begin
  v_result := jsonb_build_object('capId', p_cap.id, 'version', p_cap.version + 1, 'limit', p_limit, 'previousLimit', p_cap.limit_nanousd,
    'inForce', coalesce(p_period.limit_nanousd, p_limit),
    'charged', coalesce(p_period.charged_nanousd, 0), 'granted', coalesce(p_period.granted_nanousd, 0),
    'warning', case when p_period.limit_nanousd < p_period.charged_nanousd then 'below_committed' end,
    'auditId', p_audit, 'changedAt', p_at) || p_more;
  update platform.idempotency_keys i set result = v_result where i.operator_id = p_me.id and i.key = p_key;
  perform platform.announce('caps', p_cap.tenant_id);
  return v_result;
end
$$;

-- Changes the limit of a cap: role, tenants, limit of the operator, expected version, history, audit and announcement in one transaction.
-- The same idempotency key with the same parameters gets the first answer again. A limit below what is spent is allowed; every call
-- is refused then, and the answer warns. The running period gets the new limit; its charges, bounds and overrides stay.
--
-- → {"capId","version","limit","previousLimit","inForce","charged","granted","warning":null|"below_committed","auditId","changedAt","undoSeconds"}
-- Message: a sentence for the operator. TD400 bad input, TD403 not allowed, TD404 no such cap among this operator's tenants,
-- TD409 somebody else changed it, DETAIL {"currentLimit","currentVersion","currentOverride","changedBy","changedAt"}, TD422 the key was
-- used for another change.
create or replace function platform.set_cap(
  p_tenant uuid, p_cap uuid, p_limit_nanousd bigint, p_expected_version integer, p_idempotency_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators;
  v_first jsonb;
  v_now timestamptz;
  v_cap platform.caps;
  v_more bigint;
  v_period platform.cap_periods;
  v_audit platform.audit_log;
begin
  if p_limit_nanousd is null or p_limit_nanousd < 0 then
    raise exception 'A cap is an amount of 0 or more.' using errcode = 'TD400';
  elsif p_limit_nanousd > 9000000000000000 then
    raise exception 'A cap is at most 9,000,000 USD a period.' using errcode = 'TD400';
  end if;
  v_me := platform.operator_for_change(p_tenant, p_cap is not null and p_expected_version is not null and p_idempotency_key is not null,
    p_reason, '{account_manager,operator,admin}');
  v_first := platform.first_answer(v_me.id, p_idempotency_key, 'set_cap',
    jsonb_build_array(p_tenant, p_cap, p_limit_nanousd, p_expected_version, p_reason));
  if v_first is not null then
    return v_first;
  end if;

  v_cap := platform.lock_cap(v_me.id, p_tenant, p_cap, p_expected_version);
  if v_cap.limit_nanousd = p_limit_nanousd then
    raise exception 'The cap is % USD already.', platform.usd(p_limit_nanousd) using errcode = 'TD400';
  end if;
  if p_limit_nanousd > v_cap.limit_nanousd then
    if v_me.role = 'account_manager' then
      raise exception 'Account managers lower caps. Ask an operator to raise this one.' using errcode = 'TD403';
    end if;
    v_more := (platform.limit_in_force(p_tenant, p_cap, clock_timestamp())).limit_nanousd - v_cap.limit_nanousd;
    if p_limit_nanousd + v_more > 9000000000000000 then
      raise exception 'A cap and its temporary raises are at most 9,000,000 USD a period.' using errcode = 'TD400';
    end if;
    perform platform.check_raise(v_me, p_limit_nanousd - v_cap.limit_nanousd);
  end if;

  v_now := greatest(clock_timestamp(), v_cap.updated_at);
  v_period := platform.write_cap(v_cap, p_limit_nanousd,
    case when p_limit_nanousd > v_cap.limit_nanousd then 'raise' else 'lower' end, v_me.id, v_now, p_idempotency_key);
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'cap.set', 'cap:' || p_cap,
    jsonb_build_object('limitNanoUsd', v_cap.limit_nanousd, 'version', v_cap.version),
    jsonb_build_object('limitNanoUsd', p_limit_nanousd, 'version', v_cap.version + 1,
      'scope', v_cap.scope, 'period', v_cap.period), p_reason);
  return platform.answer_change(v_me, p_idempotency_key, v_cap, p_limit_nanousd, v_period, v_audit.id, v_now,
    jsonb_build_object('undoSeconds', extract(epoch from platform.undo_window())::integer));
end
$$;

-- Takes back a change of a cap's limit: by who made it, within 30 s by the database's clock, while p_version (the version it made) is
-- still the current one. Needs no right to raise, and takes the raise that it undoes out of the operator's 24 hours. An undo itself
-- can't be undone. Answers like set_cap, without "undoSeconds". TD400 nothing to undo, TD403 not theirs or too late, TD404, TD409, TD422 likewise.
create function platform.undo_cap_change(p_tenant uuid, p_cap uuid, p_version integer, p_idempotency_key uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.operator_for_change(p_tenant,
    p_cap is not null and p_version is not null and p_idempotency_key is not null, null, '{account_manager,operator,admin}');
  v_first jsonb := platform.first_answer(v_me.id, p_idempotency_key, 'undo_cap_change', jsonb_build_array(p_tenant, p_cap, p_version));
  v_now timestamptz;
  v_cap platform.caps;
  v_change platform.cap_changes;
  v_period platform.cap_periods;
  v_audit platform.audit_log;
begin
  if v_first is not null then
    return v_first;
  end if;
  v_cap := platform.lock_cap(v_me.id, p_tenant, p_cap, p_version);
  v_now := greatest(clock_timestamp(), v_cap.updated_at);
  select * into v_change from platform.cap_changes c where c.tenant_id = p_tenant and c.cap_id = p_cap and c.version = p_version;
  if not found or v_change.kind not in ('raise', 'lower') then
    raise exception 'There is no change of the cap to undo.' using errcode = 'TD400';
  elsif v_change.operator_id <> v_me.id then
    raise exception 'Somebody else made this change. Set the cap instead.' using errcode = 'TD403';
  elsif v_now > v_change.at + platform.undo_window() then
    raise exception 'A change can be undone for % seconds. Set the cap instead.', extract(epoch from platform.undo_window())::integer
      using errcode = 'TD403';
  end if;
  v_period := platform.write_cap(v_cap, v_change.old_limit_nanousd, 'undo', v_me.id, v_now, p_idempotency_key);
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'cap.undo', 'cap:' || p_cap,
    jsonb_build_object('limitNanoUsd', v_cap.limit_nanousd, 'version', v_cap.version),
    jsonb_build_object('limitNanoUsd', v_change.old_limit_nanousd, 'version', v_cap.version + 1,
      'scope', v_cap.scope, 'period', v_cap.period), null);
  return platform.answer_change(v_me, p_idempotency_key, v_cap, v_change.old_limit_nanousd, v_period, v_audit.id, v_now, '{}');
end
$$;

-- Raises a cap for a time; the cap itself is untouched. Counts as a raise by its amount. A new version of the cap, so that who decides about the cap
-- without having seen the override gets a conflict.
--   p_until: 'period_end' (of the running period), 'date' (p_ends_local, date and hour in the tenant's zone, at most a year ahead) or 'removed'
-- → as set_cap, and {"overrideId","amount","endsAt":null|…}; "limit" is the cap's own, "inForce" what now holds. Errors as set_cap.
create function platform.add_cap_override(
  p_tenant uuid, p_cap uuid, p_amount_nanousd bigint, p_until text, p_ends_local timestamp, p_expected_version integer,
  p_idempotency_key uuid, p_reason text
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators;
  v_first jsonb;
  v_now timestamptz;
  v_ends timestamptz;
  v_cap platform.caps;
  v_before bigint;
  v_period platform.cap_periods;
  v_override platform.cap_overrides;
  v_audit platform.audit_log;
begin
  if p_amount_nanousd is null or p_amount_nanousd <= 0 then
    raise exception 'A temporary raise is an amount above 0.' using errcode = 'TD400';
  elsif p_until is null or p_until not in ('date', 'period_end', 'removed') or (p_until = 'date') <> (p_ends_local is not null) then
    raise exception 'A temporary raise ends at a date, with the period, or when it is removed.' using errcode = 'TD400';
  end if;
  v_me := platform.operator_for_change(p_tenant, p_cap is not null and p_expected_version is not null and p_idempotency_key is not null,
    p_reason, '{operator,admin}');
  v_first := platform.first_answer(v_me.id, p_idempotency_key, 'add_cap_override',
    jsonb_build_array(p_tenant, p_cap, p_amount_nanousd, p_until, p_ends_local, p_expected_version, p_reason));
  if v_first is not null then
    return v_first;
  end if;

  v_cap := platform.lock_cap(v_me.id, p_tenant, p_cap, p_expected_version);
  v_now := greatest(clock_timestamp(), v_cap.updated_at);
  v_before := (platform.limit_in_force(p_tenant, p_cap, v_now)).limit_nanousd;
  if p_amount_nanousd > 9000000000000000 - v_before then
    raise exception 'A cap and its temporary raises are at most 9,000,000 USD a period.' using errcode = 'TD400';
  end if;
  if p_until = 'date' then
    if not isfinite(p_ends_local) or p_ends_local > v_now::timestamp + interval '367 days' then
      raise exception 'A temporary raise ends within a year, or when it is removed.' using errcode = 'TD400';
    end if;
    v_ends := timezone((select t.time_zone from platform.tenants t where t.id = p_tenant), p_ends_local);
    if v_ends <= v_now then
      raise exception 'A temporary raise ends in the future.' using errcode = 'TD400';
    end if;
  elsif p_until = 'period_end' then
    select p.period_end into strict v_ends from platform.cap_periods p
    where p.tenant_id = p_tenant and p.cap_id = p_cap and p.period_start <= v_now and p.period_end > v_now;
  end if;
  perform platform.check_raise(v_me, p_amount_nanousd);

  insert into platform.cap_overrides (tenant_id, cap_id, amount_nanousd, starts_at, until, ends_at, created_by, created_at, reason)
  values (p_tenant, p_cap, p_amount_nanousd, v_now, p_until, v_ends, v_me.id, v_now, p_reason)
  returning * into v_override;
  v_period := platform.write_cap(v_cap, v_cap.limit_nanousd, 'override', v_me.id, v_now, p_idempotency_key);
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'cap.override.add', 'cap:' || p_cap,
    jsonb_build_object('limitNanoUsd', v_cap.limit_nanousd, 'inForceNanoUsd', v_before, 'version', v_cap.version),
    jsonb_build_object('limitNanoUsd', v_cap.limit_nanousd, 'inForceNanoUsd', v_period.limit_nanousd, 'version', v_cap.version + 1,
      'overrideId', v_override.id, 'overrideNanoUsd', p_amount_nanousd, 'until', p_until, 'endsAt', v_ends,
      'scope', v_cap.scope, 'period', v_cap.period), p_reason);
  return platform.answer_change(v_me, p_idempotency_key, v_cap, v_cap.limit_nanousd, v_period, v_audit.id, v_now,
    jsonb_build_object('overrideId', v_override.id, 'amount', p_amount_nanousd, 'endsAt', v_ends));
end
$$;

-- Ends an override now. No expected version: an override never changes, so nobody can have decided about another one than they saw.
-- → as set_cap, and {"overrideId","amount","endsAt"}. TD400 it has ended, TD404 no such override among this operator's tenants, TD409 it was
-- removed already, DETAIL as set_cap; else as set_cap.
create function platform.remove_cap_override(p_tenant uuid, p_override uuid, p_idempotency_key uuid, p_reason text) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_me platform.operators := platform.operator_for_change(p_tenant, p_override is not null and p_idempotency_key is not null,
    p_reason, '{account_manager,operator,admin}');
  v_first jsonb := platform.first_answer(v_me.id, p_idempotency_key, 'remove_cap_override', jsonb_build_array(p_tenant, p_override, p_reason));
  v_now timestamptz;
  v_cap platform.caps;
  v_before bigint;
  v_period platform.cap_periods;
  v_override platform.cap_overrides;
  v_audit platform.audit_log;
begin
  if v_first is not null then
    return v_first;
  end if;
  select * into v_override from platform.cap_overrides o where o.tenant_id = p_tenant and o.id = p_override;
  if not found then
    raise exception 'There is no such temporary raise among your tenants.' using errcode = 'TD404';
  end if;
  v_cap := platform.lock_cap(v_me.id, p_tenant, v_override.cap_id, null);
  v_now := greatest(clock_timestamp(), v_cap.updated_at);
  v_before := (platform.limit_in_force(p_tenant, v_cap.id, v_now)).limit_nanousd;
  -- Again, under the lock of the cap.
  select * into strict v_override from platform.cap_overrides o where o.tenant_id = p_tenant and o.id = p_override;
  if v_override.removed_at is not null then
    raise exception 'This temporary raise was removed already.' using errcode = 'TD409',
      detail = jsonb_build_object('currentLimit', v_cap.limit_nanousd, 'currentVersion', v_cap.version,
        'currentOverride', v_before - v_cap.limit_nanousd,
        'changedBy', (select o.login from platform.operators o where o.id = v_override.removed_by), 'changedAt', v_override.removed_at)::text;
  elsif v_override.ends_at <= v_now then
    raise exception 'This temporary raise has ended.' using errcode = 'TD400';
  end if;
  update platform.cap_overrides o set removed_at = v_now, removed_by = v_me.id where o.tenant_id = p_tenant and o.id = p_override;
  v_period := platform.write_cap(v_cap, v_cap.limit_nanousd, 'override_removed', v_me.id, v_now, p_idempotency_key);
  v_audit := platform.audit_append(p_tenant, v_me.id, v_me.login, 'cap.override.remove', 'cap:' || v_cap.id,
    jsonb_build_object('limitNanoUsd', v_cap.limit_nanousd, 'inForceNanoUsd', v_before, 'version', v_cap.version,
      'overrideId', p_override, 'overrideNanoUsd', v_override.amount_nanousd, 'until', v_override.until, 'endsAt', v_override.ends_at),
    jsonb_build_object('limitNanoUsd', v_cap.limit_nanousd, 'inForceNanoUsd', v_period.limit_nanousd, 'version', v_cap.version + 1,
      'scope', v_cap.scope, 'period', v_cap.period), p_reason);
  return platform.answer_change(v_me, p_idempotency_key, v_cap, v_cap.limit_nanousd, v_period, v_audit.id, v_now,
    jsonb_build_object('overrideId', p_override, 'amount', v_override.amount_nanousd, 'endsAt', v_override.ends_at));
end
$$;

-- release_grant calls it with three arguments: the limits of that moment.
drop function platform.describe_scopes(uuid, uuid[], timestamptz[]);
-- Periods of caps as the gateways read them, in the order in which a refusal names them: tenant month, tenant day, key, workflow;
-- with the limit in force at p_at.
create function platform.describe_scopes(
  p_tenant uuid, p_caps uuid[], p_starts timestamptz[], p_at timestamptz default clock_timestamp()
) returns jsonb
language sql stable security definer set search_path = '' set timezone = 'UTC' as $$
  select coalesce(jsonb_agg(jsonb_build_object(
      'capId', c.id, 'scope', c.scope, 'period', c.period, 'hard', c.hard, 'periodStart', p.period_start, 'periodEnd', p.period_end,
      'limit', case when p.limit_until is null then p.limit_nanousd else (platform.limit_in_force(p_tenant, c.id, p_at)).limit_nanousd end,
      'granted', p.granted_nanousd, 'charged', p.charged_nanousd)
    order by array_position('{tenant,key,workflow}', c.scope), c.period = 'day', c.id), '[]')
  from unnest(p_caps, p_starts) w(cap_id, period_start)
  join platform.cap_periods p on p.tenant_id = p_tenant and p.cap_id = w.cap_id and p.period_start = w.period_start
  join platform.caps c on c.tenant_id = p_tenant and c.id = w.cap_id
$$;

-- Makes grant p_grant, or extends it, so that its amount is at least p_need_total and at most p_want_total. Totals are cumulative: spent,
-- held and new together, so the same ask again takes nothing more than p_want_total. All caps of the call (tenant; this key; this
-- workflow; month and day) give, or none. Near a cap the share shrinks: never more than the need or a quarter of what remains.
--
--   p_at: when the call was admitted, within 5 s of the database's clock; it decides the periods and the limits in force.
--   validUntil: no call admitted from then on may use this grant: a period or an override ends.
--   {"granted":true,"amount":n,"charged":n,"scopes":[…],"nextPeriodStart":…,"validUntil":…}
--   {"granted":true,"uncapped":true,"amount":p_want_total,"scopes":[]}      no cap: no grant is kept
--   {"granted":false,"failed":capId,"amount":n,"scopes":[…]}                nothing changed
-- TD400 bad input or clock, TD403 tenant not active, key revoked or somebody else's grant, TD404 unknown tenant, gateway or key,
-- TD409 the grant is closed or covers other caps or periods than the call now has: open a new one.
create or replace function platform.take_grant(
  p_gateway uuid, p_tenant uuid, p_key uuid, p_workflow uuid, p_grant uuid, p_at timestamptz, p_need_total bigint, p_want_total bigint
) returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC' as $$
declare
  v_status text;
  v_revoked timestamptz;
  v_caps uuid[];
  v_starts timestamptz[];
  v_complete boolean;
  v_row record;
  v_grant platform.grants;
  v_amount bigint := 0;
  v_need bigint;
  v_take bigint;
  v_room bigint := 9000000000000000;
  v_failed uuid;
  v_failed_rank integer;
  v_next timestamptz;
  v_end timestamptz;
  v_until timestamptz;
begin
  if p_gateway is null or p_grant is null or p_need_total is null or p_want_total is null or p_need_total < 0
     or p_want_total < p_need_total or p_want_total > 9000000000000000 then
    raise exception 'A grant needs a gateway, an id and 0 <= need <= want <= 9 million USD.' using errcode = 'TD400';
  end if;
  if p_at is null or abs(extract(epoch from clock_timestamp() - p_at)) > 5 then
    raise exception 'The admission instant % is more than 5 s from the database''s clock.', p_at using errcode = 'TD400';
  end if;
  select t.status into v_status from platform.tenants t where t.id = p_tenant;
  if v_status is null then
    raise exception 'There is no such tenant.' using errcode = 'TD404';
  elsif v_status <> 'active' then
    raise exception 'The tenant is %.', v_status using errcode = 'TD403';
  end if;
  if p_key is not null then
    select k.revoked_at into v_revoked from platform.api_keys k where k.tenant_id = p_tenant and k.id = p_key;
    if not found then
      raise exception 'The tenant has no such key.' using errcode = 'TD404';
    elsif v_revoked <= clock_timestamp() then
      raise exception 'The key is revoked.' using errcode = 'TD403';
    end if;
  end if;

  for v_attempt in 1..2 loop
    select array_agg(c.id order by c.id), array_agg(p.period_start order by c.id), coalesce(bool_and(p.cap_id is not null), true)
    into v_caps, v_starts, v_complete
    from platform.caps c
    left join platform.cap_periods p
      on p.tenant_id = c.tenant_id and p.cap_id = c.id and p.period_start <= p_at and p.period_end > p_at
    where c.tenant_id = p_tenant and (c.scope = 'tenant' or c.key_id = p_key or c.workflow_id = p_workflow);
    exit when v_complete;
    perform platform.open_cap_periods(array[p_tenant], p_at);
  end loop;
  if v_caps is null then
    return jsonb_build_object('granted', true, 'uncapped', true, 'amount', p_want_total, 'scopes', '[]'::jsonb);
  end if;

  for v_row in
    select p.cap_id, p.period_end, p.limit_nanousd, p.limit_until, p.granted_nanousd, 0::bigint as room, c.hard,
           array_position('{tenant,key,workflow}', c.scope) * 2 + (c.period = 'day')::integer as rank
    from unnest(v_caps, v_starts) w(cap_id, period_start)
    join platform.cap_periods p on p.tenant_id = p_tenant and p.cap_id = w.cap_id and p.period_start = w.period_start
    join platform.caps c on c.tenant_id = p_tenant and c.id = w.cap_id
    order by p.cap_id for no key update of p
  loop
    v_next := least(v_next, v_row.period_end);
    if v_row.limit_until is not null then -- locked: nobody can add or remove an override any more
      select f.limit_nanousd, f.next_end into v_row.limit_nanousd, v_end from platform.limit_in_force(p_tenant, v_row.cap_id, p_at) f;
      v_until := least(v_until, v_end);
    end if;
    v_row.room := v_row.limit_nanousd - v_row.granted_nanousd;
    if v_need is null then -- the first period is locked: nobody else can change this grant any more
      select * into v_grant from platform.grants g where g.tenant_id = p_tenant and g.id = p_grant for no key update;
      if found then
        if v_grant.gateway_id <> p_gateway then
          raise exception 'The grant belongs to another gateway.' using errcode = 'TD403';
        elsif v_grant.state = 'closed' or v_grant.cap_ids <> v_caps or v_grant.period_starts <> v_starts then
          raise exception 'The grant is closed or covers other caps or periods: open a new one.' using errcode = 'TD409';
        end if;
        v_amount := v_grant.amount_nanousd;
      end if;
      v_need := p_need_total - v_amount;
    end if;
    if v_row.hard then
      v_room := least(v_room, v_row.room);
      if v_need > 0 and v_row.room < v_need and (v_failed_rank is null or v_row.rank < v_failed_rank) then
        v_failed := v_row.cap_id;
        v_failed_rank := v_row.rank;
      end if;
    end if;
  end loop;
  if v_failed is not null then
    return jsonb_build_object('granted', false, 'failed', v_failed, 'amount', v_amount, 'nextPeriodStart', v_next,
      'validUntil', least(v_next, v_until), 'scopes', platform.describe_scopes(p_tenant, v_caps, v_starts, p_at));
  end if;

  v_take := greatest(0, least(p_want_total - v_amount, greatest(v_need, v_room / 4)));
  if v_take > 0 then
    update platform.cap_periods p set granted_nanousd = p.granted_nanousd + v_take
    from unnest(v_caps, v_starts) w(cap_id, period_start)
    where p.tenant_id = p_tenant and p.cap_id = w.cap_id and p.period_start = w.period_start;
  end if;
  if v_grant.id is null then
    if not exists (select from platform.gateways g where g.id = p_gateway) then
      raise exception 'There is no such gateway: it has to start first.' using errcode = 'TD404';
    end if;
    insert into platform.grants (tenant_id, id, gateway_id, key_id, workflow_id, cap_ids, period_starts, amount_nanousd)
    values (p_tenant, p_grant, p_gateway, p_key, p_workflow, v_caps, v_starts, v_take);
  elsif v_take > 0 or v_grant.state <> 'open' then
    update platform.grants g set amount_nanousd = g.amount_nanousd + v_take, state = 'open', updated_at = clock_timestamp()
    where g.tenant_id = p_tenant and g.id = p_grant;
  end if;
  return jsonb_build_object('granted', true, 'amount', v_amount + v_take, 'charged', coalesce(v_grant.charged_nanousd, 0),
    'nextPeriodStart', v_next, 'validUntil', least(v_next, v_until),
    'scopes', platform.describe_scopes(p_tenant, v_caps, v_starts, p_at));
end
$$;

grant execute on function platform.undo_cap_change(uuid, uuid, integer, uuid), platform.remove_cap_override(uuid, uuid, uuid, text)
  to td_account_manager, td_operator, td_admin;
grant execute on function platform.add_cap_override(uuid, uuid, bigint, text, timestamp, integer, uuid, text) to td_operator, td_admin;

set local role td_owner;
revoke create on schema platform from td_definer;

-- cap_*: the tenant's monthly cap in the running period; null without one. limit_nanousd: of the cap itself.
-- override_*: its overrides that are in force: their sum, how many, the first end (null: until removed).
-- burn_nanousd_per_day: spend of the last seven days (today and the six before), a day; counted from its beginning for a younger tenant, a day at least.
-- refusals_last_hour: exact up to 10,000.
create or replace view platform.board with (security_invoker = true) as
select
  t.id as tenant_id, t.slug, t.name, t.status, t.plan_id, t.currency, t.time_zone, t.anchor_day,
  c.id as cap_id, c.version as cap_version, c.limit_nanousd, c.hard, c.thresholds,
  -- No period yet: no ingest and no grant since the cap was made. Its bounds and the sum of its quarter hours stand in.
  case when c.id is not null then coalesce(p.period_start,
    (select b.period_start from platform.period_bounds('month', t.time_zone, t.anchor_day, now()) b)) end as period_start,
  case when c.id is not null then coalesce(p.period_end,
    (select b.period_end from platform.period_bounds('month', t.time_zone, t.anchor_day, now()) b)) end as period_end,
  case when c.id is not null then coalesce(p.charged_nanousd, (
    select coalesce(sum(q.cost_nanousd), 0)::bigint
    from platform.period_bounds('month', t.time_zone, t.anchor_day, now()) b
    join platform.usage_15min q on q.tenant_id = t.id and q.bucket >= b.period_start and q.bucket < b.period_end)) end as charged_nanousd,
  p.granted_nanousd,
  (d.seven_days / greatest(1, extract(epoch from now() - greatest(timezone(t.time_zone, (t.today - 6)::timestamp),
    least(t.created_at, timezone(t.time_zone, d.first_day::timestamp)))) / 86400))::bigint as burn_nanousd_per_day,
  d.spent_today as spent_today_nanousd,
  case when l.refused_at > now() - interval '1 hour' then (
    select count(*)::integer from (
      select from platform.refusals f where f.tenant_id = t.id and f.refused_at > now() - interval '1 hour' limit 10000) h)
  else 0 end as refusals_last_hour,
  l.refused_at as last_refused_at, l.type as last_refusal_type, l.code as last_refusal_code,
  now() as as_of,
  c.limit_nanousd + coalesce(o.amount, 0)::bigint as limit_in_force_nanousd,
  coalesce(o.amount, 0)::bigint as override_nanousd, coalesce(o.count, 0)::integer as override_count, o.next_end as override_next_end
from (select x.*, timezone(x.time_zone, now())::date as today from platform.tenants x where x.status <> 'archived' offset 0) t
left join platform.caps c on c.tenant_id = t.id and c.scope = 'tenant' and c.period = 'month'
left join platform.cap_periods p on p.tenant_id = c.tenant_id and p.cap_id = c.id and p.period_start <= now() and p.period_end > now()
-- Few caps have one: read once, not looked up for each tenant.
left join (
  select x.tenant_id, x.cap_id, sum(x.amount_nanousd) as amount, count(*) as count, min(x.ends_at) as next_end
  from platform.cap_overrides x where x.removed_at is null and (x.ends_at is null or x.ends_at > now())
  group by 1, 2
) o on o.tenant_id = c.tenant_id and o.cap_id = c.id
cross join lateral (
  select min(u.day) as first_day, coalesce(sum(u.cost_nanousd), 0)::bigint as seven_days,
         coalesce(sum(u.cost_nanousd) filter (where u.day = t.today), 0)::bigint as spent_today
  from platform.usage_tenant_daily u where u.tenant_id = t.id and u.day > t.today - 7 and u.day <= t.today
) d
left join lateral (
  select f.refused_at, f.type, f.code from platform.refusals f where f.tenant_id = t.id order by f.refused_at desc limit 1
) l on true;

-- Caps, what is handed out and spent in each period, and the grants of gateways.
--
--   granted  everything handed out in the period and not given back, what is spent included
--   charged  cost in the ledger
--   charged <= granted always; granted <= limit but for a limit lowered below it, a soft cap, and a bill above its bound.
--
-- Locks are taken in this order everywhere, so that nobody waits in a circle:
--   idempotency key, tenants (by id), operator, caps, cap_periods (by cap id and start), grants, audit head, versions.
set local role td_owner;

create table platform.caps (
  tenant_id uuid not null references platform.tenants (id),
  id uuid not null default gen_random_uuid(),
  scope text not null check (scope in ('tenant', 'key', 'workflow')),
  key_id uuid,
  workflow_id uuid,
  period text not null check (period in ('month', 'day')),
  limit_nanousd bigint not null check (limit_nanousd between 0 and 9000000000000000),
  hard boolean not null default true,
  thresholds smallint[] not null default '{50,80,95,100}',
  version integer not null default 1 check (version > 0),
  updated_at timestamptz not null default now(),
  updated_by uuid references platform.operators (id),
  primary key (tenant_id, id),
  unique nulls not distinct (tenant_id, scope, key_id, workflow_id, period),
  foreign key (tenant_id, key_id) references platform.api_keys (tenant_id, id),
  foreign key (tenant_id, workflow_id) references platform.workflows (tenant_id, id),
  constraint caps_scope_names_its_thing check ((scope = 'key') = (key_id is not null) and (scope = 'workflow') = (workflow_id is not null))
);
comment on column platform.caps.updated_by is 'Null: set up with the tenant.';

create table platform.cap_periods (
  tenant_id uuid not null,
  cap_id uuid not null,
  period_start timestamptz not null,
  period_end timestamptz not null,
  limit_nanousd bigint not null,
  granted_nanousd bigint not null,
  charged_nanousd bigint not null,
  primary key (tenant_id, cap_id, period_start),
  unique (tenant_id, cap_id, period_end),
  foreign key (tenant_id, cap_id) references platform.caps (tenant_id, id),
  constraint cap_periods_have_length check (period_end > period_start),
  constraint cap_periods_charge_what_is_granted check (charged_nanousd <= granted_nanousd)
) with (fillfactor = 70);
comment on column platform.cap_periods.limit_nanousd is 'The limit in force in this period.';

create table platform.grants (
  tenant_id uuid not null references platform.tenants (id),
  id uuid not null,
  gateway_id uuid not null references platform.gateways (id),
  key_id uuid,
  workflow_id uuid,
  cap_ids uuid[] not null check (cardinality(cap_ids) > 0),
  period_starts timestamptz[] not null,
  amount_nanousd bigint not null check (amount_nanousd >= 0),
  charged_nanousd bigint not null default 0,
  state text not null default 'open' check (state in ('open', 'closed', 'orphaned')),
  opened_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint grants_pair_caps_with_periods check (cardinality(cap_ids) = cardinality(period_starts)),
  constraint grants_cover_their_charges check (charged_nanousd <= amount_nanousd)
) with (fillfactor = 70);
comment on table platform.grants is 'An account of one gateway with one set of caps in one period: its amount is cumulative, extended and shrunk.';
comment on column platform.grants.cap_ids is 'Sorted; never changes, like period_starts beside it.';
create index grants_not_closed on platform.grants (gateway_id) where state <> 'closed';

create table platform.cap_changes (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  cap_id uuid not null,
  version integer not null,
  old_limit_nanousd bigint not null,
  new_limit_nanousd bigint not null,
  kind text not null check (kind in ('raise', 'lower')),
  operator_id uuid not null references platform.operators (id),
  at timestamptz not null,
  idempotency_key uuid not null,
  primary key (tenant_id, id),
  unique (tenant_id, cap_id, version),
  foreign key (tenant_id, cap_id) references platform.caps (tenant_id, id)
);
comment on column platform.cap_changes.version is 'The version this change made.';
create index cap_changes_by_operator on platform.cap_changes (operator_id, at);

call platform.protect('caps', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', true, true, 'select, update');
call platform.protect('cap_periods', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', true, true, 'select, insert, update');
call platform.protect('grants', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', true, false, 'select, insert, update');
call platform.protect('cap_changes', '{td_account_manager,td_operator,td_admin,td_auditor}', false, false, 'select, insert');
grant select on platform.api_keys to td_definer;

create trigger cap_changes_append_only before update or delete on platform.cap_changes
  for each row execute function platform.refuse_change();
create trigger cap_changes_no_truncate before truncate on platform.cap_changes
  for each statement execute function platform.refuse_change();

grant create on schema platform to td_definer;
set local role td_definer;

-- Opens the periods of p_tenants' caps that contain p_at and are not there yet, with what the ledger already has in them.
--
-- Ingest adds to the periods that exist. So that no row falls between the sum and the new period, both hold the
-- tenant's row: an ingest in flight is waited for, a later one sees the period. A changed zone or anchor takes effect at the next
-- boundary: a period begins no earlier than the one before it ended.
create function platform.open_cap_periods(p_tenants uuid[], p_at timestamptz) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_missing uuid[];
begin
  select array_agg(distinct c.tenant_id) into v_missing
  from platform.caps c
  where c.tenant_id = any (p_tenants) and not exists (
    select from platform.cap_periods p
    where p.tenant_id = c.tenant_id and p.cap_id = c.id and p.period_start <= p_at and p.period_end > p_at);
  if v_missing is null then
    return;
  end if;
  perform from platform.tenants t where t.id = any (v_missing) order by t.id for no key update;
  -- set_cap may be changing the limit at this moment: wait for it and take its figure.
  perform from platform.caps c where c.tenant_id = any (v_missing) order by c.tenant_id, c.id for share;
  insert into platform.cap_periods (tenant_id, cap_id, period_start, period_end, limit_nanousd, granted_nanousd, charged_nanousd)
  select n.tenant_id, n.id, n.period_start, n.period_end, n.limit_nanousd, s.cost, s.cost
  from (
    select c.*, greatest(b.period_start, last.period_end) as period_start, b.period_end
    from platform.caps c
    join platform.tenants t on t.id = c.tenant_id
    cross join lateral platform.period_bounds(c.period, t.time_zone, t.anchor_day, p_at) b
    left join lateral (
      select p.period_end from platform.cap_periods p
      where p.tenant_id = c.tenant_id and p.cap_id = c.id and p.period_start <= p_at
      order by p.period_start desc limit 1
    ) last on true
    where c.tenant_id = any (v_missing) and coalesce(last.period_end <= p_at, true)
  ) n
  cross join lateral (
    select coalesce(sum(u.cost_nanousd), 0)::bigint as cost
    from platform.usage_records u
    where u.tenant_id = n.tenant_id and u.occurred_at >= n.period_start and u.occurred_at < n.period_end
      and (n.key_id is null or u.key_id = n.key_id) and (n.workflow_id is null or u.workflow_id = n.workflow_id)
  ) s
  on conflict do nothing;
end
$$;

set local role td_owner;
revoke create on schema platform from td_definer;

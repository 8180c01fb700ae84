-- Grants: money that a gateway may spend without asking again.
set local role td_owner;

create table platform.grants (
  tenant_id uuid not null references platform.tenants (id),
  id uuid not null,
  gateway_id uuid not null references platform.gateways (id),
  key_id uuid,
  workflow_id uuid,
  cap_ids uuid[] not null,
  period_starts timestamptz[] not null,
  amount_nanousd bigint not null check (amount_nanousd >= 0),
  charged_nanousd bigint not null default 0,
  state text not null default 'open' check (state in ('open', 'closed', 'orphaned')),
  last_turn integer not null default 0,
  opened_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint grants_cover_caps check (cardinality(cap_ids) > 0 or state = 'closed' and amount_nanousd = 0),
  constraint grants_pair_caps_with_periods check (cardinality(cap_ids) = cardinality(period_starts)),
  constraint grants_cover_their_charges check (charged_nanousd <= amount_nanousd)
) with (fillfactor = 70);
comment on table platform.grants is 'An account of one gateway with one set of caps in one period: its amount is cumulative, extended and shrunk.';
comment on column platform.grants.cap_ids is 'Sorted; never changes, like period_starts beside it.';
comment on column platform.grants.last_turn is
  'The highest turn of the messages about this grant. Its gateway counts them; one with a lower turn was given up on and is refused.';
create index grants_not_closed on platform.grants (gateway_id) where state <> 'closed';
create index grants_orphaned on platform.grants (tenant_id) where state = 'orphaned';
create index grants_open on platform.grants (tenant_id) where state = 'open';

call platform.protect('grants', '{td_viewer,td_account_manager,td_operator,td_admin,td_auditor}', true, false, 'select, insert, update');

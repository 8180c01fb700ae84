-- The tenants' audit heads that the platform's chain carries, and what reading the log by filters needs.
set local role td_owner;

create table platform.audit_anchors (
  tenant_id uuid primary key,
  seq bigint not null,
  at timestamptz not null
);
comment on table platform.audit_anchors is 'Up to which entry each tenant''s chain is anchored in the platform''s chain. Bookkeeping of audit_anchor: a check reads the chain itself.';
call platform.protect('audit_anchors', '{}', false, false, 'select, insert, update');

-- Newest first, of all or by one column; (at, id) because ids of different chains may come a moment out of the order of time.
drop index platform.audit_log_newest;
create index audit_log_newest on platform.audit_log (at desc, id desc);
create index audit_log_of_tenant on platform.audit_log (tenant_id, at desc, id desc);
create index audit_log_of_login on platform.audit_log (login, at desc, id desc);
create index audit_log_of_action on platform.audit_log (action, at desc, id desc);

-- Its result has another shape now.
drop function if exists platform.audit_verify(uuid);

-- The last call of a period may be trimmed instead of lost.
set local role td_owner;

alter table platform.tenants add column trims_last_call boolean not null default true;
comment on column platform.tenants.trims_last_call is 'A call that does not fit in what remains may get a shorter answer that does.';

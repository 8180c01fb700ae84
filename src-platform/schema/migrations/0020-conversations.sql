-- Tenants' own data: what their people and bots wrote. The tenant role alone reads and writes it, each tenant its own.
-- No operator, no gateway and no function of the platform has any right here: td_definer has no policy on these tables.
set local role td_owner;

create table platform.conversations (
  tenant_id uuid not null references platform.tenants (id),
  id uuid not null default gen_random_uuid(),
  workflow_id uuid,
  session text check (length(session) between 1 and 200),
  started_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, workflow_id) references platform.workflows (tenant_id, id)
);
comment on column platform.conversations.session is 'The session of its calls in the ledger, as the tenant named it.';

create table platform.messages (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  conversation_id uuid not null,
  at timestamptz not null default now(),
  author text not null check (author in ('user', 'assistant', 'system', 'tool')),
  content text not null check (length(content) <= 1000000),
  primary key (tenant_id, id),
  foreign key (tenant_id, conversation_id) references platform.conversations (tenant_id, id) on delete cascade
);
create index messages_of_conversation on platform.messages (tenant_id, conversation_id, at);

call platform.protect('conversations', '{}', false, false, '');
call platform.protect('messages', '{}', false, false, '');
create policy tenant_all on platform.conversations to td_tenant
  using (tenant_id = (select nullif(current_setting('app.current_tenant', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.current_tenant', true), '')::uuid));
create policy tenant_all on platform.messages to td_tenant
  using (tenant_id = (select nullif(current_setting('app.current_tenant', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.current_tenant', true), '')::uuid));
grant select, insert, update, delete on platform.conversations, platform.messages to td_tenant;

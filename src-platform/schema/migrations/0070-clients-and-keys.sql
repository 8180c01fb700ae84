-- What creating clients and handling their keys needs: a version to decide by, who and when, and a plan's usual cap.
set local role td_owner;

alter table platform.tenants add column version integer not null default 1 check (version > 0);
comment on column platform.tenants.version is 'Rises with each change an operator makes to the tenant itself.';

alter table platform.plans add column usual_cap_nanousd bigint not null default 0 check (usual_cap_nanousd between 0 and 9000000000000000);
comment on column platform.plans.usual_cap_nanousd is 'What the console proposes as monthly cap of a new tenant.';
update platform.plans p set usual_cap_nanousd = u.usd * 1000000000
from (values ('free', 10::bigint), ('pro', 50), ('enterprise', 250)) u(id, usd) where p.id = u.id;

alter table platform.api_keys
  add column version integer not null default 1 check (version > 0),
  add column last_used_at timestamptz,
  add column rotated_at timestamptz,
  add column previous_last4 text check (length(previous_last4) = 4),
  add column previous_until timestamptz,
  add column revoked_by uuid references platform.operators (id),
  add constraint api_keys_show_little_of_the_secret check (length(prefix) <= 8),
  add constraint api_keys_replace_a_secret check ((rotated_at is null) = (previous_last4 is null) and (rotated_at is null) = (previous_until is null));
comment on column platform.api_keys.created_by is 'Null: set up with the platform.';
comment on column platform.api_keys.last_used_at is 'Admission of its last call in the ledger; up to a minute behind.';
comment on column platform.api_keys.previous_until is 'Until when the secret that was replaced last is accepted.';

grant insert on platform.tenants, platform.workflows, platform.caps to td_definer;
grant insert, update on platform.api_keys to td_definer;
grant select, insert, update on platform.api_key_secrets to td_definer;
create policy definer_all on platform.api_key_secrets to td_definer using (true) with check (true);

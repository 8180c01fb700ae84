set local role td_owner;

-- Models that clients asked for and that have no price now: their calls were refused. One row a client, provider and model.
create view platform.unpriced with (security_invoker = true) as
select u.tenant_id, t.name as tenant_name, t.slug as tenant_slug, u.provider, u.model, u.calls, u.first_seen_at, u.last_seen_at
from platform.unpriced_models u
join platform.tenants t on t.id = u.tenant_id
where not exists (
  select from platform.model_prices p where p.model = u.model and p.valid_from <= now() and (u.provider in ('', p.provider)));

grant select on platform.unpriced to td_viewer, td_account_manager, td_operator, td_admin, td_auditor;

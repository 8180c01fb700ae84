set local role td_owner;

-- What somebody should look at before it refuses calls: of each cap in its running period the highest threshold that was passed, and whether it will be
-- used up, until it is resolved or somebody has seen to it. Of tenants the operator may see.
create view platform.alerts with (security_invoker = true) as
select
  a.tenant_id, a.id, t.name as tenant_name, t.time_zone, a.cap_id, c.scope as cap_scope, c.period as cap_period, c.key_id, w.name as workflow_name,
  a.threshold, a.raised_at, a.charged_nanousd, a.limit_nanousd, a.runs_out_at, a.period_end,
  p.charged_nanousd as charged_now_nanousd, p.limit_nanousd as limit_now_nanousd
from platform.cap_alerts a
join platform.tenants t on t.id = a.tenant_id and t.status <> 'archived'
join platform.caps c on c.tenant_id = a.tenant_id and c.id = a.cap_id and c.removed_at is null
join platform.cap_periods p on p.tenant_id = a.tenant_id and p.cap_id = a.cap_id and p.period_start = a.period_start
left join platform.workflows w on w.tenant_id = c.tenant_id and w.id = c.workflow_id
where a.resolved_at is null and a.acknowledged_at is null and a.period_end > now() and not exists (
  select from platform.cap_alerts h
  where h.tenant_id = a.tenant_id and h.cap_id = a.cap_id and h.period_start = a.period_start and h.resolved_at is null
    and h.threshold > a.threshold and (a.threshold > 0 or h.threshold = 100));

grant select on platform.alerts to td_viewer, td_account_manager, td_operator, td_admin, td_auditor;

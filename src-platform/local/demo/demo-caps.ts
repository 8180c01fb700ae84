import type { Client } from 'pg';
import { stableId } from '../stable-id.ts';
import { tenantId } from '../register-platform.ts';
import type { DemoTenant } from './demo-tenant.ts';

/**
 * Gives each tenant that has none its monthly cap, so that what it has spent in the present period is the share that the demo
 * wants. Never under two thirds of a month's usual spending nor two dollars: at the beginning of a period little is spent.
 * In steps of 50 cents. Thresholds 50/80/95/100 %.
 */
export async function createDemoCaps(owner: Client, tenants: readonly DemoTenant[]): Promise<void> {
  const rows = tenants.map(({ slug, capShare }) => ({
    tenant_id: tenantId(slug),
    id: stableId('cap', slug, 'tenant', 'month'),
    share: capShare,
  }));
  const created = await owner.query(
    `insert into platform.caps (tenant_id, id, scope, period, limit_nanousd)
     select w.tenant_id, w.id, 'tenant', 'month',
       (ceil(greatest(s.period_cost / w.share, s.usual_cost * 0.66, 2000000000) / 500000000) * 500000000)::bigint
     from jsonb_to_recordset($1::jsonb) as w (tenant_id uuid, id uuid, share numeric)
     join platform.tenants t on t.id = w.tenant_id
     cross join lateral platform.period_bounds('month', t.time_zone, t.anchor_day, now()) b
     cross join lateral (
       select coalesce(sum(u.cost_nanousd) filter (where u.occurred_at >= b.period_start), 0) as period_cost,
         coalesce(sum(u.cost_nanousd) filter (where u.occurred_at >= now() - interval '30 days'), 0) as usual_cost
       from platform.usage_records u
       where u.tenant_id = t.id and u.occurred_at >= least(b.period_start, now() - interval '30 days')
     ) s
     where not exists (
       select from platform.caps c where c.tenant_id = w.tenant_id and c.scope = 'tenant' and c.period = 'month')`,
    [JSON.stringify(rows)],
  );
  const createdForDay = await createDayCaps(owner, tenants);
  if (created.rowCount !== 0 || createdForDay !== 0) await owner.query(`select platform.announce('caps', null)`);
}

/**
 * Daily caps that a runaway day meets and an ordinary one does not: not under 5 USD, nor over half of the month's, nor near what today
 * has cost already.
 */
async function createDayCaps(owner: Client, tenants: readonly DemoTenant[]): Promise<number> {
  const rows = tenants
    .filter(({ dayCapInMeanDays }) => dayCapInMeanDays !== undefined)
    .map(({ slug, dayCapInMeanDays }) => ({
      tenant_id: tenantId(slug),
      id: stableId('cap', slug, 'tenant', 'day'),
      days: dayCapInMeanDays,
    }));
  const created = await owner.query(
    `insert into platform.caps (tenant_id, id, scope, period, limit_nanousd)
     select w.tenant_id, w.id, 'tenant', 'day',
       (ceil(greatest(least(greatest(s.usual_cost / 30 * w.days, 5000000000), m.limit_nanousd / 2), s.today * 1.6) / 500000000)
         * 500000000)::bigint
     from jsonb_to_recordset($1::jsonb) as w (tenant_id uuid, id uuid, days numeric)
     join platform.tenants t on t.id = w.tenant_id
     join platform.caps m on m.tenant_id = t.id and m.scope = 'tenant' and m.period = 'month'
     cross join lateral (
       select coalesce(sum(u.cost_nanousd), 0) as usual_cost,
         coalesce(sum(u.cost_nanousd) filter (where u.day = timezone(t.time_zone, now())::date), 0) as today
       from platform.usage_tenant_daily u
       where u.tenant_id = t.id and u.day > timezone(t.time_zone, now())::date - 30
     ) s
     where not exists (
       select from platform.caps c where c.tenant_id = w.tenant_id and c.scope = 'tenant' and c.period = 'day')`,
    [JSON.stringify(rows)],
  );
  return created.rowCount ?? 0;
}

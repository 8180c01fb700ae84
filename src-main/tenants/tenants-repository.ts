import { sql } from 'kysely';
import { z } from 'zod';
import type { TenantDetail } from '../contract/tenants.ts';
import type { Database } from '../infra/postgres/database.ts';

export interface TenantsRepository {
  /** Undefined: no such tenant, or not for this operator. `month`: YYYY-MM, running in the tenant's zone. */
  find(tenantId: string): Promise<{ anchorDay: number; month: string; asOf: Date } | undefined>;
  /** Usage of each workflow in the tenant's running calendar month, the dearest first; those without usage as well. */
  usageByWorkflow(tenantId: string, month: string): Promise<TenantDetail['workflows']>;
  /** The newest refusals, newest first. */
  lastRefusals(tenantId: string, most: number): Promise<TenantDetail['lastRefusals']>;
}

const tenantRecord = z.object({ anchor_day: z.int(), month: z.string(), as_of: z.date() });
const count = z.bigint().transform(Number);
const usageRecord = z.object({
  workflow_id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  calls: count,
  failed_calls: count,
  cost_nanousd: z.bigint(),
});
const refusalRecord = z.object({
  request_id: z.string(),
  refused_at: z.date(),
  type: z.string(),
  code: z.string().nullable(),
  model: z.string().nullable(),
  workflow_slug: z.string().nullable(),
});

export function createTenantsRepository(database: Database): TenantsRepository {
  return {
    async find(tenantId) {
      const found = await database.rows((db) =>
        sql<object>`
          select anchor_day, to_char(timezone(time_zone, now()), 'YYYY-MM') as month, now() as as_of
            from platform.tenants where id = ${tenantId}`.compile(db),
      );
      const [tenant] = z.array(tenantRecord).parse(found);
      return tenant && { anchorDay: tenant.anchor_day, month: tenant.month, asOf: tenant.as_of };
    },
    async usageByWorkflow(tenantId, month) {
      const found = await database.rows((db) =>
        sql<object>`
          select w.id as workflow_id, w.slug, w.name,
                 coalesce(sum(u.calls), 0)::bigint as calls,
                 coalesce(sum(u.failed_calls), 0)::bigint as failed_calls,
                 coalesce(sum(u.cost_nanousd), 0)::bigint as cost_nanousd
            from platform.workflows w
            left join platform.usage_monthly u
              on u.tenant_id = w.tenant_id and u.workflow_id = w.id and u.month = to_date(${month}, 'YYYY-MM')
           where w.tenant_id = ${tenantId}
           group by w.id, w.slug, w.name
           order by cost_nanousd desc, w.slug`.compile(db),
      );
      return z
        .array(usageRecord)
        .parse(found)
        .map((row) => ({
          workflowId: row.workflow_id,
          slug: row.slug,
          name: row.name,
          calls: row.calls,
          failedCalls: row.failed_calls,
          costNanoUsd: row.cost_nanousd,
        }));
    },
    async lastRefusals(tenantId, most) {
      const found = await database.rows((db) =>
        sql<object>`
          select r.request_id, r.refused_at, r.type, r.code, r.model, w.slug as workflow_slug
            from platform.refusals r
            left join platform.workflows w on w.tenant_id = r.tenant_id and w.id = r.workflow_id
           where r.tenant_id = ${tenantId}
           order by r.refused_at desc limit ${most}`.compile(db),
      );
      return z
        .array(refusalRecord)
        .parse(found)
        .map((row) => ({
          requestId: row.request_id,
          refusedAt: row.refused_at,
          type: row.type,
          code: row.code,
          model: row.model,
          workflowSlug: row.workflow_slug,
        }));
    },
  };
}

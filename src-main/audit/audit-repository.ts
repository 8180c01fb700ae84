import { sql } from 'kysely';
import { z } from 'zod';
import type { AuditEntry } from '../contract/audit.ts';
import type { Database } from '../infra/postgres/database.ts';

export interface AuditRepository {
  /** Entries with an id below `before`, newest first, at most `most`, and the database's clock. */
  list(wish: {
    readonly tenantId: string | undefined;
    readonly before: bigint | undefined;
    readonly most: number;
  }): Promise<{ readonly entries: AuditEntry[]; readonly asOf: Date }>;
}

/** The chain of the platform itself carries the nil id instead of a tenant's. */
const NO_TENANT = '00000000-0000-0000-0000-000000000000';

const entryRecord = z.object({
  id: z.bigint(),
  at: z.date(),
  tenant_id: z.string(),
  tenant_name: z.string().nullable(),
  login: z.string(),
  operator_name: z.string().nullable(),
  action: z.string(),
  target: z.string().nullable(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  reason: z.string().nullable(),
});

export function createAuditRepository(database: Database): AuditRepository {
  return {
    async list({ tenantId, before, most }) {
      const [found, clock] = await Promise.all([
        database.rows((db) =>
          sql<object>`
            select l.id, l.at, l.tenant_id, t.name as tenant_name, l.login, o.name as operator_name, l.action, l.target,
                   l.before::text as before, l.after::text as after, l.reason
              from platform.audit_log l
              left join platform.tenants t on t.id = l.tenant_id
              left join platform.operators o on o.id = l.operator_id
             where (${before ?? null}::bigint is null or l.id < ${before ?? null}::bigint)
               and (${tenantId ?? null}::uuid is null or l.tenant_id = ${tenantId ?? null}::uuid)
             order by l.id desc limit ${most}`.compile(db),
        ),
        database.rows((db) => sql<object>`select now() as now`.compile(db)),
      ]);
      const [{ now }] = z.tuple([z.object({ now: z.date() })]).parse(clock);
      return { entries: z.array(entryRecord).parse(found).map(auditEntry), asOf: now };
    },
  };
}

function auditEntry(row: z.infer<typeof entryRecord>): AuditEntry {
  const { tenant_id, tenant_name, operator_name, ...same } = row;
  return {
    ...same,
    tenantId: tenant_id === NO_TENANT ? null : tenant_id,
    tenantName: tenant_name,
    operatorName: operator_name,
  };
}

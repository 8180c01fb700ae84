import { sql } from 'kysely';
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

export function createAuditRepository(database: Database): AuditRepository {
  return {
    async list({ tenantId, before, most }) {
      const [entries, [clock]] = await Promise.all([
        database.rows((db) => {
          let log = db
            .selectFrom('audit_log as l')
            .leftJoin('tenants as t', 't.id', 'l.tenant_id')
            .leftJoin('operators as o', 'o.id', 'l.operator_id')
            .select(['l.id', 'l.at', sql<string | null>`nullif(l.tenant_id, ${NO_TENANT})`.as('tenantId')])
            .select(['t.name as tenantName', 'l.login', 'o.name as operatorName', 'l.action', 'l.target', 'l.reason'])
            .select([sql<string | null>`l.before::text`.as('before'), sql<string | null>`l.after::text`.as('after')]);
          if (before !== undefined) log = log.where('l.id', '<', before);
          if (tenantId !== undefined) log = log.where('l.tenant_id', '=', tenantId);
          return log.orderBy('l.id', 'desc').limit(most).compile();
        }),
        database.rows((db) => sql<{ now: Date }>`select now()`.compile(db)),
      ]);
      if (clock === undefined) throw new Error('PostgreSQL did not tell the time.');
      return { entries, asOf: clock.now };
    },
  };
}

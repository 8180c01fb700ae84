import { sql } from 'kysely';
import type { AuditChoices, AuditEntry, AuditFilter, AuditPlace } from '../contract/audit.ts';
import type { Database } from '../infra/postgres/database.ts';
import { PLATFORM_CHAIN } from './chain-row.ts';

/** An entry with its exact time, which a Date does not hold. */
export type PlacedEntry = AuditEntry & { readonly atMicros: bigint };

export interface AuditRepository {
  /** Entries before a place, newest first, at most `most`, and the database's clock. */
  list(wish: {
    readonly filter: AuditFilter;
    readonly before: AuditPlace | undefined;
    readonly most: number;
  }): Promise<{ readonly entries: PlacedEntry[]; readonly asOf: Date }>;
  choices(): Promise<AuditChoices>;
}

/** One a minute: they would drown what people did. */
const ANCHOR = 'audit.anchor';

export function createAuditRepository(database: Database): AuditRepository {
  return {
    async list({ filter: { chain, login, action, from, to }, before, most }) {
      const [entries, [clock]] = await Promise.all([
        database.rows((db) => {
          let log = db
            .selectFrom('audit_log as l')
            .leftJoin('tenants as t', 't.id', 'l.tenant_id')
            .leftJoin('operators as o', 'o.id', 'l.operator_id')
            .select([
              'l.id',
              'l.at',
              sql<string | null>`nullif(l.tenant_id, ${PLATFORM_CHAIN})`.as('tenantId'),
              'l.seq',
            ])
            .select(sql<bigint>`(extract(epoch from l.at) * 1000000)::bigint`.as('atMicros'))
            .select(['t.name as tenantName', 'l.login', 'o.name as operatorName', 'l.action', 'l.target', 'l.reason'])
            .select([sql<string | null>`l.before::text`.as('before'), sql<string | null>`l.after::text`.as('after')]);
          if (before !== undefined) {
            const at = sql`timestamptz 'epoch' + ${before.atMicros}::bigint * interval '1 microsecond'`;
            log = log.where(sql<boolean>`(l.at, l.id) < (${at}, ${before.id}::bigint)`);
          }
          if (chain !== undefined) log = log.where('l.tenant_id', '=', chain === 'platform' ? PLATFORM_CHAIN : chain);
          if (login !== undefined) log = log.where('l.login', '=', login);
          if (from !== undefined) log = log.where('l.at', '>=', from);
          if (to !== undefined) log = log.where('l.at', '<', to);
          log = action === undefined ? log.where('l.action', '<>', ANCHOR) : log.where('l.action', '=', action);
          return log.orderBy('l.at', 'desc').orderBy('l.id', 'desc').limit(most).compile();
        }),
        database.rows((db) => sql<{ now: Date }>`select now()`.compile(db)),
      ]);
      if (clock === undefined) throw new Error('PostgreSQL did not tell the time.');
      return { entries, asOf: clock.now };
    },
    async choices() {
      const [people, actions] = await Promise.all([
        database.rows((db) => db.selectFrom('operators').select(['login', 'name']).orderBy('name').compile()),
        // From one action to the next by the index, not over all entries.
        database.rows((db) =>
          sql<{ action: string }>`
            with recursive known as (
              (select action from platform.audit_log order by action limit 1)
              union all
              select (select l.action from platform.audit_log l where l.action > k.action order by l.action limit 1)
              from known k where k.action is not null
            )
            select action from known where action is not null`.compile(db),
        ),
      ]);
      return { people, actions: actions.map(({ action }) => action) };
    },
  };
}

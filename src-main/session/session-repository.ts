import { sql, type RawBuilder } from 'kysely';
import { z } from 'zod';
import { operatorRole, type Missed, type SessionState } from '../contract/session.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { GatewayVersion } from '../infra/platform-skew.ts';
import type { Database } from '../infra/postgres/database.ts';

type Operator = NonNullable<SessionState['operator']>;

export interface SignInAnswer {
  /** Who the database says this login is; null: nobody, or no longer. */
  readonly operator: Operator | null;
  /** By its clock. */
  readonly at: Date;
  /** Its newest migration; null: unknown. */
  readonly schema: string | null;
  /** Of the gateways that work now. */
  readonly gateways: readonly GatewayVersion[];
}

export type MissedCounts = Pick<Missed, 'alerts' | 'requests' | 'decisions'>;

export interface SessionRepository {
  whoami(): Promise<SignInAnswer>;
  /** What came in the last so many ms. */
  missed(forMs: number): Promise<MissedCounts>;
}

const signInRecord = z.object({
  at: z.date(),
  newest_schema: z.string().nullable(),
  working_gateways: z.array(z.object({ name: z.string(), version: z.string() })).nullable(),
  login: z.string().nullable(),
  name: z.string().nullable(),
  role: operatorRole.nullable(),
  raise_limit_nanousd: z.bigint().nullable(),
  raised_24h_nanousd: z.bigint().nullable(),
});

export function createSessionRepository(database: Database): SessionRepository {
  return {
    async whoami() {
      const found = await database.rows((db) =>
        sql<object>`
          select clock_timestamp() as at, me.*,
                 (select max(name) from platform.schema_migrations) as newest_schema,
                 (select json_agg(json_build_object('name', name, 'version', version) order by name)
                    from platform.gateways
                   where heartbeat_at > clock_timestamp() - interval '5 minutes') as working_gateways
            from (select) one left join platform.whoami() me on true`.compile(db),
      );
      const [me] = z.tuple([signInRecord]).parse(found);
      const { at, login, name, role, raised_24h_nanousd: raised24hNanoUsd } = me;
      const operator =
        login === null || name === null || role === null || raised24hNanoUsd === null
          ? null
          : { login, name, role, raiseLimitNanoUsd: me.raise_limit_nanousd, raised24hNanoUsd };
      return { operator, at, schema: me.newest_schema, gateways: me.working_gateways ?? [] };
    },
    async missed(forMs) {
      const since = sql`now() - ${forMs}::double precision * interval '1 ms'`;
      const [alerts, requests, decisions] = await Promise.all([
        count(sql`platform.alerts where raised_at > ${since}`),
        count(sql`platform.inbox where requested_at > ${since}`),
        count(sql`platform.increase_requests where status in ('approved', 'declined') and decided_at > ${since}`),
      ]);
      return { alerts, requests, decisions };
    },
  };

  /** Null: the database does not let this operator see them. */
  async function count(which: RawBuilder<unknown>): Promise<number | null> {
    try {
      const found = await database.rows((db) => sql<object>`select count(*)::int as found from ${which}`.compile(db));
      return z.tuple([z.object({ found: z.int() })]).parse(found)[0].found;
    } catch (error) {
      if (error instanceof OperatorError && error.code === 'FORBIDDEN') return null;
      throw error;
    }
  }
}

import { sql } from 'kysely';
import { z } from 'zod';
import { operatorRole, type SessionState } from '../contract/session.ts';
import type { Database } from '../infra/postgres/database.ts';

type Operator = NonNullable<SessionState['operator']>;

export interface SessionRepository {
  /** Who the database says this login is; null: nobody, or no longer. */
  whoami(): Promise<Operator | null>;
}

const operatorRecord = z.object({
  login: z.string(),
  name: z.string(),
  role: operatorRole,
  raise_limit_nanousd: z.bigint().nullable(),
  raised_24h_nanousd: z.bigint(),
});

export function createSessionRepository(database: Database): SessionRepository {
  return {
    async whoami() {
      const found = await database.rows((db) =>
        sql<object>`select * from platform.whoami() where operator_id is not null`.compile(db),
      );
      const [me] = z.array(operatorRecord).parse(found);
      return me === undefined
        ? null
        : {
            login: me.login,
            name: me.name,
            role: me.role,
            raiseLimitNanoUsd: me.raise_limit_nanousd,
            raised24hNanoUsd: me.raised_24h_nanousd,
          };
    },
  };
}

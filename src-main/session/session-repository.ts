import { sql } from 'kysely';
import { z } from 'zod';
import { operatorRole, type SessionState } from '../contract/session.ts';
import type { Database } from '../infra/postgres/database.ts';

type Operator = NonNullable<SessionState['operator']>;

export interface SignInAnswer {
  /** Who the database says this login is; null: nobody, or no longer. */
  readonly operator: Operator | null;
  /** By its clock. */
  readonly at: Date;
}

export interface SessionRepository {
  whoami(): Promise<SignInAnswer>;
}

const signInRecord = z.object({
  at: z.date(),
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
        sql<object>`select clock_timestamp() as at, me.* from (select) one left join platform.whoami() me on true`.compile(
          db,
        ),
      );
      const [me] = z.tuple([signInRecord]).parse(found);
      const { at, login, name, role, raised_24h_nanousd: raised24hNanoUsd } = me;
      const operator =
        login === null || name === null || role === null || raised24hNanoUsd === null
          ? null
          : { login, name, role, raiseLimitNanoUsd: me.raise_limit_nanousd, raised24hNanoUsd };
      return { operator, at };
    },
  };
}

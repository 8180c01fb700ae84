import { sql } from 'kysely';
import { z } from 'zod';
import {
  isolationReport,
  isolationRule,
  isolationTrial,
  type IsolationReport,
  type IsolationRule,
  type IsolationTrial,
} from '../contract/isolation.ts';
import type { Database } from '../infra/postgres/database.ts';

/** What a check is about. */
export type IsolationScope = Pick<IsolationReport, 'checkedAt' | 'database' | 'server' | 'scope'>;

/** All throw OperatorError FORBIDDEN for operators that are neither auditor nor admin. */
export interface IsolationRepository {
  scope(): Promise<IsolationScope>;
  rules(): Promise<IsolationRule[]>;
  /** Tries every kind of access with the rights of this login; nothing of it stays. */
  trials(): Promise<Omit<IsolationTrial, 'who'>[]>;
}

const scopeRecord = isolationReport.shape.scope.extend({ database: z.string(), server: z.string(), at: z.date() });

export function createIsolationRepository(database: Database): IsolationRepository {
  return {
    async scope() {
      const found = await database.rows((db) => sql<object>`select * from platform.isolation_scope()`.compile(db));
      const [{ database: name, server, at, ...scope }] = z.tuple([scopeRecord]).parse(found);
      return { checkedAt: at, database: name, server, scope };
    },
    async rules() {
      const found = await database.rows((db) => sql<object>`select * from platform.isolation_check()`.compile(db));
      return z.array(isolationRule).parse(found);
    },
    async trials() {
      const found = await database.rows((db) => sql<object>`select * from platform.my_access_trial()`.compile(db));
      return z.array(isolationTrial.omit({ who: true })).parse(found);
    },
  };
}

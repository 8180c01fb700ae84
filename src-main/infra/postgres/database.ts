import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
} from 'kysely';
import { Pool, type QueryResultRow } from 'pg';
import type { Logger } from '../logger.ts';
import { connectionOptions, type ConnectionManner } from './connection-options.ts';
import { isSilence, toOperatorError } from './database-error.ts';
import { refuseUnboundLogin, type Queryable } from './login-check.ts';
import type { Schema } from './schema.ts';

/** Builds a statement; `db` knows the tables of schema `platform` and has no connection. */
export type Statement<Row> = (db: Kysely<Schema>) => CompiledQuery<Row>;

/** The platform's database through the operator's own login: it decides what this operator sees and may do. */
export interface Database {
  /**
   * The rows a statement answers with. What the platform refuses, and its absence, are thrown as OperatorError. A
   * statement is sent once, never again by us.
   */
  rows<Row extends object>(statement: Statement<Row>): Promise<Row[]>;
  /** Forgets the open connections: the network changed under them, and each would have to time out on its own. */
  renew(): void;
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 4;
const IDLE_MS = 30_000;

/**
 * Opens no connection until it is asked something. Every new connection is checked before it is used. Nothing here needs more than
 * one transaction, so the address may lead through a pooler.
 */
export function createDatabase(postgresUrl: string, log: Logger, manner: ConnectionManner = {}): Database {
  const builder = statementBuilder();
  const ending = new Set<Promise<void>>();
  let pool = openPool(postgresUrl, log, manner);
  function end(): void {
    const ended = pool.end().finally(() => ending.delete(ended));
    ending.add(ended);
  }
  return {
    async rows<Row extends object>(statement: Statement<Row>) {
      const { sql, parameters } = statement(builder);
      try {
        return await ask<Row & QueryResultRow>(pool, sql, parameters);
      } catch (error) {
        throw toOperatorError(error);
      }
    },
    renew() {
      end();
      pool = openPool(postgresUrl, log, manner);
    },
    async close() {
      end();
      await Promise.all(ending);
    },
  };
}

function openPool(postgresUrl: string, log: Logger, manner: ConnectionManner): Pool {
  const pool = new Pool({
    ...connectionOptions(postgresUrl, manner),
    max: MOST_CONNECTIONS,
    idleTimeoutMillis: IDLE_MS,
    verify: (client, done) => void checkLogin(client, done),
  });
  // An idle connection that breaks (laptop asleep, server restarted) reports here; unheard it would end the process.
  pool.on('error', (error) => log.warn('An idle database connection broke.', { reason: error.message }));
  // The same for one in use: its statement is told by its own rejection, but the client reports besides.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

async function checkLogin(client: Queryable, done: (error?: Error) => void): Promise<void> {
  try {
    await refuseUnboundLogin(client);
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
    return;
  }
  done();
}

/**
 * One statement on one connection. A connection whose answer did not come in time is thrown away: `pg` would hand it to
 * the next statement, which then waits behind the silent one.
 */
async function ask<Row extends QueryResultRow>(
  pool: Pool,
  sql: string,
  parameters: readonly unknown[],
): Promise<Row[]> {
  const client = await pool.connect();
  let silent = false;
  try {
    return (await client.query<Row>(sql, [...parameters])).rows;
  } catch (error) {
    silent = isSilence(error);
    throw error;
  } finally {
    client.release(silent);
  }
}

/** Kysely as builder alone: statements are typed against the schema there and sent here. */
function statementBuilder(): Kysely<Schema> {
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }).withSchema('platform');
}

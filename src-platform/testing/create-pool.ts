import { Pool, types, type CustomTypesConfig } from 'pg';

export interface PoolOptions {
  /** Shown in pg_stat_activity: "tenantdesk gateway". */
  readonly applicationName: string;
  /** Hears of a connection that broke while idle; without a listener such an error would end the process. */
  readonly onIdleError: (error: Error) => void;
  /** Most connections at a time. Default 10. */
  readonly max?: number;
  /** The server gives a statement up after this time. Default 15,000 ms. */
  readonly statementTimeoutMs?: number;
  /** Time until a connection must stand. Default 5,000 ms. */
  readonly connectTimeoutMs?: number;
}

const INT8: number = types.builtins.INT8;
const DATE: number = types.builtins.DATE;

/**
 * Reads int8 as bigint (money is never a float) and date as its text `YYYY-MM-DD` (a day of a tenant has no instant); all else as pg does.
 * Fits `database-types.ts`.
 */
const platformTypes: CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): ((text: string) => unknown) => {
    if (oid === INT8) return BigInt;
    if (oid === DATE) return String;
    const parse = types.getTypeParser(oid, format) as (text: string) => unknown;
    return parse;
  },
};

/** A pool of connections with the platform's types, for one login. The caller ends it. */
export function createPool(databaseUrl: string, options: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: databaseUrl,
    application_name: options.applicationName,
    types: platformTypes,
    max: options.max ?? 10,
    statement_timeout: options.statementTimeoutMs ?? 15_000,
    idle_in_transaction_session_timeout: 30_000,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    keepAlive: true,
  });
  pool.on('error', options.onIdleError);
  // The same for one in use: its statement is told by its own rejection, but the client reports besides.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

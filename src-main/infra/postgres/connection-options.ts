import { types, type ClientConfig } from 'pg';
import type { TlsTrust } from '../../contract/tls.ts';
import { tlsOptions } from '../tls-connection.ts';

/** Type ids of PostgreSQL's catalog: https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/catalog/pg_type.dat */
const INT8 = 20;

/** Milliseconds after which PostgreSQL gives up on a statement of the console. */
const STATEMENT_TIMEOUT_MS = 5_000;
/** Milliseconds after which we do, because the server or the way to it went silent. */
export const ANSWER_TIMEOUT_MS = 6_000;
export const CONNECT_TIMEOUT_MS = 3_000;

/** What a connection is opened with besides its address. */
export interface ConnectionManner {
  /** It leads through a pooler in transaction mode, which takes no settings for a session; there only our own time-out holds. */
  readonly pooled?: boolean;
  /** Absent or none: as the address says. */
  readonly tls?: TlsTrust;
}

/** How every connection of the console is opened: the operator's own login, int8 as bigint, time-outs on both sides. */
export function connectionOptions(postgresUrl: string, { pooled = false, tls }: ConnectionManner = {}): ClientConfig {
  const host = new URL(postgresUrl).hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    connectionString: postgresUrl,
    ...(tls === undefined || tls.tls === 'none' ? {} : { ssl: tlsOptions(tls, host) }),
    application_name: 'tenantdesk-console',
    ...(pooled ? {} : { statement_timeout: STATEMENT_TIMEOUT_MS }),
    query_timeout: ANSWER_TIMEOUT_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: {
      getTypeParser(oid: number, format?: 'text' | 'binary') {
        if (oid === INT8) return BigInt;
        const parse: unknown = types.getTypeParser(oid, format);
        return parse;
      },
    },
  };
}

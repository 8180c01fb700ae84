import { Pool } from 'pg';

/** Connections by purpose, so that a long ledger transaction never keeps a waiting call from its grant. */
export interface DatabasePools {
  /** Asks for grants: few and quick. */
  readonly grants: Pool;
  readonly ledger: Pool;
  /** Policy, versions, heartbeat. */
  readonly policy: Pool;
  /** What may take long and nobody waits for: replay at the start, then the comparison of figures. */
  readonly recovery: Pool;
  close(): Promise<void>;
}

const QUICK_MS = 3_000;
/** A batch takes some 20 ms. One that got lost must not keep the ledger waiting when the database is back. */
const LEDGER_MS = 4_000;
const RECOVERY_MS = 60_000;
const POLICY_MS = 5_000;

export function createDatabasePools(databaseUrl: string, onIdleError: (error: Error) => void): DatabasePools {
  const make = (purpose: string, max: number, timeoutMs: number): Pool => {
    const pool = new Pool({
      connectionString: databaseUrl,
      application_name: `tenantdesk-gateway-${purpose}`,
      max,
      // A query that is not answered in time destroys its connection (pg-pool releases it with the error).
      query_timeout: timeoutMs,
      connectionTimeoutMillis: Math.min(timeoutMs, 2_000),
      keepAlive: true,
    });
    pool.on('error', onIdleError);
    return pool;
  };
  const pools = {
    grants: make('grants', 8, QUICK_MS),
    ledger: make('ledger', 2, LEDGER_MS),
    policy: make('policy', 3, POLICY_MS),
    recovery: make('recovery', 1, RECOVERY_MS),
  };
  return {
    ...pools,
    close: async () => {
      await Promise.allSettled(Object.values(pools).map((pool) => pool.end()));
    },
  };
}

import { randomBytes } from 'node:crypto';
import { Client, type Pool } from 'pg';
import { inject } from 'vitest';
import { createPool } from './create-pool.ts';
import { databaseUrl, TEMPLATE, testLogin, type GroupRole, type TestCluster } from './test-cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    testCluster: TestCluster;
    /** Options of startRedis: a real one, where this machine has or can get one. */
    testRedis: { readonly program?: string; readonly env?: NodeJS.ProcessEnv };
  }
}

/** A migrated, empty database of its own; `close` drops it. */
export interface TestDatabase {
  readonly name: string;
  /** Member of td_owner: writes the tables, bound by row security through its explicit policies. */
  readonly ownerUrl: string;
  /** Member of td_gateway. */
  readonly gatewayUrl: string;
  readonly superuserUrl: string;
  /** A login that is a member of this group role; it is no operator until there is a row for it ({@link makeOperator} makes its own). */
  readonly urlFor: (role: GroupRole) => string;
  /** As owner; closed with the database. */
  readonly owner: Pool;
  /** The pool of an address, with the platform's types; one an address, closed with the database. */
  readonly connect: (url: string, max?: number) => Pool;
  close(): Promise<void>;
}

/** A machine that does much else makes us wait: that is no finding. */
const PATIENCE = { connectTimeoutMs: 60_000, statementTimeoutMs: 120_000 };

/** Clones the template of the run's cluster, about 50 ms. One for a test file is enough when its tests use tenants of their own. */
export async function createTestDatabase(cluster: TestCluster = inject('testCluster')): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asSuperuser(cluster, `create database ${name} template ${TEMPLATE}`);
  const superuserUrl = databaseUrl(cluster.superuserUrl, { database: name });
  const pools = new Map<string, Pool>();
  const connect = (url: string, max = 10): Pool => {
    const made =
      pools.get(url) ??
      createPool(url, { applicationName: 'tenantdesk test', max, onIdleError: () => undefined, ...PATIENCE });
    pools.set(url, made);
    return made;
  };
  const urlFor = (role: GroupRole): string =>
    databaseUrl(superuserUrl, { login: testLogin(role), password: cluster.password });
  const ownerUrl = urlFor('td_owner');
  return {
    name,
    ownerUrl,
    gatewayUrl: urlFor('td_gateway'),
    superuserUrl,
    urlFor,
    owner: connect(ownerUrl),
    connect,
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
      await asSuperuser(cluster, `drop database ${name} with (force)`);
    },
  };
}

async function asSuperuser(cluster: TestCluster, statement: string): Promise<void> {
  const client = new Client({ connectionString: cluster.superuserUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

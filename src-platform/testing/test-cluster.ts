import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { startPostgres } from '../local/postgres-server.ts';
import { migrate } from '../schema/migrate.ts';

/** A throw-away PostgreSQL with a migrated template and a login for each group role. Plain data: it goes from process to process. */
export interface TestCluster {
  readonly superuserUrl: string;
  /** One for all logins of {@link groupRoles}, whose names are `test_` and the role. */
  readonly password: string;
}

export const groupRoles = [
  'td_owner',
  'td_definer',
  'td_gateway',
  'td_tenant',
  'td_viewer',
  'td_account_manager',
  'td_operator',
  'td_admin',
  'td_auditor',
] as const;
export type GroupRole = (typeof groupRoles)[number];

export const TEMPLATE = 'tenantdesk_template';

/** Name of the test login that is a member of a group role. */
export const testLogin = (role: GroupRole): string => `test_${role}`;

/**
 * Starts the cluster in a temporary folder. Call it from a main thread, once a run. `binaries`: of another PostgreSQL than the bundled
 * one, such as /usr/lib/postgresql/15/bin.
 */
export async function startTestCluster(
  binaries?: string,
): Promise<{ cluster: TestCluster; stop: () => Promise<void> }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tenantdesk-test-'));
  const server = await startPostgres({
    dataFolder: path.join(folder, 'postgres'),
    durable: false,
    ...(binaries === undefined ? {} : { binaries }),
  });
  const stop = async (): Promise<void> => {
    await server.child.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const cluster = { superuserUrl: server.superuserUrl, password: randomBytes(18).toString('base64url') };
    await prepareTestCluster(cluster);
    return { cluster, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Makes the template and the logins in a server that was just made. */
export async function prepareTestCluster({ superuserUrl, password }: TestCluster): Promise<void> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(`create database ${TEMPLATE}`);
    await migrate({ databaseUrl: databaseUrl(superuserUrl, { database: TEMPLATE }) });
    await client.query(`alter database ${TEMPLATE} is_template true allow_connections false`);
    for (const role of groupRoles) {
      await client.query(`create role ${testLogin(role)} login in role ${role} password '${password}'`);
    }
  } finally {
    await client.end();
  }
}

/** The same server by another login or database. */
export function databaseUrl(base: string, change: { login?: string; password?: string; database?: string }): string {
  const url = new URL(base);
  if (change.login !== undefined) url.username = change.login;
  if (change.password !== undefined) url.password = change.password;
  if (change.database !== undefined) url.pathname = `/${change.database}`;
  return url.href;
}

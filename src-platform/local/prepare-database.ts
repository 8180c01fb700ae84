import pg from 'pg';
import { migrate } from '../schema/migrate.ts';
import { ensureDatabase, ensureLogins, type DatabaseLogin } from './database-logins.ts';
import type { LocalCredentials } from './credentials-file.ts';
import type { LocalOperator } from './local-operators.ts';
import { operatorSecrets } from './register-platform.ts';

export const DATABASE = 'tenantdesk';
export const OWNER_LOGIN = 'tenantdesk_owner';
export const GATEWAY_LOGIN = 'tenantdesk_gateway';

export interface PrepareOptions {
  readonly superuserUrl: string;
  readonly port: number;
  readonly credentials: LocalCredentials;
  readonly operators: readonly LocalOperator[];
  readonly log: (line: string) => void;
}

/** Address of the platform's database for one login. */
export function databaseUrl(port: number, login: string, password: string): string {
  return `postgres://${login}:${encodeURIComponent(password)}@127.0.0.1:${port}/${DATABASE}`;
}

/** Makes what is missing of database, schema and logins. The superuser does no more than that, and only here. */
export async function prepareDatabase(options: PrepareOptions): Promise<void> {
  const { superuserUrl, port, credentials, operators, log } = options;
  const owner: DatabaseLogin = {
    login: OWNER_LOGIN,
    password: credentials.ownerPassword,
    memberOf: [],
    createsRoles: true,
  };
  const superuser = new pg.Client({ connectionString: superuserUrl });
  await superuser.connect();
  try {
    await ensureDatabase(superuser, DATABASE, owner);
    await migrate({ databaseUrl: databaseUrl(port, OWNER_LOGIN, credentials.ownerPassword), log });
    await ensureLogins(superuser, DATABASE, [
      { login: GATEWAY_LOGIN, password: credentials.gatewayPassword, memberOf: ['td_gateway'] },
      ...operators.map(({ login, role }) => ({
        login,
        password: operatorSecrets(credentials, login).password,
        memberOf: [`td_${role}`],
      })),
    ]);
  } finally {
    await superuser.end();
  }
}

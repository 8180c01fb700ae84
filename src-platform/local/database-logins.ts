import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import { scramVerifier } from './scram-verifier.ts';

/** A database login and the group roles it is a member of. */
export interface DatabaseLogin {
  readonly login: string;
  readonly password: string;
  readonly memberOf: readonly string[];
  /** May create the group roles (the one who migrates). */
  readonly createsRoles?: boolean;
}

/** Makes the database, owned by the login that migrates. Nobody else may connect until they are let in. */
export async function ensureDatabase(superuser: Client, database: string, owner: DatabaseLogin): Promise<void> {
  await ensureLogin(superuser, owner);
  const found = await superuser.query('select from pg_database where datname = $1', [database]);
  if (found.rowCount === 0) {
    await superuser.query(
      `create database ${escapeIdentifier(database)} owner ${escapeIdentifier(owner.login)} template template0`,
    );
  }
  await superuser.query(`revoke all on database ${escapeIdentifier(database)} from public`);
}

/** Makes the logins that are missing, gives each its password and lets it connect. Roles cannot be named by parameters: they are quoted. */
export async function ensureLogins(
  superuser: Client,
  database: string,
  logins: readonly DatabaseLogin[],
): Promise<void> {
  for (const login of logins) {
    await ensureLogin(superuser, login);
    await superuser.query(
      `grant connect on database ${escapeIdentifier(database)} to ${escapeIdentifier(login.login)}`,
    );
  }
}

async function ensureLogin(
  superuser: Client,
  { login, password, memberOf, createsRoles }: DatabaseLogin,
): Promise<void> {
  const name = escapeIdentifier(login);
  const found = await superuser.query('select from pg_roles where rolname = $1', [login]);
  const attributes = `login nosuperuser nobypassrls nocreatedb ${createsRoles === true ? 'createrole' : 'nocreaterole'}`;
  await superuser.query(
    `${found.rowCount === 0 ? 'create' : 'alter'} role ${name} ${attributes} password ${escapeLiteral(scramVerifier(password))}`,
  );
  for (const group of memberOf) await superuser.query(`grant ${escapeIdentifier(group)} to ${name}`);
}

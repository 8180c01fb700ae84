import { randomBytes } from 'node:crypto';
import { DatabaseError, escapeIdentifier, escapeLiteral, type Client } from 'pg';
import { scramVerifier } from '../local/scram-verifier.ts';
import { NotDone } from './administration-command.ts';

const LOGIN = /^[a-z_][a-z0-9_.@-]{0,62}$/;

/**
 * Makes a database login that is a member of a group and may connect. One that is there already keeps its password.
 * @returns the new password; undefined: it was there. @throws NotDone
 */
export async function makeLogin(owner: Client, login: string, group: string): Promise<string | undefined> {
  if (!LOGIN.test(login) || login.startsWith('pg_') || login.startsWith('td_')) {
    throw new NotDone(
      'A login is 1 to 63 small letters, digits and . _ @ -, begins with a letter, and not with pg_ or td_.',
    );
  }
  // The roles are the login's own affair, not the tables' owner's.
  await owner.query('reset role');
  try {
    const { rowCount } = await owner.query('select from pg_roles where rolname = $1', [login]);
    const password = rowCount === 0 ? randomBytes(24).toString('base64url') : undefined;
    // Roles can't be named by parameters: they are quoted. What stands in a statement is no password, but what proves one.
    const name = escapeIdentifier(login);
    if (password !== undefined) {
      await owner.query(`create role ${name} login password ${escapeLiteral(scramVerifier(password))}`);
    }
    await owner.query(`grant ${escapeIdentifier(group)} to ${name}`);
    const { rows } = await owner.query<{ database: string; connects: boolean }>(
      `select current_database() as database, has_database_privilege($1, current_database(), 'connect') as connects`,
      [login],
    );
    const [here] = rows;
    if (here?.connects === false) {
      await owner.query(`grant connect on database ${escapeIdentifier(here.database)} to ${name}`);
    }
    await owner.query('set role td_owner');
    return password;
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== '42501') throw error;
    throw new NotDone(
      `This login may not make roles or let them in (${error.message}). Have a superuser run:\n` +
        `  create role ${escapeIdentifier(login)} login password '…' in role ${group};\n` +
        'let it connect to the database, and run this again: a login that is there is taken as it is.',
    );
  }
}

import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { Client, DatabaseError } from 'pg';

/** What a command of the administration is given. Secrets are printed once, to standard output; all else goes to `log`. */
export interface CommandPorts {
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  readonly print: (line: string) => void;
  /** A text that must not stand on a command line: from standard input. */
  readonly readSecret: (question: string) => Promise<string>;
}

/** What was asked for can't be done; the message says why, and what to do. */
export class NotDone extends Error {
  override readonly name = 'NotDone';
}

export interface Verb<Options extends ParseArgsOptionsConfig> {
  readonly options: Options;
  /** How many words come behind the verb: 0 or 1. */
  readonly words: 0 | 1;
  readonly run: (asked: Asked, owner: Client) => Promise<void>;
}

export interface Asked {
  /** The word behind the verb; empty where there is none. */
  readonly word: string;
  /** Of an option that takes a text. */
  readonly text: (name: string) => string | undefined;
  /** Of an option that takes none. */
  readonly flag: (name: string) => boolean;
}

/**
 * Runs `<verb> [word] [--options]` as the database's owner, the login that migrates: TENANTDESK_DATABASE_URL.
 * @returns the exit code.
 */
export async function runCommand(
  usage: string,
  verbs: Readonly<Record<string, Verb<ParseArgsOptionsConfig>>>,
  args: readonly string[],
  { env, log }: CommandPorts,
): Promise<number> {
  const [name = '', ...rest] = args;
  if (name === '--help' || name === '-h') {
    log(usage);
    return 0;
  }
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (verb === undefined) {
    log(`${name === '' ? 'Say what to do.' : `There is no "${name.slice(0, 40)}".`}\n\n${usage}`);
    return 1;
  }
  let asked: Asked;
  try {
    asked = readArguments(verb, rest);
  } catch (error) {
    log(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 1;
  }
  const connectionString = env['TENANTDESK_DATABASE_URL'];
  if (!connectionString) {
    log(`TENANTDESK_DATABASE_URL is not set: the address of the database as the login that migrates.\n\n${usage}`);
    return 1;
  }
  try {
    await asOwner(connectionString, (owner) => verb.run(asked, owner));
    return 0;
  } catch (error) {
    log(sentenceOf(error));
    return 1;
  }
}

function readArguments({ options, words }: Verb<ParseArgsOptionsConfig>, args: readonly string[]): Asked {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (positionals.length !== words) {
    throw new Error(words === 0 ? 'Nothing comes behind it but options.' : 'One name comes behind it.');
  }
  return {
    word: positionals[0] ?? '',
    text: (name) => {
      const value = values[name];
      return typeof value === 'string' ? value : undefined;
    },
    flag: (name) => values[name] === true,
  };
}

/** @throws NotDone when the login is not the owner's, or the schema is not there */
async function asOwner(connectionString: string, work: (owner: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString, application_name: 'tenantdesk administration' });
  // What breaks it is told by the query.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ there: boolean; owner: boolean }>(
      `select to_regprocedure('platform.set_provider(text, text, bytea, integer, text[], integer, text)') is not null as there,
         coalesce((select pg_has_role(session_user, oid, 'member') from pg_roles where rolname = 'td_owner'), false) as owner`,
    );
    if (!rows[0]?.there) {
      throw new NotDone('This database has not the schema of this program: npm run platform:migrate.');
    }
    if (!rows[0].owner) {
      throw new NotDone('This login is not a member of td_owner: give the address of the login that migrates.');
    }
    // One that made the roles is a member that may act as the owner, not one that inherits from it.
    await client.query('set role td_owner');
    await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof NotDone) return error.message;
  if (error instanceof DatabaseError && error.code?.startsWith('TD') === true) return error.message;
  return `It was not done: ${error instanceof Error ? error.message : String(error)}`;
}

/** A number from 0 on in words of a command line; undefined: the option was not given. @throws NotDone */
export function wholeNumber(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new NotDone(`--${option} takes a whole number.`);
  return Number(text);
}

/** Rows under their names, each column as wide as it needs. */
export function table(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [names, ...rows];
  const widths = names.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

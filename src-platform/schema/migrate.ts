import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';

export interface Migration {
  /** File name without `.sql`, such as `0001-roles`; the order of names is the order of application. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, hex. */
  readonly checksum: string;
}

export interface MigrateOptions {
  /** A direct connection (no transaction pooler) of a superuser, or of a login that may make roles and is the owner of the database. */
  readonly databaseUrl: string;
  readonly log?: (line: string) => void;
  /** Default: the files beside this module. */
  readonly migrations?: readonly Migration[];
}

/** The database and the files do not fit: newer than this program, or a file was changed after it was applied. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** Any number; the same in every version of this program, so that two of them never migrate one database at once. */
const LOCK = 7_283_540_112;

/**
 * Brings a database to the schema of this program: applies what is missing, in order, each file in a transaction of its own.
 * Two at the same time wait for each other; a second run changes nothing.
 * @returns names of the migrations applied now. Throws {@link MigrationError}, or the database's own error with the file's name.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const log = options.log ?? (() => undefined);
  const migrations = options.migrations ?? readMigrations();
  const client = new Client({ connectionString: options.databaseUrl, application_name: 'tenantdesk migrate' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    const pending = pendingMigrations(migrations, await readApplied(client));
    for (const migration of pending) {
      await apply(client, migration);
      log(`applied ${migration.name}`);
    }
    if (pending.length === 0) log(`nothing to do: the database is at ${migrations.at(-1)?.name ?? 'no migration'}`);
    return pending.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

/** The migrations of this program, from the `.sql` files of a folder. */
export function readMigrations(folder = path.join(import.meta.dirname, 'migrations')): Migration[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
    .map((file) => {
      const sql = readFileSync(path.join(folder, file), 'utf8');
      return { name: file.slice(0, -'.sql'.length), sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}

/** What is missing; throws when the database has something that these files don't, or had it otherwise. */
export function pendingMigrations(
  migrations: readonly Migration[],
  applied: readonly Omit<Migration, 'sql'>[],
): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const latest = migrations.at(-1)?.name ?? 'no migration';
  for (const { name, checksum } of applied) {
    const migration = known.get(name);
    if (!migration) {
      throw new MigrationError(
        `The database is newer than this program: it has migration ${name}, the program ends at ${latest}. Use a newer TenantDesk.`,
      );
    }
    if (migration.checksum !== checksum) {
      throw new MigrationError(
        `Migration ${name} was changed after it was applied to this database. Restore the file and put the change into a new one.`,
      );
    }
  }
  const done = new Set(applied.map(({ name }) => name));
  const pending = migrations.filter(({ name }) => !done.has(name));
  const overtaken = pending.find(({ name }) => applied.some((other) => other.name > name));
  if (overtaken) {
    throw new MigrationError(
      `Migration ${overtaken.name} comes before one that is applied already. Give it a later number.`,
    );
  }
  return pending;
}

async function readApplied(client: Client): Promise<{ name: string; checksum: string }[]> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('platform.schema_migrations') is not null as there`,
  );
  if (!rows[0]?.there) return [];
  const applied = await client.query<{ name: string; checksum: string }>(
    'select name, checksum from platform.schema_migrations order by name',
  );
  return applied.rows;
}

async function apply(client: Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query('reset role');
    await client.query('set local role td_owner');
    await client.query('insert into platform.schema_migrations (name, checksum) values ($1, $2)', [name, checksum]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    if (error instanceof Error) error.message = `Migration ${name}: ${error.message}`;
    throw error;
  }
}

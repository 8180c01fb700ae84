import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { changedByHand, forgetCatalog, noteCatalog } from './catalog-print.ts';
import {
  applyDefinitions,
  differingDefinitions,
  namingIt,
  readAppliedDefinitions,
  readDefinitions,
} from './definitions.ts';
import { leadsThroughPooler } from './pooler.ts';
import { readSqlFile, type AppliedFile, type SqlFile } from './sql-file.ts';

export interface MigrateOptions {
  /** A direct connection (no transaction pooler) of a superuser, or of a login that may make roles and is the owner of the database. */
  readonly databaseUrl: string;
  readonly log?: (line: string) => void;
  /** Says what it would do and changes nothing. */
  readonly dryRun?: boolean;
  /** Takes tables, policies and triggers that somebody changed by hand as they are. */
  readonly acceptChanges?: boolean;
  /** Default: the files beside this module. */
  readonly migrations?: readonly SqlFile[];
  /** Default: the files beside this module. */
  readonly definitions?: readonly SqlFile[];
}

/** The database and the files do not fit: newer than this program, changed by hand, or a file was changed after it was applied. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** Any number; the same in every version of this program, so that two of them never migrate one database at once. */
const LOCK = 7_283_540_112;

/**
 * Brings a database to the schema of this program: first the migrations that are missing, in order, each file in a transaction of its
 * own; then, where one of their files differs or a migration came before, all functions and views in one.
 * Two at the same time wait for each other; a second run changes nothing.
 * @returns names of the migrations applied now (of a dry run: that would be). Throws {@link MigrationError}, or the database's own
 * error with the file's name; the file's transaction has left nothing then.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const { dryRun = false, log = () => undefined } = options;
  const migrations = options.migrations ?? readMigrations();
  const definitions = options.definitions ?? readDefinitions();
  const applied = dryRun ? 'would apply' : 'applied';
  const client = new Client({ connectionString: options.databaseUrl, application_name: 'tenantdesk migrate' });
  await client.connect();
  try {
    if (await leadsThroughPooler(client)) {
      throw new MigrationError(
        'This address leads through a connection pooler, which would not hold the lock that keeps two migrations apart. Give the address of PostgreSQL itself.',
      );
    }
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    const pending = pendingMigrations(migrations, await readApplied(client));
    const byHand = await changedByHand(client);
    if (byHand.others.length > 0 && !options.acceptChanges) throw new MigrationError(handMadeSentence(byHand.others));
    if (byHand.definitions.length > 0) {
      log(`changed by hand, ${dryRun ? 'would be' : 'is'} put right: ${byHand.definitions.join(', ')}`);
    }
    for (const migration of pending) {
      if (!dryRun) await apply(client, migration);
      log(`${applied} ${migration.name}`);
    }
    // A migration in a dry run has not emptied the list of the applied ones, as it would.
    const known = dryRun && pending.length > 0 ? [] : await readAppliedDefinitions(client);
    const differing = differingDefinitions(definitions, known);
    const due = differing.length > 0 || byHand.definitions.length > 0;
    if (!dryRun && (due || byHand.others.length > 0)) {
      await inTransaction(client, async () => {
        if (due) await applyDefinitions(client, definitions);
        await noteCatalog(client);
      });
    }
    if (differing.length > 0) {
      const which = known.length > 0 ? `: ${differing.join(', ')}` : '';
      log(`${applied} functions and views${which}`);
    }
    if (pending.length === 0 && !due) {
      log(`nothing to do: the database is at ${migrations.at(-1)?.name ?? 'no migration'}`);
    }
    return pending.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

const NAMED = 5;

function handMadeSentence(objects: readonly string[]): string {
  const more = objects.length > NAMED ? ` and ${objects.length - NAMED} more` : '';
  return (
    `The database was changed by hand since it was migrated: ${objects.slice(0, NAMED).join(', ')}${more}. ` +
    'Undo that. Where it is wanted, take it as it is with --accept-changes.'
  );
}

/** The migrations of this program, from the `.sql` files of a folder; the order of names is the order of application. */
export function readMigrations(folder = path.join(import.meta.dirname, 'migrations')): SqlFile[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
    .map((file) => readSqlFile(file.slice(0, -'.sql'.length), path.join(folder, file)));
}

/** What is missing; throws when the database has something that these files don't, or had it otherwise. */
export function pendingMigrations(migrations: readonly SqlFile[], applied: readonly AppliedFile[]): SqlFile[] {
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

async function readApplied(client: Client): Promise<AppliedFile[]> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('platform.schema_migrations') is not null as there`,
  );
  if (!rows[0]?.there) return [];
  return (await client.query<AppliedFile>('select name, checksum from platform.schema_migrations order by name')).rows;
}

async function apply(client: Client, { name, sql, checksum }: SqlFile): Promise<void> {
  await inTransaction(client, () =>
    namingIt(`Migration ${name}`, async () => {
      await client.query(sql);
      await client.query('reset role');
      await client.query('set local role td_owner');
      await client.query('insert into platform.schema_migrations (name, checksum) values ($1, $2)', [name, checksum]);
      // Due again, also when this run ends before it comes to them.
      await client.query('delete from platform.schema_definitions');
      await forgetCatalog(client);
    }),
  );
}

async function inTransaction(client: Client, work: () => Promise<void>): Promise<void> {
  await client.query('begin');
  try {
    await work();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

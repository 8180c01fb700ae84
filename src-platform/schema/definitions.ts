/**
 * Functions and views: each stands in one file, which is changed in place. The files are applied together, in one transaction,
 * whenever one of them differs from what the database has. The database then has what the files say and nothing else:
 *
 *   - execute on a function, and a view with its grants, exist by their file alone: a grant taken out is taken away;
 *   - a function or view that no file defines any more, or with other parameters, is dropped.
 *
 * Functions are replaced, not made anew: calls under way go on, policies and triggers keep theirs. What PostgreSQL can't replace
 * (another result type, another name of a parameter) needs a migration that drops the function before.
 * Procedures are tools of the migrations (`platform.protect`) and stay as those made them.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Client } from 'pg';
import { readSqlFile, type AppliedFile, type SqlFile } from './sql-file.ts';

/** Views need the functions they call; functions need nothing, because their bodies are checked when all are there. */
const FOLDERS = ['functions', 'views'];

/** The definitions of this program, in the order of application. */
export function readDefinitions(root = import.meta.dirname): SqlFile[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.sql'))
      .map((file) => path.posix.join(folder, ...file.slice(0, -'.sql'.length).split(path.sep)))
      .toSorted()
      .map((name) => readSqlFile(name, path.join(root, `${name}.sql`))),
  );
}

/** Names of the files that are new, changed or gone since they were applied; all of them are applied when there is one. */
export function differingDefinitions(definitions: readonly SqlFile[], applied: readonly AppliedFile[]): string[] {
  const known = new Map(applied.map(({ name, checksum }) => [name, checksum]));
  const files = new Set(definitions.map(({ name }) => name));
  return [
    ...definitions.filter(({ name, checksum }) => known.get(name) !== checksum),
    ...applied.filter(({ name }) => !files.has(name)),
  ].map(({ name }) => name);
}

export async function readAppliedDefinitions(client: Client): Promise<AppliedFile[]> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('platform.schema_definitions') is not null as there`,
  );
  if (!rows[0]?.there) return [];
  return (await client.query<AppliedFile>('select name, checksum from platform.schema_definitions')).rows;
}

/** Applies all of them; within the caller's transaction, which has to be rolled back when this throws. */
export async function applyDefinitions(client: Client, definitions: readonly SqlFile[]): Promise<void> {
  await client.query('set local check_function_bodies = off');
  await client.query('set local role td_owner; grant create on schema platform to td_definer');
  await client.query(DROP_VIEWS);
  for (const owner of OWNERS) await client.query(`set local role ${owner}; ${REVOKE_EXECUTE}`);
  const before = await functions(client);
  for (const { name, sql } of definitions) {
    await client.query('set local role td_definer');
    await namingIt(name, () => client.query(sql));
  }
  // Whatever is defined gets a new row in the catalog: a row in its old place was not.
  const left = (await functions(client)).filter(({ oid, place }) =>
    before.some((old) => old.oid === oid && old.place === place),
  );
  for (const { owner, signature } of left) {
    await namingIt(`${signature} has no file any more`, () =>
      client.query(`set local role ${owner}; drop routine ${signature}`),
    );
  }
  await client.query('set local check_function_bodies = on');
  for (const owner of OWNERS) await client.query(`set local role ${owner}; ${CHECK_BODIES}`);
  await client.query('set local role td_owner; revoke create on schema platform from td_definer');
  await client.query('delete from platform.schema_definitions');
  await client.query(
    `insert into platform.schema_definitions (name, checksum)
     select * from jsonb_to_recordset($1) d(name text, checksum text)`,
    [JSON.stringify(definitions.map(({ name, checksum }) => ({ name, checksum })))],
  );
}

/** Runs a step; its error says which file or function it is about. */
export async function namingIt<T>(what: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof Error) error.message = `${what}: ${error.message}`;
    throw error;
  }
}

const OWNERS = ['td_owner', 'td_definer'];

const OWN_FUNCTIONS = `from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang
  where p.pronamespace = 'platform'::regnamespace and p.prokind <> 'p' and p.proowner = current_user::regrole`;

const DROP_VIEWS = `do $$
declare
  v_views text;
begin
  select string_agg(c.oid::regclass::text, ', ') into v_views from pg_catalog.pg_class c
  where c.relnamespace = 'platform'::regnamespace and c.relkind = 'v' and c.relowner = current_user::regrole;
  if v_views is not null then
    execute 'drop view ' || v_views;
  end if;
end $$`;

const REVOKE_EXECUTE = `do $$
declare
  v_revoke text;
begin
  for v_revoke in
    select format('revoke all on function %s from %s', f.signature,
      case when x.grantee = 0 then 'public' else x.grantee::regrole::text end)
    from (select p.oid::regprocedure as signature, p.proowner, p.proacl ${OWN_FUNCTIONS}) f
    cross join lateral pg_catalog.aclexplode(coalesce(f.proacl, pg_catalog.acldefault('f', f.proowner))) x
    where x.grantee <> f.proowner
  loop
    execute v_revoke;
  end loop;
end $$`;

const CHECK_BODIES = `do $$
declare
  v_function record;
begin
  for v_function in select p.oid, p.oid::regprocedure as signature, l.lanname ${OWN_FUNCTIONS} loop
    begin
      if v_function.lanname = 'plpgsql' then
        perform pg_catalog.plpgsql_validator(v_function.oid);
      elsif v_function.lanname = 'sql' then
        perform pg_catalog.fmgr_sql_validator(v_function.oid);
      end if;
    exception when others then
      raise exception '%: %', v_function.signature, sqlerrm using errcode = sqlstate;
    end;
  end loop;
end $$`;

interface CatalogFunction {
  readonly oid: number;
  readonly place: string;
  readonly signature: string;
  readonly owner: string;
}

async function functions(client: Client): Promise<CatalogFunction[]> {
  const { rows } = await client.query<CatalogFunction>(
    `select oid, ctid::text as place, oid::regprocedure::text as signature, proowner::regrole::text as owner
     from pg_catalog.pg_proc
     where pronamespace = 'platform'::regnamespace and prokind <> 'p' and proowner = any ($1::regrole[])`,
    [OWNERS],
  );
  return rows;
}

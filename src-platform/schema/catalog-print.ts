/**
 * What the runner leaves behind is noted object by object, and held against the catalog at the next run: a policy, a grant or a
 * column that somebody changed by hand since then has a name. Partitions are made while the platform runs, and indexes are for those
 * who operate the database to add: neither is looked at.
 */
import type { Client } from 'pg';

/** Objects of schema `platform` whose digest is another one, that are new, or gone: "policy caps.owner_all". */
export interface HandMade {
  /** Their files are applied anew: that puts them right. */
  readonly definitions: readonly string[];
  /** Tables, policies, triggers: no file says again what they were. */
  readonly others: readonly string[];
}

interface CatalogObject {
  readonly name: string;
  readonly digest: string;
}

const NOTHING: HandMade = { definitions: [], others: [] };

/** Nothing where there is no note, or one of another major version of PostgreSQL. */
export async function changedByHand(client: Client): Promise<HandMade> {
  if (!(await isNoted(client))) return NOTHING;
  const { rows: noted } = await client.query<CatalogObject>(
    `select name, digest from platform.schema_objects where server_major = current_setting('server_version_num')::integer / 10000`,
  );
  if (noted.length === 0) return NOTHING;
  const before = new Map(noted.map(({ name, digest }) => [name, digest]));
  await client.query('begin');
  const now = new Map((await readCatalog(client)).map(({ name, digest }) => [name, digest]));
  await client.query('commit');
  const changed = [...new Set([...before.keys(), ...now.keys()])]
    .filter((name) => before.get(name) !== now.get(name))
    .toSorted();
  const isDefinition = (name: string): boolean => /^(function|view) /.test(name);
  return { definitions: changed.filter(isDefinition), others: changed.filter((name) => !isDefinition(name)) };
}

/** A migration changes the catalog: what was noted holds no more. Within its transaction. */
export async function forgetCatalog(client: Client): Promise<void> {
  if (await isNoted(client)) await client.query('delete from platform.schema_objects');
}

/** Notes the catalog as it is; within the caller's transaction. */
export async function noteCatalog(client: Client): Promise<void> {
  if (!(await isNoted(client))) return;
  const objects = await readCatalog(client);
  await client.query('set local role td_owner');
  await client.query('delete from platform.schema_objects');
  await client.query(
    `insert into platform.schema_objects (name, digest, server_major)
     select o.name, o.digest, current_setting('server_version_num')::integer / 10000 from jsonb_to_recordset($1) o(name text, digest text)`,
    [JSON.stringify(objects)],
  );
}

async function isNoted(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('platform.schema_objects') is not null as there`,
  );
  return rows[0]?.there ?? false;
}

/** Within a transaction, for whose rest the settings hold on which the catalog's words depend. */
async function readCatalog(client: Client): Promise<CatalogObject[]> {
  await client.query(`select set_config('search_path', '', true), set_config('timezone', 'UTC', true)`);
  return (await client.query<CatalogObject>(CATALOG)).rows;
}

const acl = (column: string): string =>
  `(select string_agg(x.grantee::regrole || ' ' || x.privilege_type, ',' order by x.grantee::regrole::text, x.privilege_type)
    from aclexplode(${column}) x)`;

const CATALOG = `
with relation as (
  select c.* from pg_class c
  where c.relnamespace = 'platform'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
), object as (
  select 'table ' || c.relname as name, concat_ws('|', c.relowner::regrole, c.relrowsecurity, c.relforcerowsecurity, ${acl('c.relacl')},
    (select string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
        ${acl('a.attacl')}), ',' order by a.attnum)
     from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
    (select string_agg(n.conname || ' ' || pg_get_constraintdef(n.oid), ',' order by n.conname) from pg_constraint n where n.conrelid = c.oid)
  ) as said
  from relation c where c.relkind <> 'v'
  union all
  select 'view ' || c.relname, concat_ws('|', c.relowner::regrole, c.reloptions, ${acl('c.relacl')}, pg_get_viewdef(c.oid))
  from relation c where c.relkind = 'v'
  union all
  select 'policy ' || c.relname || '.' || p.polname, concat_ws('|', p.polcmd, p.polpermissive,
    (select string_agg(r::regrole::text, ',' order by r::regrole::text) from unnest(p.polroles) r),
    pg_get_expr(p.polqual, p.polrelid), '>', pg_get_expr(p.polwithcheck, p.polrelid))
  from pg_policy p join relation c on c.oid = p.polrelid
  union all
  select 'trigger ' || c.relname || '.' || t.tgname, pg_get_triggerdef(t.oid) || t.tgenabled::text
  from pg_trigger t join relation c on c.oid = t.tgrelid where not t.tgisinternal
  union all
  select case p.prokind when 'p' then 'procedure ' else 'function ' end || p.oid::regprocedure,
    concat_ws('|', p.proowner::regrole, ${acl('p.proacl')}, pg_get_functiondef(p.oid))
  from pg_proc p where p.pronamespace = 'platform'::regnamespace and p.prokind in ('f', 'p')
)
select name, md5(said) as digest from object order by name`;

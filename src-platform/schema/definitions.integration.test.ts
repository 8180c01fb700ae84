import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { readDefinitions } from './definitions.ts';
import { main } from './migrate-main.ts';
import { migrate, readMigrations } from './migrate.ts';
import type { SqlFile } from './sql-file.ts';

let db: TestDatabase;
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(() => db.close());

const files = readDefinitions();
const USD = 'functions/caps/usd';

/** A file as it would be with this text. */
const file = (name: string, sql: string): SqlFile => ({ name, sql, checksum: `of ${sql}` });
const fileOf = (name: string): SqlFile => files.find((each) => each.name === name)!;
/** The files, with some in another text or more of them. */
const withFiles = (...changed: SqlFile[]): SqlFile[] => [
  ...files.filter(({ name }) => changed.every((other) => other.name !== name)),
  ...changed,
];
const edit = (name: string, from: string, to: string): SqlFile => {
  const { sql } = fileOf(name);
  expect(sql).toContain(from);
  return file(name, sql.replace(from, to));
};

async function apply(definitions: SqlFile[], more: { migrations?: SqlFile[]; dryRun?: boolean } = {}) {
  const lines: string[] = [];
  await migrate({ databaseUrl: db.superuserUrl, definitions, log: (line) => lines.push(line), ...more });
  return lines;
}

async function rows(sql: string): Promise<unknown[]> {
  return (await db.connect(db.superuserUrl).query<Record<string, unknown>>(sql)).rows;
}

/** All that applying may touch; a row that was written again differs, even if it says the same. */
const everything = () =>
  rows(
    `select 'function ' || oid::regprocedure as name, xmin::text, ctid::text, prosrc, proacl::text from pg_proc where pronamespace = 'platform'::regnamespace
     union all select 'view ' || relname, xmin::text, ctid::text, pg_get_viewdef(oid), relacl::text from pg_class
       where relnamespace = 'platform'::regnamespace and relkind = 'v'
     union all select name, xmin::text, ctid::text, checksum, applied_at::text from platform.schema_definitions
     union all select name, xmin::text, ctid::text, checksum, applied_at::text from platform.schema_migrations
     union all select 'schema', xmin::text, ctid::text, '', nspacl::text from pg_namespace where nspname = 'platform'
     order by 1`,
  );

test('every function and view stands in exactly one file, and in no migration', async () => {
  const defined = (sql: string): string[] =>
    [...sql.matchAll(/^create (?:or replace )?(?:function|aggregate|view) platform\.(\w+)/gm)].map(([, name]) => name!);
  const found = await rows(
    `select proname as name from pg_proc where pronamespace = 'platform'::regnamespace and prokind <> 'p'
     union all select relname from pg_class where relnamespace = 'platform'::regnamespace and relkind in ('v', 'm') order by 1`,
  );
  expect(found.map((row) => (row as { name: string }).name)).toEqual(
    files.flatMap(({ sql }) => defined(sql)).toSorted(),
  );
  // Declared for policies and triggers, so that the migrations can name them.
  expect(readMigrations().flatMap(({ sql }) => defined(sql))).toEqual([
    'my_operator_id',
    'sees_all_tenants',
    'my_tenants',
    'refuse_change',
    'keep_limit_in_force',
  ]);
  for (const { name, sql } of files) {
    const names = defined(sql).map((each) => each.replaceAll('_', '-'));
    expect(names, `${name} is named after one of its functions`).toContain(path.posix.basename(name));
  }
});

test('functions that may do more than their caller belong to the definer, and none looks names up in the caller’s schemas', async () => {
  const found = await rows(
    `select proname, proowner::regrole::text as owner from pg_proc where pronamespace = 'platform'::regnamespace
       and (proowner <> 'td_definer'::regrole
         -- A body of the standard's kind was bound when it was defined.
         or prosqlbody is null and not coalesce('search_path=""' = any (proconfig), false)) order by 1`,
  );
  expect(found).toEqual([
    { proname: 'archive_partitions', owner: 'td_owner' },
    { proname: 'ensure_partitions', owner: 'td_owner' },
    { proname: 'protect', owner: 'td_owner' },
    { proname: 'sum_counts', owner: 'td_definer' },
  ]);
});

test('a second run changes nothing', async () => {
  const before = await everything();
  expect(await apply(files)).toEqual([expect.stringMatching(/^nothing to do/)]);
  expect(await everything()).toEqual(before);
});

test('a changed function is applied, and what leans on it stays', async () => {
  const policies = () => rows('select * from pg_policies order by tablename, policyname');
  const before = await policies();
  const changed = edit('functions/people/my-operator', '(platform.my_operator()).all_tenants, false', 'null, false');
  const lines = await apply(withFiles(changed));
  expect(lines).toEqual(['applied functions and views: functions/people/my-operator']);
  expect(await rows(`select prosrc from pg_proc where proname = 'sees_all_tenants'`)).toEqual([
    { prosrc: expect.stringContaining('null, false') as unknown },
  ]);
  expect(await policies()).toEqual(before);
  expect(await apply(withFiles(changed))).toEqual([expect.stringMatching(/^nothing to do/)]);
});

test('a view may change its columns', async () => {
  await apply(withFiles(edit('views/board', 't.slug, t.name,', 't.name,')));
  expect(
    await rows(`select from information_schema.columns where table_name = 'board' and column_name = 'slug'`),
  ).toEqual([]);
});

test('a grant that was taken out of its file, or given by hand, is taken away', async () => {
  const may = (role: string, signature: string) =>
    rows(`select has_function_privilege('${role}', 'platform.${signature}', 'execute') as may`);
  await rows('grant execute on function platform.usd(bigint) to public');
  await rows('grant select on platform.board to td_gateway');
  await apply(withFiles(edit('functions/people/whoami', 'td_viewer, ', '')));
  expect(await may('td_viewer', 'whoami()')).toEqual([{ may: false }]);
  expect(await may('td_admin', 'whoami()')).toEqual([{ may: true }]);
  expect(await may('td_viewer', 'usd(bigint)')).toEqual([{ may: false }]);
  expect(await rows(`select has_table_privilege('td_gateway', 'platform.board', 'select') as may`)).toEqual([
    { may: false },
  ]);
});

test('a function or view without a file is dropped, also one that has other parameters now', async () => {
  const more = file('functions/caps/more', 'create function platform.more() returns int language sql return 1;');
  const view = file('views/more', 'set local role td_owner; create view platform.more as select 1 as one;');
  await apply(withFiles(more, view));
  expect(await rows('select platform.more(), one from platform.more')).toEqual([{ more: 1, one: 1 }]);
  const wider = edit(USD, 'platform.usd(p_nanousd bigint)', 'platform.usd(p_nanousd bigint, p_sign text default null)');
  expect(await apply(withFiles(wider))).toEqual([
    `applied functions and views: ${USD}, functions/caps/more, views/more`,
  ]);
  expect(
    await rows(`select oid::regprocedure::text as f from pg_proc where proname in ('more', 'usd')
                union all select relname from pg_class where relname = 'more'`),
  ).toEqual([{ f: 'platform.usd(bigint,text)' }]);
});

test.each([
  ['that is no SQL', edit(USD, 'select case', 'selekt case'), /platform\.usd\(bigint\): syntax error/],
  ['that names what is not there', edit(USD, 'p_nanousd %', 'p_other %'), /platform\.usd\(bigint\): .*p_other/],
  [
    'that grants to nobody',
    edit(USD, '-- ', 'grant execute on function platform.usd(bigint) to td_nobody; -- '),
    /^functions\/caps\/usd: .*td_nobody/,
  ],
])('a file %s leaves everything as it was', async (_, broken, message) => {
  const before = await everything();
  await expect(apply(withFiles(broken))).rejects.toThrow(message);
  expect(await everything()).toEqual(before);
  expect(await apply(files)).toEqual([expect.stringMatching(/^nothing to do/)]);
});

test('what a policy leans on is not dropped with its file', async () => {
  const without = files.filter(({ name }) => name !== 'functions/people/my-operator');
  const before = await everything();
  await expect(apply(without)).rejects.toThrow(/has no file any more: cannot drop function/);
  expect(await everything()).toEqual(before);
});

test('a migration makes them due again, also when the run ended between the two', async () => {
  const migrations = [...readMigrations(), file('9000-next', 'drop function platform.usd(bigint)')];
  const broken = withFiles(file(USD, 'nonsense'));
  await expect(apply(broken, { migrations })).rejects.toThrow(/nonsense/);
  expect(await apply(files, { migrations })).toEqual(['applied functions and views']);
  expect(await rows('select platform.usd(25000000000)')).toEqual([{ usd: '25.00' }]);
});

test('a database of a newer program keeps its functions', async () => {
  const migrations = [...readMigrations(), file('9000-next', 'select')];
  await apply(withFiles(edit(USD, '-- ', '-- Newer. ')), { migrations });
  const before = await everything();
  await expect(apply(files)).rejects.toThrow(/database is newer/);
  expect(await everything()).toEqual(before);
});

test('two that apply at once: one does, the other finds it done', async () => {
  const changed = withFiles(edit(USD, '-- ', '-- Changed. '));
  const lines = await Promise.all([apply(changed), apply(changed)]);
  expect(lines.flat().toSorted()).toEqual([
    `applied functions and views: ${USD}`,
    expect.stringMatching(/^nothing to do/) as unknown,
  ]);
});

test('a dry run says what would be applied, and changes nothing', async () => {
  const before = await everything();
  const migrations = [...readMigrations(), file('9000-next', 'create table platform.next ()')];
  expect(await apply(files, { migrations, dryRun: true })).toEqual([
    'would apply 9000-next',
    'would apply functions and views',
  ]);
  expect(await apply(withFiles(edit(USD, '-- ', '-- Changed. ')), { dryRun: true })).toEqual([
    `would apply functions and views: ${USD}`,
  ]);
  expect(await everything()).toEqual(before);
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  await rows(`update platform.schema_definitions set checksum = '' where name = '${USD}'`);
  const env = { TENANTDESK_DATABASE_URL: db.superuserUrl };
  expect(await main(env, say, ['--dry-run'])).toBe(0);
  expect(await main(env, say)).toBe(0);
  expect(lines).toEqual([`would apply functions and views: ${USD}`, `applied functions and views: ${USD}`]);
  expect(await main(env, say, ['--dryrun'])).toBe(1);
  expect(lines).toContainEqual(expect.stringContaining('There is no option "--dryrun"'));
});

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { databaseUrl } from '../testing/test-cluster.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { generateTypes, TYPES_FILE } from './generate-types.ts';
import { main } from './migrate-main.ts';
import { migrate, readMigrations } from './migrate.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

async function emptyDatabase(): Promise<string> {
  const cluster = inject('testCluster');
  const name = `test_empty_${randomBytes(6).toString('hex')}`;
  const client = new Client({ connectionString: cluster.superuserUrl });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return databaseUrl(cluster.superuserUrl, { database: name });
}

test('two that migrate one empty database at once: one does, the other finds it done', async () => {
  const url = await emptyDatabase();
  const names = readMigrations().map(({ name }) => name);
  const applied = await Promise.all([migrate({ databaseUrl: url }), migrate({ databaseUrl: url })]);
  expect(applied.toSorted((a, b) => a.length - b.length)).toEqual([[], names]);
  expect(await migrate({ databaseUrl: url })).toEqual([]);
});

test.each([
  ['a member of the two owning roles', 'in role td_owner, td_definer'],
  // As after CREATE ROLE by this login: a member that may administer the role and not act as it yet.
  ['who made the roles', 'admin'],
])('it takes no superuser: the owner of the database, %s', async (_, how) => {
  const superuser = db.connect(db.superuserUrl);
  const name = `test_migrator_${randomBytes(6).toString('hex')}`;
  await superuser.query(`create role ${name} login createrole password 'secret' ${how === 'admin' ? '' : how}`);
  if (how === 'admin') {
    const version = await superuser.query<{ v: number }>(`select current_setting('server_version_num')::int as v`);
    const options = version.rows[0]!.v >= 160_000 ? 'admin true, set false, inherit false' : 'admin option';
    await superuser.query(`grant td_owner, td_definer to ${name} with ${options}`);
  }
  await superuser.query(`create database ${name} owner ${name}`);
  const url = databaseUrl(db.superuserUrl, { login: name, password: 'secret', database: name });
  expect(await migrate({ databaseUrl: url })).toHaveLength(readMigrations().length);
});

test('a migration that fails leaves nothing of itself, and says which', async () => {
  const url = await emptyDatabase();
  const broken = { name: '9999-broken', sql: 'create table platform.half (id int); select nonsense;', checksum: 'x' };
  await expect(migrate({ databaseUrl: url, migrations: [...readMigrations(), broken] })).rejects.toThrow(
    /^Migration 9999-broken: /,
  );
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    `select to_regclass('platform.half') as half, (select max(name) from platform.schema_migrations) as last`,
  );
  await client.end();
  expect(rows).toEqual([{ half: null, last: readMigrations().at(-1)!.name }]);
});

test('a database that is newer, or was migrated with another file, is refused in a sentence', async () => {
  const known = readMigrations();
  await expect(migrate({ databaseUrl: db.superuserUrl, migrations: known.slice(0, -1) })).rejects.toThrow(
    /database is newer/,
  );
  const changed = known.map((migration, i) => (i === 2 ? { ...migration, checksum: '0' } : migration));
  await expect(migrate({ databaseUrl: db.superuserUrl, migrations: changed })).rejects.toThrow(
    new RegExp(`${known[2]!.name} was changed after it was applied`),
  );
});

test('the command says what it needs, and what it did', async () => {
  const lines: string[] = [];
  expect(await main({}, (line) => lines.push(line))).toBe(1);
  expect(lines[0]).toContain('TENANTDESK_DATABASE_URL is not set');
  expect(await main({ TENANTDESK_DATABASE_URL: db.superuserUrl }, (line) => lines.push(line))).toBe(0);
  expect(lines.at(-1)).toContain('nothing to do');
});

test('the query types are those of the migrated schema: else run npm run schema:types', async () => {
  expect(readFileSync(TYPES_FILE, 'utf8')).toBe(await generateTypes(db.superuserUrl));
});

test('partitions reach from 13 months back to 2 months ahead; asking again makes none, asking for more makes them', async () => {
  const { rows } = await db.owner.query<{ months: string[] }>(
    `select array_agg(to_char((timezone('UTC', now())::date + i * interval '1 month'), '"usage_records_"YYYY_MM') order by i) as months
     from generate_series(-13, 2) i`,
  );
  const found = await db.owner.query<{ relname: string }>(
    `select relname from pg_class where relispartition and relkind = 'r' and relnamespace = 'platform'::regnamespace order by 1`,
  );
  expect(found.rows.map(({ relname }) => relname)).toEqual(rows[0]!.months);
  const gateway = db.connect(db.gatewayUrl);
  const ensure = async (months: number): Promise<unknown> =>
    (
      await gateway.query(`select platform.ensure_partitions((now() + $1 * interval '1 month')::date) as made`, [
        months,
      ])
    ).rows;
  expect(await ensure(2)).toEqual([{ made: 0 }]);
  expect(await Promise.all([ensure(4), ensure(4)]).then((made) => made.flat())).toEqual(
    expect.arrayContaining([{ made: 2 }, { made: 0 }]),
  );
  await expect(ensure(13)).rejects.toMatchObject({ code: 'TD400' });
  const { rows: open } = await db.owner.query(
    `select relname from pg_class where relispartition and relkind = 'r' and not (relrowsecurity and relforcerowsecurity)`,
  );
  expect(open).toEqual([]);
});

import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeOperator } from '../../src-platform/testing/factories.ts';
import { makeFilledTenant } from '../../src-platform/testing/filled-tenant.ts';
import { databaseUrl } from '../../src-platform/testing/test-cluster.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import { isolationCheck } from './isolation-check.ts';

const NAME = 'Zebra Dental';
let db: TestDatabase;
let folder: string;

beforeAll(async () => {
  db = await createTestDatabase();
  folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-isolation-'));
  await makeFilledTenant(db, NAME);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await db.close();
});

interface Outcome {
  readonly code: number;
  readonly printed: string;
  readonly said: string;
}

async function run(url: string | undefined, ...args: string[]): Promise<Outcome> {
  const printed: string[] = [];
  const said: string[] = [];
  const code = await isolationCheck({
    args,
    env: url === undefined ? {} : { TENANTDESK_DATABASE_URL: url },
    folder,
    print: (line) => printed.push(line),
    say: (line) => said.push(line),
  });
  return { code, printed: printed.join('\n'), said: said.join('\n') };
}

interface Printed {
  readonly ok: boolean;
  readonly rules: readonly { rule: string; ok: boolean; findings: string[] }[];
  readonly trials: readonly { role: string; standing: string; tried: number; refused: number; findings: string[] }[];
  readonly missing: readonly string[];
}

const report = ({ printed }: Outcome): Printed => JSON.parse(printed) as Printed;

/** A fingerprint of everything the check could leave behind; roles belong to the cluster, so only those of this login count. */
async function everything(url: string): Promise<unknown> {
  const { rows } = await db.connect(db.superuserUrl).query(
    `select (select count(*) from platform.tenants) as tenants, (select count(*) from platform.operators) as operators,
       (select count(*) from platform.messages) as messages,
       (select count(*) from pg_auth_members where member = to_regrole($1)) as memberships,
       (select md5(string_agg(proacl::text, '|' order by oid)) from pg_proc) as rights`,
    [new URL(url).username],
  );
  return rows;
}

/** A login that migrates without being superuser: the owner of the database, who made the roles. */
async function makeMigrator(): Promise<string> {
  const name = `test_migrator_${randomBytes(6).toString('hex')}`;
  const superuser = db.connect(db.superuserUrl);
  await superuser.query(`create role ${name} login createrole password 'secret' in role td_owner, td_definer`);
  for (const role of ['tenant', 'gateway', 'viewer', 'account_manager', 'operator', 'admin', 'auditor']) {
    await superuser.query(`grant td_${role} to ${name} with admin true, inherit false, set false`);
  }
  return databaseUrl(db.superuserUrl, { login: name, password: 'secret' });
}

test('every role tries everything; the page tells it without a client’s name, and nothing stays', async () => {
  const before = await everything(db.superuserUrl);
  const outcome = await run(db.superuserUrl, '--json', '--html', 'page.html');
  expect(outcome.said).toContain(path.join(folder, 'page.html'));
  const { ok, rules, trials, missing } = report(outcome);
  expect({ ok, missing, code: outcome.code }).toEqual({ ok: true, missing: [], code: 0 });
  expect(rules.length).toBeGreaterThan(15);
  expect(trials.map(({ role, standing }) => `${role} ${standing}`)).toEqual([
    'tenant nobody',
    'tenant some',
    'gateway all',
    'viewer nobody',
    'viewer some',
    'viewer all',
    'account_manager nobody',
    'account_manager some',
    'operator nobody',
    'operator some',
    'operator all',
    'admin nobody',
    'admin all',
    'auditor nobody',
    'auditor some',
    'auditor all',
    'definer all',
  ]);
  for (const { tried, refused, findings } of trials) {
    expect(findings).toEqual([]);
    expect(tried).toBeGreaterThan(200);
    expect(refused).toBeGreaterThan(tried / 2);
  }
  const page = readFileSync(path.join(folder, 'page.html'), 'utf8');
  expect(page).toContain('Clients are kept apart in this database.');
  for (const { rule } of rules) expect(page).not.toContain(rule);
  expect(page).not.toMatch(/Zebra|<script|https?:\/\//);
  expect(await everything(db.superuserUrl)).toEqual(before);
});

test('a login that migrates without being superuser can make it as well', async () => {
  const url = await makeMigrator();
  const before = await everything(url);
  const { ok, trials, missing, rules } = report(await run(url, '--json'));
  expect({ missing, broken: rules.filter((rule) => !rule.ok).map(({ rule }) => rule) }).toEqual({
    missing: [],
    broken: [],
  });
  expect(ok).toBe(true);
  expect(trials.length).toBe(17);
  expect(await everything(url)).toEqual(before);
});

test('what is broken is found by the rules and by trying, and the exit code tells', async () => {
  const superuser = db.connect(db.superuserUrl);
  await superuser.query('grant select on platform.messages to td_admin');
  await superuser.query('create policy admin_read on platform.messages for select to td_admin using (true)');
  try {
    const outcome = await run(db.superuserUrl, '--html', 'broken.html');
    expect(outcome.code).toBe(1);
    expect(outcome.printed).toContain('td_admin may select messages');
    expect(outcome.printed).toContain('select messages: own, expected: refused');
    expect(outcome.printed).toContain('Clients may not be kept apart in this database.');
    expect(readFileSync(path.join(folder, 'broken.html'), 'utf8')).toContain('td_admin may select messages');
  } finally {
    await superuser.query(
      'drop policy admin_read on platform.messages; revoke select on platform.messages from td_admin',
    );
  }
});

test('an auditor’s own login tries what it may, and the result says that others did not', async () => {
  const { url } = await makeOperator(db, { role: 'auditor' });
  const { ok, trials, missing } = report(await run(url, '--json'));
  expect(ok).toBe(true);
  expect(trials).toMatchObject([{ role: 'auditor', standing: 'all', findings: [] }]);
  expect(missing).toEqual([expect.stringContaining('this login alone')]);
});

test('what is missing is said in a sentence', async () => {
  expect(await run(undefined)).toMatchObject({
    code: 2,
    said: expect.stringContaining('TENANTDESK_DATABASE_URL is not set'),
  });
  expect(await run('nonsense')).toMatchObject({ code: 2, said: expect.stringContaining('no address of a database') });
  expect(await run(db.superuserUrl, '--pdf')).toMatchObject({ code: 2, said: expect.stringContaining('--pdf') });
  const empty = databaseUrl(db.superuserUrl, { database: 'postgres' });
  expect(await run(empty)).toMatchObject({ code: 2, said: expect.stringContaining('npm run platform:migrate') });
  const { url } = await makeOperator(db, { role: 'viewer' });
  expect(await run(url)).toMatchObject({ code: 2, said: expect.stringContaining('permission denied') });
});

import type { Pool } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { main } from './migrate-main.ts';

let db: TestDatabase;
let client: Pool;

beforeEach(async () => {
  db = await createTestDatabase();
  client = db.connect(db.superuserUrl);
});
afterEach(() => db.close());

async function run(...args: string[]): Promise<{ code: number; said: string }> {
  const lines: string[] = [];
  const code = await main({ TENANTDESK_DATABASE_URL: db.superuserUrl }, (line) => lines.push(line), args);
  return { code, said: lines.join('\n') };
}

test.each([
  ['a policy is opened', 'alter policy operators_read on platform.caps using (true)', 'policy caps.operators_read'],
  ['a policy is added', 'create policy all_in on platform.caps using (true)', 'policy caps.all_in'],
  ['row security is no longer forced', 'alter table platform.caps no force row level security', 'table caps'],
  ['a table is granted', 'grant update on platform.caps to td_viewer', 'table caps'],
  ['a column is granted', 'grant select (credential_ciphertext) on platform.providers to td_viewer', 'table providers'],
  [
    'a wall is taken down',
    'alter table platform.audit_log disable trigger audit_log_append_only',
    'trigger audit_log.audit_log_append_only',
  ],
  ['a table is added', 'create table platform.mine (id integer)', 'table mine'],
  ['a check is dropped', 'alter table platform.tenants drop constraint tenants_slug_check', 'table tenants'],
])('%s by hand: named, and nothing is done', async (_, statement, name) => {
  await client.query(statement);
  for (const args of [[], ['--dry-run']]) {
    const { code, said } = await run(...args);
    expect(code).toBe(1);
    expect(said).toBe(
      `The database was changed by hand since it was migrated: ${name}. Undo that. Where it is wanted, take it as it is with --accept-changes.`,
    );
  }
  expect(await run('--accept-changes')).toMatchObject({ code: 0 });
  expect(await run()).toMatchObject({ code: 0, said: expect.stringContaining('nothing to do') });
});

test.each([
  [
    'a function is changed',
    `alter function platform.usd(bigint) set search_path = 'public'`,
    'function platform.usd(bigint)',
  ],
  [
    'a function is granted',
    'grant execute on function platform.audit_hash to public',
    'function platform.audit_hash(platform.audit_log)',
  ],
  ['a view is granted', 'grant select on platform.board to public', 'view board'],
])('%s by hand: named, and put right from its file', async (_, statement, name) => {
  await client.query(statement);
  expect((await run('--dry-run')).said).toContain(`changed by hand, would be put right: ${name}`);
  expect((await run()).said).toContain(`changed by hand, is put right: ${name}`);
  expect(await run()).toMatchObject({ code: 0, said: expect.stringContaining('nothing to do') });
});

test('partitions and indexes are nobody’s mistake', async () => {
  await client.query(`select platform.ensure_partitions((now() + interval '5 months')::date)`);
  await client.query('create index on platform.caps (updated_at)');
  expect(await run()).toMatchObject({ code: 0, said: expect.stringContaining('nothing to do') });
});

test('another major version of PostgreSQL words its catalog anew: nothing is held against it', async () => {
  await client.query(`update platform.schema_objects set server_major = 14, digest = 'x'`);
  expect(await run()).toMatchObject({ code: 0 });
});

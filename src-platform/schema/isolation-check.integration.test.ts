/**
 * The isolation check finds nothing in a migrated database and finds each rule's breach. Whatever is broken here is broken in a transaction
 * that is rolled back: roles belong to the whole cluster.
 */
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { makeOperator } from '../testing/factories.ts';

interface Rule {
  readonly rule: string;
  readonly level: string;
  readonly ok: boolean;
  readonly findings: string[];
}

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const check = async (client: Pick<PoolClient, 'query'>): Promise<Rule[]> =>
  (await client.query<Rule>('select * from platform.isolation_check()')).rows;

test('a migrated database keeps every rule, for the auditor and the admin who ask', async () => {
  for (const role of ['auditor', 'admin'] as const) {
    const rules = await check(db.connect((await makeOperator(db, { role })).url));
    expect(rules.filter(({ ok }) => !ok)).toEqual([]);
    expect(rules.length).toBeGreaterThan(15);
  }
  for (const role of ['viewer', 'account_manager', 'operator'] as const) {
    const { url } = await makeOperator(db, { role, tenantIds: [] });
    await expect(check(db.connect(url))).rejects.toMatchObject({ code: '42501' });
  }
});

/** Rule, what breaks it, and a word of the finding. */
// prettier-ignore
const breaches: readonly (readonly [rule: string, statement: string, finding: RegExp])[] = [
  ['row-security-on', 'alter table platform.caps disable row level security', /caps: row security is off/],
  ['row-security-on', 'alter table platform.operators no force row level security', /operators: row security is on but not forced/],
  ['row-security-on', 'create table platform.notes (tenant_id uuid not null)', /notes: row security is off/],
  ['row-security-on', `create table platform.usage_records_far partition of platform.usage_records for values from ('2099-01-01') to ('2099-02-01')`, /usage_records_far/],
  ['tenant-from-transaction', `alter role td_tenant set app.current_tenant = '${'0'.repeat(8)}-0000-0000-0000-000000000000'`, /role td_tenant has the setting app\.current_tenant/],
  ['tenant-from-transaction', 'alter policy tenant_read on platform.caps using (true)', /tenant_read on caps/],
  ['tenant-from-transaction', `create function platform.act_for(p uuid) returns text language sql set search_path = '' as $$ select set_config('app.current_tenant', p::text, false) $$`, /act_for/],
  ['operator-from-login', `alter policy operators_read on platform.caps using (tenant_id = (select nullif(current_setting('app.current_tenant', true), '')::uuid))`, /lets a setting of the client decide/],
  ['operator-from-login', 'alter policy operators_read on platform.caps using (true)', /does not ask who the operator is/],
  ['policies-for-roles', 'create policy anybody on platform.caps using (tenant_id = any ((select platform.my_tenants())::uuid[]))', /anybody on caps is for public/],
  ['policies-for-roles', 'create role test_bi; create policy bi on platform.caps to test_bi using (true)', /bi on caps is for test_bi/],
  ['policies-once-a-query', 'alter policy operators_read on platform.caps using (tenant_id = any (platform.my_tenants()))', /operators_read on caps/],
  ['owner-sees-by-policy', 'drop policy owner_all on platform.caps', /caps/],
  ['access-as-written', 'create table platform.notes (id int)', /table notes has no line/],
  ['access-as-written', 'create view platform.peek with (security_invoker = true) as select 1 as one', /view peek has no line/],
  ['access-as-written', 'grant select on platform.messages to td_admin', /td_admin may select messages/],
  ['access-as-written', 'grant insert on platform.caps to td_tenant', /td_tenant may insert caps/],
  ['access-as-written', 'grant update (name) on platform.tenants to td_viewer', /td_viewer may update column name of tenants/],
  ['access-as-written', 'grant select (credential_ciphertext) on platform.providers to td_admin', /column credential_ciphertext of providers/],
  ['access-as-written', 'revoke select on platform.board from td_viewer', /td_viewer may not select board/],
  ['no-side-rights', 'grant truncate on platform.plans to td_admin', /td_admin has TRUNCATE on table plans/],
  ['no-side-rights', 'grant references on platform.tenants to td_gateway', /td_gateway has REFERENCES/],
  ['no-side-rights', 'grant select on platform.plans to public', /everybody has SELECT on table plans/],
  ['no-side-rights', 'create role test_bi; grant select on platform.plans to test_bi', /test_bi has SELECT/],
  ['no-side-rights', 'grant select on platform.plans to td_viewer with grant option', /td_viewer has SELECT/],
  ['no-side-rights', 'grant create on schema platform to td_tenant', /td_tenant may create in schema/],
  ['no-side-rights', 'grant td_admin to postgres; alter table platform.plans owner to td_admin', /plans belongs to td_admin/],
  ['partitions-closed', `do $$ begin execute (select format('grant select on %s to td_viewer', inhrelid::regclass) from pg_inherits where inhparent = 'platform.usage_records'::regclass limit 1); end $$`, /td_viewer may select usage_records_/],
  ['views-ask-as-the-reader', 'alter view platform.board set (security_invoker = false)', /board/],
  ['no-copies', 'create materialized view platform.copy as select * from platform.caps', /materialized view copy/],
  ['no-copies', 'create publication leak for table platform.caps', /publication leak/],
  ['tenant-first-in-keys', 'create unique index on platform.workflows (slug)', /workflows/],
  ['tenant-first-in-keys', 'create table platform.notes (tenant_id uuid, id uuid primary key)', /notes: tenant_id may be null|notes_pkey/],
  ['references-stay-inside', 'create unique index on platform.workflows (id); alter table platform.caps add foreign key (workflow_id) references platform.workflows (id)', /caps: foreign key .* to platform.workflows/],
  ['references-stay-inside', 'alter table platform.caps add column moved_to uuid references platform.tenants (id)', /foreign key caps_moved_to_fkey to tenants/],
  ['functions-pinned', 'alter function platform.my_tenants() reset search_path', /my_tenants.* search path/],
  ['functions-pinned', 'alter function platform.my_tenants() owner to postgres', /my_tenants.* postgres/],
  ['functions-pinned', 'create function public.like_fast(text, text) returns boolean language sql immutable leakproof as $$ select $1 ilike $2 $$', /like_fast/],
  ['functions-for-their-roles', 'grant execute on function platform.audit_append(uuid, uuid, text, text, text, jsonb, jsonb, text) to public', /audit_append may be called by everybody/],
  ['functions-for-their-roles', 'grant execute on function platform.ingest(uuid, jsonb) to td_tenant', /ingest may be called by td_gateway, td_tenant; expected: gateway/],
  ['functions-for-their-roles', 'revoke execute on function platform.whoami() from td_viewer', /whoami/],
  ['roles-are-bound', 'alter role td_viewer bypassrls', /role td_viewer bypasses/],
  ['roles-are-bound', 'create role test_strong login bypassrls in role td_viewer', /login test_strong, member of td_viewer, bypasses/],
  ['roles-are-bound', 'create role test_root login superuser in role td_auditor', /test_root, member of td_auditor, is a superuser/],
  ['roles-are-bound', 'create role test_reader login in role td_viewer, pg_read_all_data', /also a member of pg_read_all_data/],
  ['roles-are-bound', 'grant td_admin to td_viewer', /role td_viewer is a member of td_admin/],
  ['one-role-a-login', 'create role test_both login in role td_viewer, td_gateway', /test_both is a member of td_gateway, td_viewer/],
  ['one-role-a-login', `insert into platform.operators (login, name, role) values ('nobody_knows', 'x', 'viewer')`, /nobody_knows is not a member of td_viewer/],
];

describe('each rule finds its breach', () => {
  test.each(breaches)('%s: %s', async (rule, statement, finding) => {
    const client = await db.connect(db.superuserUrl).connect();
    try {
      await client.query('begin');
      await client.query(statement);
      const broken = (await check(client)).filter(({ ok }) => !ok);
      expect(broken.find((found) => found.rule === rule)?.findings.join('\n')).toMatch(finding);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  test('every rule stands above, but for the server’s version', async () => {
    const rules = (await check(db.connect(db.superuserUrl))).map(({ rule }) => rule);
    const tried = new Set(breaches.map(([rule]) => rule));
    expect(rules.filter((rule) => !tried.has(rule))).toEqual(['server-keeps-it']);
  });
});

describe('a policy’s expression, once a query or once a row', () => {
  test.each([
    [
      "(tenant_id = ( SELECT (NULLIF(current_setting('app.current_tenant'::text, true), ''::text))::uuid AS \"nullif\"))",
      false,
    ],
    ['(tenant_id = ANY (( SELECT platform.my_tenants() AS my_tenants)::uuid[]))', false],
    [
      '(( SELECT platform.sees_all_tenants() AS s) OR (tenant_id = ANY (( SELECT platform.my_tenants() AS m)::uuid[])))',
      false,
    ],
    ['true', false],
    ["(kind = 'call()'::text)", false],
    ["(tenant_id = (current_setting('app.current_tenant'::text))::uuid)", true],
    ['(tenant_id = ANY (platform.my_tenants()))', true],
    ['(( SELECT platform.sees_all_tenants() AS s) OR (tenant_id = ANY (platform.my_tenants())))', true],
    ['( SELECT platform.may_see(caps.tenant_id) AS may_see)', true],
  ])('%s', async (expression, expected) => {
    const { rows } = await db
      .connect(db.superuserUrl)
      .query(`select platform.calls_per_row($1, 'caps') as found`, [expression]);
    expect(rows).toEqual([{ found: expected }]);
  });
});

test.each([
  [150_002, ['CVE-2023-2455', 'CVE-2023-39418', 'CVE-2024-10976', 'CVE-2025-8713']],
  [150_013, ['CVE-2025-8713']],
  [150_014, []],
  [160_004, ['CVE-2024-10976', 'CVE-2025-8713']],
  [160_010, []],
  [170_005, ['CVE-2025-8713']],
  [170_006, []],
  [180_000, []],
])('known gaps of PostgreSQL %i', async (version, expected) => {
  const { rows } = await db
    .connect(db.superuserUrl)
    .query<{ gap: string }>('select * from platform.server_gaps($1) g(gap)', [version]);
  expect(rows.map(({ gap }) => gap.split(':', 1).join('')).toSorted((a, b) => a.localeCompare(b))).toEqual(expected);
});

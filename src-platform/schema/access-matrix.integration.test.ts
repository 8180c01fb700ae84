/**
 * Who may do what, table by table. The catalog supplies the tables; the answers stand here, written by hand: a table without
 * a line fails. Nobody but the owner and the definer of the functions may write any table.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { groupRoles, type GroupRole } from '../testing/test-cluster.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import {
  makeCap,
  makeGateway,
  makeKey,
  makeOperator,
  makePrice,
  makeTenant,
  makeWorkflow,
  type OperatorRole,
} from '../testing/factories.ts';
import { ledgerRecord } from '../testing/ledger-record.ts';

/**
 * own: rows of the tenants this reader stands for; all: every row, whoever reads; self: their own row; people: all rows for an operator, none for
 * a login that is none; columns: only some columns; '-': refused.
 */
type Answer = 'own' | 'all' | 'self' | 'people' | 'columns' | '-';
type Reader = Exclude<GroupRole, 'td_owner' | 'td_definer'>;

const readers: readonly Reader[] = [
  'td_tenant',
  'td_gateway',
  'td_viewer',
  'td_account_manager',
  'td_operator',
  'td_admin',
  'td_auditor',
];

// prettier-ignore
const mayRead: Record<string, readonly [tenant: Answer, gateway: Answer, viewer: Answer, accountManager: Answer, operator: Answer, admin: Answer, auditor: Answer]> = {
  // usage, caps, board
  tenants:            ['own', 'all', 'own', 'own', 'own', 'own', 'own'],
  workflows:          ['own', 'all', 'own', 'own', 'own', 'own', 'own'],
  caps:               ['own', 'all', 'own', 'own', 'own', 'own', 'own'],
  cap_periods:        ['own', 'all', 'own', 'own', 'own', 'own', 'own'],
  cap_overrides:      ['-',   '-',   'own', 'own', 'own', 'own', 'own'],
  grants:             ['-',   'all', 'own', 'own', 'own', 'own', 'own'],
  usage_records:      ['own', '-',   'own', 'own', 'own', 'own', 'own'],
  usage_15min:        ['own', '-',   'own', 'own', 'own', 'own', 'own'],
  usage_daily:        ['own', '-',   'own', 'own', 'own', 'own', 'own'],
  usage_tenant_daily: ['own', '-',   'own', 'own', 'own', 'own', 'own'],
  usage_monthly:      ['own', '-',   'own', 'own', 'own', 'own', 'own'],
  refusals:           ['own', '-',   'own', 'own', 'own', 'own', 'own'],
  unpriced_models:    ['-',   '-',   'own', 'own', 'own', 'own', 'own'],
  board:              ['-',   '-',   'own', 'own', 'own', 'own', 'own'],
  // keys: account managers and auditors see them; their digests are the gateways' alone
  api_keys:           ['-',   'all', '-',   'own', 'own', 'own', 'own'],
  api_key_secrets:    ['-',   'all', '-',   '-',   '-',   '-',   '-'],
  // audit
  audit_log:          ['-',   '-',   '-',   'own', 'own', 'own', 'own'],
  audit_heads:        ['-',   '-',   '-',   'own', 'own', 'own', 'own'],
  cap_changes:        ['-',   '-',   '-',   'own', 'own', 'own', 'own'],
  idempotency_keys:   ['-',   '-',   '-',   '-',   '-',   '-',   '-'],
  // people
  operators:          ['-',   '-',   'self', 'people', 'people', 'people', 'people'],
  operator_tenants:   ['-',   '-',   '-',   '-',   '-',   'own', 'own'],
  operator_tokens:    ['-',   '-',   '-',   '-',   '-',   '-',   '-'],
  // the platform's own
  plans:              ['all', 'all', 'all', 'all', 'all', 'all', 'all'],
  gateways:           ['-',   'all', 'all', 'all', 'all', 'all', 'all'],
  versions:           ['-',   'all', 'all', 'all', 'all', 'all', 'all'],
  model_prices:       ['-',   'all', 'all', 'all', 'all', 'all', 'all'],
  schema_migrations:  ['-',   'all', 'all', 'all', 'all', 'all', 'all'],
  schema_definitions: ['-',   'all', 'all', 'all', 'all', 'all', 'all'],
  providers:          ['-',   'all', '-',   '-',   '-',   'columns', '-'],
};

/** What the functions' owner may do besides reading; '-': not even reading. */
// prettier-ignore
const definerMay: Record<string, string> = {
  tenants: 'insert update', workflows: 'insert', caps: 'insert update', cap_periods: 'insert update', grants: 'insert update', usage_records: 'insert',
  usage_15min: 'insert update', usage_daily: 'insert update', usage_tenant_daily: 'insert update', usage_monthly: 'insert update', refusals: 'insert',
  unpriced_models: 'insert update', board: '-', api_keys: 'insert update', api_key_secrets: 'insert update', audit_log: 'insert', audit_heads: 'insert update',
  cap_changes: 'insert', cap_overrides: 'insert update', idempotency_keys: 'insert update', operators: 'update', operator_tenants: '', operator_tokens: '', plans: '',
  gateways: 'insert update', versions: 'update', model_prices: '-', schema_migrations: '-', schema_definitions: '-', providers: '-',
};

/** Which function which role may call; the catalog supplies the functions. '': the definer and the owner among themselves. */
// prettier-ignore
const mayCall: Record<string, string> = {
  take_grant: 'td_gateway', release_grant: 'td_gateway', ingest: 'td_gateway', gateway_start: 'td_gateway', gateway_heartbeat: 'td_gateway',
  operator_of_token: 'td_gateway', ensure_partitions: 'td_gateway', announce: '',
  local_midnight: 'td_account_manager td_admin td_auditor td_gateway td_operator td_viewer',
  period_bounds: 'td_account_manager td_admin td_auditor td_gateway td_operator td_viewer',
  my_tenants: 'td_account_manager td_admin td_auditor td_operator td_viewer',
  my_operator_id: 'td_account_manager td_admin td_auditor td_operator td_viewer',
  sees_all_tenants: 'td_account_manager td_admin td_auditor td_operator td_viewer',
  whoami: 'td_account_manager td_admin td_auditor td_operator td_viewer',
  explain_refusal: 'td_account_manager td_admin td_auditor td_operator td_viewer', refusal_of_token: 'td_gateway', refusal_facts: '',
  release_orphaned_grant: 'td_admin td_operator',
  set_cap: 'td_account_manager td_admin td_operator', undo_cap_change: 'td_account_manager td_admin td_operator',
  add_cap_override: 'td_admin td_operator', remove_cap_override: 'td_account_manager td_admin td_operator',
  create_tenant: 'td_admin', set_tenant_status: 'td_account_manager td_admin td_operator',
  issue_key: 'td_admin td_operator', rotate_key: 'td_admin td_operator', revoke_key: 'td_admin td_operator',
  limit_in_force: 'td_gateway', audit_verify: 'td_admin td_auditor',
  my_operator: '', protect: '', refuse_change: '', audit_field: '', audit_hash: '', audit_append: '', open_cap_periods: '',
  describe_scopes: '', raised_24h: '', usd: '', keep_limit_in_force: '', undo_window: '', operator_for_change: '', first_answer: '',
  operator_for_tenant: '', lock_tenant: '', clean_name: '', same_name: '', is_time_zone: '', clean_thresholds: '',
  add_key: '', clean_secret: '', lock_key: '', answer_key_change: '',
  check_turn: '', close_unopened: '', lock_cap: '', check_raise: '', write_cap: '', answer_change: '',
};

let db: TestDatabase;
let own: string;
let other: string;
let tables: { name: string; tenantColumn: string | null; columns: string[] }[];

beforeAll(async () => {
  db = await createTestDatabase();
  own = await fillTenant();
  other = await fillTenant();
  await makePrice(db);
  await db.owner.query(`insert into platform.providers values ('openai', 'https://api.example.com', '\\x00')`);
  const { rows } = await db.owner.query<{ name: string; columns: string[] }>(
    `select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'platform'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
     group by 1 order by 1`,
  );
  tables = rows.map(({ name, columns }) => ({
    name,
    columns,
    tenantColumn: columns.includes('tenant_id') ? 'tenant_id' : name === 'tenants' ? 'id' : null,
  }));
});
afterAll(() => db.close());

/** A tenant with a row in every table that has a tenant_id. */
async function fillTenant(): Promise<string> {
  const { id } = await makeTenant(db);
  const workflow = await makeWorkflow(db, id);
  const key = await makeKey(db, id, { defaultWorkflowId: workflow });
  const cap = await makeCap(db, id, { limitNanoUsd: 1_000_000_000n });
  const gatewayId = await makeGateway(db);
  const gateway = db.connect(db.gatewayUrl);
  const grant = randomUUID();
  await gateway.query('select platform.take_grant($1, $2, $3, null, $4, now(), 10, 10)', [
    gatewayId,
    id,
    key.id,
    grant,
  ]);
  const refusal = {
    tenant_id: id,
    request_id: randomUUID(),
    refused_at: new Date(),
    http_status: 400,
    type: 'unpriced_model',
  };
  await gateway.query('select platform.ingest($1, $2)', [
    gatewayId,
    JSON.stringify({
      records: [ledgerRecord(id, { workflow_id: workflow })],
      refusals: [refusal],
      unpriced: [{ tenant_id: id, provider: 'openai', model: 'x', request_id: refusal.request_id }],
    }),
  ]);
  const operator = await makeOperator(db, { role: 'operator', tenantIds: [id] });
  await db
    .connect(operator.url)
    .query('select platform.set_cap($1, $2, 2000000000, 1, $3, null)', [id, cap, randomUUID()]);
  await db
    .connect(operator.url)
    .query(`select platform.add_cap_override($1, $2, 1000000000, 'removed', null, 2, $3, null)`, [
      id,
      cap,
      randomUUID(),
    ]);
  return id;
}

/** The tenants whose rows these credentials see; the error's code when refused. */
async function see(url: string, table: (typeof tables)[number], tenant?: string): Promise<string[] | string> {
  const client = await db.connect(url).connect();
  try {
    await client.query('begin');
    if (tenant !== undefined) await client.query(`select set_config('app.current_tenant', $1, true)`, [tenant]);
    const column = table.tenantColumn ?? `'row'`;
    const { rows } = await client.query<{ seen: string }>(
      `select distinct ${column}::text as seen from platform.${table.name} order by 1`,
    );
    return rows.map(({ seen }) => seen).filter((seen) => [own, other, 'row'].includes(seen));
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

test('every table, view and function has its line here', async () => {
  expect(Object.keys(mayRead).toSorted()).toEqual(tables.map(({ name }) => name));
  expect(Object.keys(definerMay).toSorted()).toEqual(tables.map(({ name }) => name));
  const { rows } = await db.owner.query<{ name: string; roles: string }>(
    `select p.proname as name, (select coalesce(string_agg(r.rolname, ' ' order by r.rolname), '') from pg_roles r
       where r.rolname = any ($1) and has_function_privilege(r.rolname, p.oid, 'execute')) as roles
     from pg_proc p where p.pronamespace = 'platform'::regnamespace`,
    [readers],
  );
  expect(Object.fromEntries(rows.map(({ name, roles }) => [name, roles]))).toEqual(mayCall);
});

test('every table with a tenant has rows of both tenants, so that "sees nothing" means something', async () => {
  for (const table of tables.filter(({ tenantColumn, name }) => tenantColumn !== null && name !== 'board')) {
    expect(await see(db.ownerUrl, table), table.name).toEqual([own, other].toSorted());
  }
});

describe('SELECT', () => {
  const expected = (answer: Answer, whose: string[]): string[] | string => {
    if (answer === '-') return '42501';
    return answer === 'own' ? whose.toSorted() : ['row'];
  };
  const everywhere = (answer: Answer, table: (typeof tables)[number]): string[] | string =>
    answer === 'all' && table.tenantColumn !== null ? [own, other].toSorted() : expected(answer, []);

  test('tenant: none set, own, other', async () => {
    const url = db.urlFor('td_tenant');
    for (const table of tables) {
      const answer = mayRead[table.name]![0];
      expect(await see(url, table), `${table.name}, none`).toEqual(expected(answer, []));
      expect(await see(url, table, ''), `${table.name}, empty`).toEqual(expected(answer, []));
      expect(await see(url, table, own), `${table.name}, own`).toEqual(expected(answer, [own]));
      expect(await see(url, table, other), `${table.name}, other`).toEqual(expected(answer, [other]));
    }
  });

  test('gateway: all tenants of its tables', async () => {
    for (const table of tables) {
      expect(await see(db.gatewayUrl, table), table.name).toEqual(everywhere(mayRead[table.name]![1], table));
    }
  });

  const operatorRoles: OperatorRole[] = ['viewer', 'account_manager', 'operator', 'admin', 'auditor'];
  test.each(operatorRoles)('%s: no operator, assigned to one tenant, all tenants', async (role) => {
    const at = readers.indexOf(`td_${role}`);
    const nobody = db.urlFor(`td_${role}`);
    const assigned = role === 'admin' ? undefined : await makeOperator(db, { role, tenantIds: [own] });
    const everyone = role === 'account_manager' ? undefined : await makeOperator(db, { role });
    for (const table of tables) {
      const answer = mayRead[table.name]![at]!;
      const asNobody = answer === 'self' || answer === 'people' ? [] : expected(answer, []);
      expect(await see(nobody, table), `${table.name}, nobody`).toEqual(asNobody);
      // A client's setting makes nobody somebody.
      expect(await see(nobody, table, own), `${table.name}, setting`).toEqual(asNobody);
      if (assigned) expect(await see(assigned.url, table), `${table.name}, own`).toEqual(expected(answer, [own]));
      if (everyone) {
        // A tenant that an assigned operator is in stands in operator_tenants for both.
        expect(await see(everyone.url, table), `${table.name}, all`).toEqual(expected(answer, [own, other]));
      }
    }
  });

  test('a viewer sees one person, themselves', async () => {
    const { url, id } = await makeOperator(db, { role: 'viewer' });
    const { rows } = await db.connect(url).query('select id from platform.operators');
    expect(rows).toEqual([{ id }]);
  });

  test('an admin reads where providers are, not their credentials', async () => {
    const { url } = await makeOperator(db, { role: 'admin' });
    const pool = db.connect(url);
    expect((await pool.query('select id, base_url from platform.providers')).rows).toHaveLength(1);
    await expect(pool.query('select credential_ciphertext from platform.providers')).rejects.toMatchObject({
      code: '42501',
    });
  });

  test('a disabled operator sees nothing, nor one whose login lost its group', async () => {
    const gone = await makeOperator(db, { role: 'operator' });
    await db.owner.query('update platform.operators set disabled_at = now() where id = $1', [gone.id]);
    const moved = await makeOperator(db, { role: 'operator' });
    await db.owner.query(`update platform.operators set role = 'admin', all_tenants = true where id = $1`, [moved.id]);
    for (const { url } of [gone, moved]) {
      expect((await db.connect(url).query('select from platform.board')).rowCount).toBe(0);
    }
  });
});

describe('INSERT, UPDATE, DELETE and the rest', () => {
  test('are refused to every reader on every table', async () => {
    const { rows } = await db.owner.query(
      `select r.rolname, c.relname, v.verb from pg_roles r, pg_class c, unnest($2::text[]) v(verb)
       where r.rolname = any ($1) and c.relnamespace = 'platform'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
         and (has_table_privilege(r.rolname, c.oid, v.verb) or
              v.verb in ('insert', 'update', 'references') and has_any_column_privilege(r.rolname, c.oid, v.verb))`,
      [readers, ['insert', 'update', 'delete', 'truncate', 'references', 'trigger']],
    );
    expect(rows).toEqual([]);
  });

  test('really fail when tried', async () => {
    const passed: string[] = [];
    for (const reader of readers) {
      // One connection: a pool throws a connection away after each error.
      const client = await db.connect(db.urlFor(reader)).connect();
      // The board joins: PostgreSQL takes no writes into such a view from anybody.
      for (const { name, columns } of tables.filter((table) => table.name !== 'board')) {
        for (const statement of [
          `insert into platform.${name} (${columns[0]}) values (null)`,
          `update platform.${name} set ${columns[0]} = null`,
          `delete from platform.${name}`,
          `truncate platform.${name}`,
        ]) {
          const code = await client.query(statement).then(
            () => 'passed',
            (error: { code: string }) => error.code,
          );
          if (code !== '42501') passed.push(`${reader}: ${statement}: ${code}`);
        }
      }
      client.release();
    }
    expect(passed).toEqual([]);
  });

  test('the definer of the functions has what they need and no more', async () => {
    const { rows } = await db.owner.query<{ name: string; verbs: string }>(
      `select c.relname as name, coalesce(string_agg(v.verb, ' ' order by v.verb), '-') as verbs
       from pg_class c left join unnest(array['delete', 'insert', 'select', 'update', 'truncate', 'references', 'trigger']) v(verb)
         on has_table_privilege('td_definer', c.oid, v.verb)
       where c.relnamespace = 'platform'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition group by 1`,
    );
    const found = Object.fromEntries(rows.map(({ name, verbs }) => [name, verbs]));
    const wanted = Object.entries(definerMay).map(([name, verbs]) => [
      name,
      verbs === '-' ? '-' : [...verbs.split(' '), 'select'].filter(Boolean).toSorted().join(' '),
    ]);
    expect(found).toEqual(Object.fromEntries(wanted));
  });
});

test('no group role logs in, is superuser, bypasses row security or contains another', async () => {
  const { rows } = await db.owner.query(
    `select r.rolname from pg_roles r where r.rolname = any ($1)
       and (rolcanlogin or rolsuper or rolbypassrls or rolcreaterole or rolcreatedb
            or exists (select from pg_auth_members m where m.member = r.oid))`,
    [groupRoles],
  );
  expect(rows).toEqual([]);
});

/**
 * The twelve known ways around row security. Each is tried as it stands, then without its guard: it must leak then (else the
 * trial proves nothing), and the isolation check must name it. A guard is taken away in a transaction that is rolled back.
 */
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeOperator } from '../testing/factories.ts';
import { makeFilledTenant } from '../testing/filled-tenant.ts';
import { createPool } from '../testing/create-pool.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let db: TestDatabase;
let own: string;
let other: string;
let viewer: string;
/** A conversation of the other tenant. */
let theirs: string;

beforeAll(async () => {
  db = await createTestDatabase();
  own = await makeFilledTenant(db, 'own');
  other = await makeFilledTenant(db, 'other');
  viewer = (await makeOperator(db, { role: 'viewer', tenantIds: [own] })).login;
  const { rows } = await db.owner.query<{ id: string }>('select id from platform.conversations where tenant_id = $1', [
    other,
  ]);
  theirs = rows[0]!.id;
});
afterAll(() => db.close());

type Client = Pick<PoolClient, 'query'>;
/** What a trial answers: the tenants it saw rows of, or the error's code. */
type Outcome = string[] | string;

interface Trap {
  /** What both trials need. */
  readonly prepare?: string;
  /** Takes the guard away, as superuser. */
  readonly unguard: string;
  /** The rule of the isolation check that names it. */
  readonly rule: string;
  /** Who tries; a tenant's program in a transaction for `own`. */
  readonly as: 'test_td_tenant' | 'test_td_owner' | 'viewer';
  readonly trial: (client: Client) => Promise<Outcome>;
  readonly guarded: () => Outcome;
  readonly leaks: () => Outcome;
}

/** The trial with its guard and without it, and whether the check names the rule. */
async function spring(trap: Trap): Promise<{ guarded: Outcome; leaked: Outcome; reported: boolean }> {
  const guarded = await inTransaction(async (client) => {
    if (trap.prepare !== undefined) await client.query(trap.prepare);
    return tryAs(client, trap);
  });
  return inTransaction(async (client) => {
    if (trap.prepare !== undefined) await client.query(trap.prepare);
    await client.query(trap.unguard);
    const { rows } = await client.query<{ rule: string }>('select rule from platform.isolation_check() where not ok');
    return { guarded, leaked: await tryAs(client, trap), reported: rows.some(({ rule }) => rule === trap.rule) };
  });
}

async function inTransaction<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = await db.connect(db.superuserUrl).connect();
  try {
    await client.query('begin');
    return await work(client);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

async function tryAs(client: Client, { as, trial }: Trap): Promise<Outcome> {
  await client.query(`set local session authorization ${as === 'viewer' ? viewer : as}`);
  if (as === 'test_td_tenant') await setTenant(client, own);
  try {
    return await trial(client);
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

const setTenant = (client: Client, tenant: string, local = true): Promise<unknown> =>
  client.query(`select set_config('app.current_tenant', $1, $2)`, [tenant, local]);

/** Whose rows stand there. */
const tenantsIn =
  (source: string) =>
  async (client: Client): Promise<string[]> => {
    const { rows } = await client.query<{ id: string }>(`select distinct tenant_id as id from ${source} order by 1`);
    return rows.map(({ id }) => id);
  };

const both = (): string[] => [own, other].toSorted();
const currentPartition = `platform.usage_records_${new Date().toISOString().slice(0, 7).replace('-', '_')}`;
const tenantIs = `tenant_id = (select nullif(current_setting('app.current_tenant', true), '')::uuid)`;

const traps: Readonly<Record<string, Trap>> = {
  '1. the owner of a table is bound as well': {
    // It has a policy, for migrations. Without that one it sees nothing, while row security is forced.
    prepare: 'drop policy owner_all on platform.usage_daily',
    unguard: 'alter table platform.usage_daily no force row level security',
    rule: 'row-security-on',
    as: 'test_td_owner',
    trial: tenantsIn('platform.usage_daily'),
    guarded: () => [],
    leaks: both,
  },
  '2. a view reads with the rights of its reader': {
    unguard: 'alter view platform.board set (security_invoker = false)',
    rule: 'views-ask-as-the-reader',
    as: 'viewer',
    trial: tenantsIn('platform.board'),
    guarded: () => [own],
    leaks: both,
  },
  '3. a function with its owner’s rights is nobody’s until it is written down': {
    unguard: `create function platform.peek() returns setof platform.usage_daily language sql security definer
      as 'select * from platform.usage_daily'; alter function platform.peek() owner to td_definer;
      grant execute on function platform.peek() to public`,
    rule: 'functions-for-their-roles',
    as: 'test_td_tenant',
    trial: tenantsIn('platform.peek()'),
    guarded: () => '42883',
    leaks: both,
  },
  '4. row security does not hold for a materialized view': {
    unguard: `create materialized view platform.peek as select * from platform.usage_daily;
      grant select on platform.peek to td_tenant`,
    rule: 'no-copies',
    as: 'test_td_tenant',
    trial: tenantsIn('platform.peek'),
    guarded: () => '42P01',
    leaks: both,
  },
  '5. a partition has row security of its own, and no rights': {
    unguard: `grant select on ${currentPartition} to td_tenant; alter table ${currentPartition} disable row level security`,
    rule: 'partitions-closed',
    as: 'test_td_tenant',
    trial: tenantsIn(currentPartition),
    guarded: () => '42501',
    leaks: both,
  },
  '6. TRUNCATE passes row security': {
    unguard: 'grant truncate on platform.usage_daily to td_tenant',
    rule: 'no-side-rights',
    as: 'test_td_tenant',
    trial: async (client) => {
      await client.query('truncate platform.usage_daily');
      await client.query('reset session authorization');
      return tenantsIn('platform.usage_daily')(client);
    },
    guarded: () => '42501',
    leaks: () => [],
  },
  '8. a setting is empty, not null, after the transaction that set it': {
    unguard: `alter policy tenant_read on platform.usage_daily
      using (tenant_id = (select current_setting('app.current_tenant', true)::uuid))`,
    rule: 'tenant-from-transaction',
    as: 'test_td_tenant',
    trial: async (client) => {
      await setTenant(client, '');
      return tenantsIn('platform.usage_daily')(client);
    },
    guarded: () => [],
    leaks: () => '22P02',
  },
  '9. a unique constraint tells of other tenants’ rows': {
    unguard: 'create unique index on platform.conversations (id)',
    rule: 'tenant-first-in-keys',
    as: 'test_td_tenant',
    trial: async (client) => {
      await client.query('insert into platform.conversations (tenant_id, id) values ($1, $2)', [own, theirs]);
      return 'inserted';
    },
    guarded: () => 'inserted',
    leaks: () => '23505',
  },
  '10. a foreign key tells of other tenants’ rows, and links to them': {
    unguard: `alter table platform.conversations add unique (id);
      alter table platform.messages drop constraint messages_tenant_id_conversation_id_fkey;
      alter table platform.messages add foreign key (conversation_id) references platform.conversations (id)`,
    rule: 'references-stay-inside',
    as: 'test_td_tenant',
    trial: async (client) => {
      await client.query(
        `insert into platform.messages (tenant_id, conversation_id, author, content) values ($1, $2, 'user', '')`,
        [own, theirs],
      );
      return 'linked';
    },
    guarded: () => '23503',
    leaks: () => 'linked',
  },
  '11. no tenant set: nothing seen': {
    unguard: `alter policy tenant_read on platform.usage_daily
      using (tenant_id = coalesce((select nullif(current_setting('app.current_tenant', true), '')::uuid), tenant_id))`,
    rule: 'tenant-from-transaction',
    as: 'test_td_tenant',
    trial: async (client) => {
      await setTenant(client, '');
      return tenantsIn('platform.usage_daily')(client);
    },
    guarded: () => [],
    leaks: both,
  },
  '12. a setting is read once a query, not once a row': {
    unguard: `alter policy tenant_read on platform.usage_daily using (${tenantIs.replace('(select ', '(')})`,
    rule: 'policies-once-a-query',
    as: 'test_td_tenant',
    trial: async (client) => {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>('explain select from platform.usage_daily');
      return rows.some((row) => row['QUERY PLAN'].includes('InitPlan')) ? 'once a query' : 'once a row';
    },
    guarded: () => 'once a query',
    leaks: () => 'once a row',
  },
};

test.each(Object.entries(traps))('%s', async (_, trap) => {
  expect(await spring(trap)).toEqual({ guarded: trap.guarded(), leaked: trap.leaks(), reported: true });
});

test('7. a tenant set for the session stays for the next who gets the connection; set for the transaction it does not', async () => {
  // One connection for two programs, as behind a pooler.
  const pool = createPool(db.urlFor('td_tenant'), { applicationName: 'test', max: 1, onIdleError: () => undefined });
  const two = async (local: boolean): Promise<string[]> => {
    const client = await pool.connect();
    await client.query('begin');
    await setTenant(client, other, local);
    await client.query('commit');
    client.release();
    return tenantsIn('platform.usage_daily')(pool);
  };
  expect(await two(true)).toEqual([]);
  expect(await two(false)).toEqual([other]);
  await pool.end();
});

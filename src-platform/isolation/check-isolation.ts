import { randomBytes } from 'node:crypto';
import { Client, DatabaseError } from 'pg';

/** A rule of `platform.isolation_check()`. */
export interface IsolationRule {
  readonly rule: string;
  readonly level: 'error' | 'warning';
  readonly title: string;
  /** Why it matters, for a client. */
  readonly meaning: string;
  readonly ok: boolean;
  /** What breaks it. */
  readonly findings: readonly string[];
}

/** Every kind of access to every table, tried as somebody; counts of kinds of access. */
export interface IsolationTrial {
  /** "tenant", "viewer" …; "definer": the owner of the functions. */
  readonly role: string;
  /** nobody: no tenant named, or a login that is no operator; some: one client; all: every client. */
  readonly standing: 'nobody' | 'some' | 'all';
  readonly tried: number;
  readonly refused: number;
  /** What went otherwise than written down. */
  readonly findings: readonly string[];
}

export interface IsolationFacts {
  readonly checkedAt: Date;
  readonly database: string;
  /** Version of PostgreSQL. */
  readonly server: string;
  readonly scope: {
    readonly tables: number;
    readonly partitions: number;
    readonly views: number;
    readonly policies: number;
    readonly functions: number;
    readonly logins: number;
  };
  readonly rules: readonly IsolationRule[];
  readonly trials: readonly IsolationTrial[];
  /** What this check could not do, each a sentence. */
  readonly missing: readonly string[];
}

/** The check can't be made; the message says why and what to do. */
export class IsolationCheckError extends Error {
  override readonly name = 'IsolationCheckError';
}

const OPERATOR_ROLES = ['viewer', 'account_manager', 'operator', 'admin', 'auditor'] as const;
const FUNCTIONS = `platform.access_trial(text, text, uuid[]), platform.try_access(text, text, uuid[]), platform.try_table(oid, uuid[]),
  platform.try_statement(text, boolean, uuid[]), platform.try_words(bigint, bigint, boolean), platform.expected_access()`;

/**
 * Reads the catalog and tries every kind of access as every role, in one transaction that is rolled back: a client and an operator
 * are made in it for the trials, and are gone with it.
 * @param databaseUrl of a login that can act as td_owner and td_definer, as the one that migrates does. An auditor's or
 * admin's own login reads the catalog and tries what it may itself; the report says so.
 */
export async function checkIsolation(databaseUrl: string): Promise<IsolationFacts> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'tenantdesk isolation check',
    connectionTimeoutMillis: 10_000,
  });
  await client.connect();
  try {
    // Set here and not at the start of the connection, which a pooler would refuse.
    await client.query(`begin; set local statement_timeout = '5min'; set local lock_timeout = '5s'`);
    await refuseSecondCheck(client);
    await refuseOldSchema(client);
    const missing: string[] = [];
    const full = await may(client, 'set local role td_definer');
    if (full) await client.query('set local role td_definer');
    const rules = (await client.query<IsolationRule>('select * from platform.isolation_check()')).rows;
    const [about] = (
      await client.query<IsolationFacts['scope'] & { database: string; server: string; at: Date }>(
        'select * from platform.isolation_scope()',
      )
    ).rows;
    if (about === undefined) throw new Error('PostgreSQL did not describe itself.');
    const trials = full ? await tryEverybody(client, missing) : await tryMyself(client, missing);
    const { database, server, at, ...scope } = about;
    return { checkedAt: at, database, server, scope, rules, trials, missing };
  } finally {
    await client.query('rollback').catch(() => undefined);
    await client.end();
  }
}

/** Two at the same time would grant the same rights, which PostgreSQL answers with an error that tells nobody anything. */
async function refuseSecondCheck(client: Client): Promise<void> {
  const { rows } = await client.query<{ alone: boolean }>(
    `select pg_try_advisory_xact_lock(hashtext('platform.isolation_check')) as alone`,
  );
  if (rows[0]?.alone !== true) {
    throw new IsolationCheckError('Another isolation check is running on this database. Wait for it, then try again.');
  }
}

async function refuseOldSchema(client: Client): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regprocedure('platform.isolation_scope()') is not null as there`,
  );
  if (rows[0]?.there !== true) {
    throw new IsolationCheckError(
      'This database has no TenantDesk schema with an isolation check. Run npm run platform:migrate on it first.',
    );
  }
}

/** Whether the statement is allowed; it is undone. */
async function may(client: Client, statement: string): Promise<boolean> {
  await client.query('savepoint trial');
  try {
    await client.query(statement);
    return true;
  } catch (error) {
    if (error instanceof DatabaseError && error.code === '42501') return false;
    throw error;
  } finally {
    await client.query('rollback to trial');
  }
}

async function tryMyself(client: Client, missing: string[]): Promise<IsolationTrial[]> {
  missing.push(
    'Access was tried with the rights of this login alone. To try every role, run npm run isolation-check with the login that migrates the database.',
  );
  return (await client.query<IsolationTrial>('select * from platform.my_access_trial()')).rows;
}

async function tryEverybody(client: Client, missing: string[]): Promise<IsolationTrial[]> {
  await client.query(`grant execute on function ${FUNCTIONS}
    to td_tenant, td_gateway, td_viewer, td_account_manager, td_operator, td_admin, td_auditor`);
  await client.query('set local role td_owner');
  const own = await makeTenant(client);
  if (!(await anybodyElse(client, own))) {
    missing.push('There is no client yet, so there was nobody’s row to meet.');
  }
  await client.query('set local role none');
  const trials: IsolationTrial[] = [];
  const trial = async (
    role: string,
    standing: IsolationTrial['standing'],
    tenants: readonly string[] | null,
    prepare?: () => Promise<void>,
  ): Promise<void> => {
    await client.query('savepoint persona');
    try {
      await become(client, role);
      await client.query('set local role none');
      await prepare?.();
      await client.query(`set local role td_${role}`);
      const { rows } = await client.query<IsolationTrial>('select * from platform.access_trial($1, $2, $3)', [
        role,
        standing,
        tenants,
      ]);
      trials.push(...rows);
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== '42501') throw error;
      missing.push(`Access could not be tried as td_${role}: ${error.message}.`);
    } finally {
      await client.query('rollback to persona');
    }
  };

  const nameTenant = async (): Promise<void> => {
    await client.query(`select set_config('app.current_tenant', $1, true)`, [own]);
  };
  await trial('tenant', 'nobody', []);
  await trial('tenant', 'some', [own], nameTenant);
  await trial('gateway', 'all', null);
  for (const role of OPERATOR_ROLES) {
    // A client's name in a setting must change nothing for an operator.
    await trial(role, 'nobody', [], nameTenant);
    if (role !== 'admin') await trial(role, 'some', [own], () => makeOperator(client, role, own));
    if (role !== 'account_manager') await trial(role, 'all', null, () => makeOperator(client, role, undefined));
  }
  await trial('definer', 'all', null);
  return trials;
}

async function makeTenant(client: Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `insert into platform.tenants (slug, name, plan_id, currency, time_zone)
     select $1, 'Isolation check', id, 'USD', 'UTC' from platform.plans limit 1 returning id`,
    [`isolation-check-${randomBytes(6).toString('hex')}`],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new IsolationCheckError('This database has no plan: its schema is not whole.');
  return id;
}

async function anybodyElse(client: Client, own: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    'select exists (select from platform.tenants where id <> $1) as there',
    [own],
  );
  return rows[0]?.there === true;
}

/** Makes this login a member of the role, which a superuser need not be. */
async function become(client: Client, role: string): Promise<void> {
  const { rows } = await client.query<{ member: boolean; me: string; version: number }>(
    `select pg_has_role(session_user, 'td_' || $1, case when v.version >= 160000 then 'set' else 'member' end) as member,
       session_user::text as me, v.version
     from (select current_setting('server_version_num')::integer as version) v`,
    [role],
  );
  const [found] = rows;
  if (found === undefined || found.member) return;
  await client.query(
    `grant td_${role} to ${client.escapeIdentifier(found.me)}${found.version >= 160_000 ? ' with set true' : ''}`,
  );
}

/** Makes this login an operator: policies ask for `session_user`, which SET ROLE leaves. */
async function makeOperator(client: Client, role: string, tenant: string | undefined): Promise<void> {
  await client.query('set local role td_owner');
  const { rows } = await client.query<{ id: string }>(
    `insert into platform.operators (login, name, role, raise_limit_nanousd, all_tenants) values (session_user, 'Isolation check', $1, 0, $2)
     on conflict (login) do update set role = excluded.role, all_tenants = excluded.all_tenants, disabled_at = null returning id`,
    [role, tenant === undefined],
  );
  if (tenant !== undefined) {
    await client.query('delete from platform.operator_tenants where operator_id = $1', [rows[0]?.id]);
    await client.query('insert into platform.operator_tenants (tenant_id, operator_id) values ($1, $2)', [
      tenant,
      rows[0]?.id,
    ]);
  }
  await client.query('set local role none');
}

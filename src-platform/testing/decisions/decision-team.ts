import { randomUUID } from 'node:crypto';
import { createCapDesk } from '../cap-desk.ts';
import { makeOperator, type OperatorRole } from '../factories.ts';
import { createRequestDesk } from '../request-desk.ts';
import type { TestDatabase } from '../test-database.ts';
import { RAISE_LIMITS, type Command, type Person } from './command.ts';
import { inForce, type Desk } from './desk.ts';

export interface Ground {
  readonly tenantId: string;
  readonly capId: string;
  readonly keyId: string;
}

/** People with logins of their own, who are new people at each cap: nobody has raised anything yet. */
export interface Team {
  newGround(limitUsd: number): Promise<Ground>;
  /** The function's answer; rejects as it refuses. */
  send(ground: Ground, command: Command): Promise<object>;
  /** What is in the database otherwise than on the desk, of several on the one it is nearest to; sentences. */
  compare(ground: Ground, desks: readonly Desk[]): Promise<Found[]>;
}

export interface Found {
  readonly kind: 'self-approved' | 'split raise' | 'audit' | 'limit';
  readonly told: string;
}

const ROLES: Readonly<Record<Exclude<Person, 'tenant'>, OperatorRole>> = {
  junior: 'operator',
  senior: 'operator',
  boss: 'admin',
  manager: 'account_manager',
  viewer: 'viewer',
  stranger: 'operator',
};

export const NANO = 1_000_000_000n;
const nano = (usd: number): bigint => BigInt(usd) * NANO;

export async function makeTeam(db: TestDatabase, gatewayId: string): Promise<Team> {
  const people = new Map<Person, { url: string; login: string }>();
  for (const [who, role] of Object.entries(ROLES) as [Exclude<Person, 'tenant'>, OperatorRole][]) {
    const limit = RAISE_LIMITS[who];
    people.set(
      who,
      await makeOperator(db, {
        role,
        raiseLimitNanoUsd: limit === null ? null : nano(limit),
        ...(who === 'stranger' ? { tenantIds: [] } : {}),
      }),
    );
  }
  const logins = [...people.values()].map(({ login }) => login);
  const superuser = db.connect(db.superuserUrl, 2);
  const caps = createCapDesk(db);
  const requests = createRequestDesk(db);
  const url = (who: Person): { url: string } => {
    const person = people.get(who);
    if (person === undefined) throw new Error(`${who} has no login.`);
    return person;
  };

  async function pass(tenantId: string, week: boolean): Promise<void> {
    await superuser.query(
      `begin; set local session_replication_role = replica;
       update platform.cap_changes set at = at - interval '25 hours' where tenant_id = '${tenantId}';
       update platform.cap_overrides set created_at = created_at - interval '25 hours' where tenant_id = '${tenantId}';
       update platform.pending_raises set expires_at = expires_at - interval '25 hours' where tenant_id = '${tenantId}';
       ${week ? `update platform.increase_requests set expires_at = now() - interval '1 hour' where tenant_id = '${tenantId}';` : ''}
       commit`,
    );
  }

  return {
    newGround: async (limitUsd) => {
      const [tenantId, capId, keyId] = [randomUUID(), randomUUID(), randomUUID()];
      const junior = people.get('junior')?.login;
      await superuser.query({
        name: 'new ground',
        text: NEW_GROUND,
        values: [tenantId, capId, keyId, nano(limitUsd), logins, junior, nano(RAISE_LIMITS.junior ?? 0)],
      });
      // In one session, which knows how: everybody else would plan it for themselves, a hundred times as long.
      await superuser.query('select platform.open_cap_periods(array[$1::uuid], clock_timestamp())', [tenantId]);
      return { tenantId, capId, keyId };
    },
    send: async ({ tenantId, capId, keyId }, { who, deed, key }) => {
      const here = { tenantId, capId, key };
      switch (deed.does) {
        case 'set':
          return caps.set(url(who), { ...here, limit: nano(deed.limit), version: deed.version });
        case 'undo':
          return caps.undo(url(who), { ...here, version: deed.version });
        case 'add':
          return caps.add(url(who), { ...here, amount: nano(deed.amount), until: deed.until, version: deed.version });
        case 'remove':
          return caps.remove(url(who), { tenantId, overrideId: deed.override, key });
        case 'ask': {
          const asked = { ...here, amount: nano(deed.amount), reason: deed.reason };
          return who === 'tenant'
            ? requests.askAsTenant({ url: db.gatewayUrl, id: gatewayId }, { ...asked, keyId })
            : requests.ask(url(who), asked);
        }
        case 'approve':
          return requests.decide(url(who), {
            tenantId,
            requestId: deed.request,
            decision: 'approve',
            key,
            ...(deed.amount === null ? {} : { amount: nano(deed.amount) }),
            ...(deed.version === null ? {} : { version: deed.version }),
          });
        case 'decline':
          return requests.decide(url(who), {
            tenantId,
            requestId: deed.request,
            decision: 'decline',
            key,
            reason: 'No',
          });
        case 'confirm':
          return requests.confirm(url(who), { tenantId, pendingId: deed.raise, key });
        case 'reject':
          return requests.reject(url(who), { tenantId, pendingId: deed.raise, key });
        case 'trust':
          await db.owner.query('update platform.operators set raise_limit_nanousd = $2 where login = $1', [
            people.get('junior')?.login,
            nano(9_000_000),
          ]);
          return {};
        case 'wait':
        default:
          await pass(tenantId, deed.week);
          return {};
      }
    },
    compare: async ({ tenantId, capId }, desks) => {
      const { rows } = await superuser.query<{ name: string; found: string }>({
        name: 'compared',
        text: COMPARED,
        values: [tenantId, capId],
      });
      const [nearest] = desks.map((desk) => differences(rows, desk)).toSorted((a, b) => a.length - b.length);
      return nearest ?? [];
    },
  };
}

function differences(rows: readonly { readonly name: string; readonly found: string }[], desk: Desk): Found[] {
  const inState = (things: readonly { readonly id: string; readonly state: string }[]): string =>
    things
      .map(({ id, state }) => `${id} ${state}`)
      .toSorted()
      .join(', ');
  const expected: Readonly<Record<string, string>> = {
    'self-approved': '0',
    'split raise': '0',
    audit: `${desk.audit}`,
    changes: `${desk.changes.length}`,
    version: `${desk.version}`,
    limit: `${nano(desk.limit)}`,
    'in force': `${nano(inForce(desk))}`,
    'of the period': `${nano(inForce(desk))}`,
    raises: inState(desk.raises),
    requests: inState(desk.requests.map(({ id, status }) => ({ id, state: status }))),
  };
  return rows.flatMap(({ name, found }) => {
    const wanted = expected[name];
    if (wanted === found) return [];
    const kind = name === 'self-approved' || name === 'split raise' || name === 'audit' ? name : 'limit';
    return [{ kind, told: `${name} is ${found}, not ${wanted}` } as const];
  });
}

/** A tenant with a cap and a key, and everybody as somebody new: who they were keeps what they raised, under another login. */
const NEW_GROUND = `
  with tenant as (
    insert into platform.tenants (id, slug, name, plan_id, currency, time_zone)
    values ($1, 'tenant-' || $1::uuid, 'Tenant', 'pro', 'INR', 'Asia/Kolkata')
  ), cap as (
    insert into platform.caps (tenant_id, id, scope, period, limit_nanousd, hard) values ($1, $2, 'tenant', 'month', $4, true)
  ), key as (
    insert into platform.api_keys (tenant_id, id, name, prefix, last4) values ($1, $3, 'key', 'td_test', 'test')
  ), gone as (
    update platform.operators o set login = 'gone ' || o.id from platform.operators was
    where was.id = o.id and o.login = any ($5) returning was.*
  ), come as (
    insert into platform.operators (login, name, role, raise_limit_nanousd, all_tenants)
    select login, name, role, case when login = $6 then $7 else raise_limit_nanousd end, all_tenants from gone returning id, role
  )
  insert into platform.operator_tenants (tenant_id, operator_id) select $1, id from come where role = 'account_manager'`;

/** Two of them need no model: nobody approves or confirms what they asked for, nobody raises more alone in 24 hours than they may. */
const COMPARED = `
  with cap as (select * from platform.caps where tenant_id = $1 and id = $2),
  alone as (
    select c.operator_id as id, c.new_limit_nanousd - c.old_limit_nanousd as more from platform.cap_changes c
    where c.tenant_id = $1 and c.kind = 'raise' and c.confirmed_by is null and c.at > now() - interval '24 hours' and not exists (
      select from platform.cap_changes u where u.tenant_id = $1 and u.cap_id = c.cap_id and u.kind = 'undo' and u.version = c.version + 1)
    union all
    select o.created_by, o.amount_nanousd from platform.cap_overrides o
    where o.tenant_id = $1 and o.confirmed_by is null and o.created_at > now() - interval '24 hours')
  select 'self-approved' as name, (
    (select count(*) from platform.cap_changes where tenant_id = $1 and confirmed_by = operator_id)
    + (select count(*) from platform.cap_overrides where tenant_id = $1 and confirmed_by = created_by)
    + (select count(*) from platform.increase_requests r join platform.cap_overrides o on o.tenant_id = r.tenant_id and o.id = r.override_id
       where r.tenant_id = $1 and r.requested_by in (o.created_by, o.confirmed_by)))::text as found
  union all select 'split raise', count(*)::text from (
    select from alone a join platform.operators o on o.id = a.id group by o.id having sum(a.more) > o.raise_limit_nanousd) s
  union all select 'audit', count(*)::text from platform.audit_log where tenant_id = $1
  union all select 'changes', count(*)::text from platform.cap_changes where tenant_id = $1
  union all select 'version', version::text from cap
  union all select 'limit', limit_nanousd::text from cap
  union all select 'in force', (platform.limit_in_force($1, $2, clock_timestamp())).limit_nanousd::text
  union all select 'of the period', limit_nanousd::text from platform.cap_periods where tenant_id = $1
  union all select 'raises', coalesce(string_agg(id || ' ' || state, ', ' order by id), '') from platform.pending_raises where tenant_id = $1
  union all select 'requests', coalesce(string_agg(id || ' ' || status, ', ' order by id), '') from platform.increase_requests where tenant_id = $1`;

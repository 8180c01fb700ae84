/**
 * Each role × each call of the contract. The contract supplies the calls; what each role may stands here, written by hand from the
 * table of roles: a call without a line fails. The main side has no rule on roles, so an answer here is the database's answer to the
 * operator's own login; for what changes something, the function is asked past the console as well.
 */
import { randomUUID } from 'node:crypto';
import { isContractProcedure } from '@orpc/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientInput, newSecret, partsOf } from '../../src-platform/testing/client-desk.ts';
import { makeOperator, type MadeOperator, type OperatorRole } from '../../src-platform/testing/factories.ts';
import { makeGrantDesk, type GrantDesk } from '../../src-platform/testing/grant-desk.ts';
import { makeRoleSubject, type RoleSubject } from '../../src-platform/testing/role-subject.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import type { BoardRow } from '../contract/board.ts';
import { contract } from '../contract/contract.ts';
import { nextState } from '../testing/next-state.ts';
import { mergeFrame, openTestConsole, type ConsoleClient, type TestConsole } from '../testing/test-console.ts';

/**
 * yes: answered, for all tenants; own: for assigned tenants, others are not there; no: refused to the role.
 * Lists and streams: own shows the assigned tenants alone.
 */
type May = 'yes' | 'own' | 'no';
type Line = readonly [viewer: May, accountManager: May, operator: May, admin: May, auditor: May];

const ROLES: readonly OperatorRole[] = ['viewer', 'account_manager', 'operator', 'admin', 'auditor'];

// prettier-ignore
const MAY: Readonly<Record<string, Line>> = {
  //                         viewer  acc. m. operat. admin  auditor
  // usage, caps, board
  'session/watch':          ['yes',  'yes',  'yes',  'yes', 'yes'],
  'board/watch':            ['yes',  'own',  'yes',  'yes', 'yes'],
  'tenants/detail':         ['yes',  'own',  'yes',  'yes', 'yes'],
  'tenants/watch':          ['yes',  'own',  'yes',  'yes', 'yes'],
  'tenants/explainRefusal': ['yes',  'own',  'yes',  'yes', 'yes'],
  'caps/overrides':         ['yes',  'own',  'yes',  'yes', 'yes'],
  'grants/watchOrphaned':   ['yes',  'own',  'yes',  'yes', 'yes'],
  // raise a cap
  'caps/change':            ['no',   'no',   'yes',  'yes', 'no'],
  'caps/addOverride':       ['no',   'no',   'yes',  'yes', 'no'],
  'grants/release':         ['no',   'no',   'yes',  'yes', 'no'],
  // lower, suspend; resuming is not lowering: see below
  'caps/change (lower)':    ['no',   'own',  'yes',  'yes', 'no'],
  'caps/undo':              ['no',   'own',  'yes',  'yes', 'no'],
  'caps/removeOverride':    ['no',   'own',  'yes',  'yes', 'no'],
  'tenants/setStatus':      ['no',   'own',  'yes',  'yes', 'no'],
  'tenants/setStatus (resume)': ['no', 'no', 'yes',  'yes', 'no'],
  // keys
  'keys/list':              ['no',   'own',  'yes',  'yes', 'yes'],
  'keys/issue':             ['no',   'no',   'yes',  'yes', 'no'],
  'keys/rotate':            ['no',   'no',   'yes',  'yes', 'no'],
  'keys/revoke':            ['no',   'no',   'yes',  'yes', 'no'],
  // tenants, operators, prices, policies; what there is to choose from is no secret
  'tenants/choices':        ['yes',  'yes',  'yes',  'yes', 'yes'],
  'tenants/create':         ['no',   'no',   'no',   'yes', 'no'],
  // audit
  'audit/list':             ['no',   'own',  'yes',  'yes', 'yes'],
};

let db: TestDatabase;
let desk: GrantDesk;
const consoles = new Map<OperatorRole, { made: TestConsole; operator: MadeOperator }>();

beforeAll(async () => {
  db = await createTestDatabase();
  desk = await makeGrantDesk(db);
  await db.owner.query(`update platform.gateways set heartbeat_at = now() - interval '1 hour'`);
  for (const role of ROLES) {
    const operator = await makeOperator(db, { role, raiseLimitNanoUsd: 10n ** 15n });
    const made = await openTestConsole({ ...operator, gatewayUrl: 'http://127.0.0.1:9' });
    consoles.set(role, { made, operator });
  }
});
afterAll(async () => {
  for (const { made } of consoles.values()) await made.console.close();
  await db.close();
});

const consoleOf = (role: OperatorRole) => {
  const found = consoles.get(role);
  if (!found) throw new Error(`No console of ${role}.`);
  return found;
};

const subject = (role: OperatorRole, assigned: boolean): Promise<RoleSubject> =>
  makeRoleSubject(db, desk, { operator: consoleOf(role).operator, admin: consoleOf('admin').operator }, assigned);

/** Of each role a tenant of others and, made after it, one of theirs: for calls that change nothing, or must not. */
const kept = new Map<OperatorRole, Promise<{ other: RoleSubject; theirs: RoleSubject }>>();

function keptSubjects(role: OperatorRole): Promise<{ other: RoleSubject; theirs: RoleSubject }> {
  const made =
    kept.get(role) ?? subject(role, false).then(async (other) => ({ other, theirs: await subject(role, true) }));
  kept.set(role, made);
  return made;
}

const USD = 1_000_000_000n;
/** `theirs`: a tenant that the operator sees, made after `of`; when it shows in a stream, `of` would as well. */
type Call = (client: ConsoleClient, of: RoleSubject, theirs: RoleSubject) => Promise<unknown>;

/** Every call, about a subject. */
const CALLS: Readonly<Record<string, Call>> = {
  'session/watch': async (client) =>
    nextState(await client.session.watch(), ({ operator }) => operator !== null).then(({ operator }) => operator?.role),
  'board/watch': async (client, of, theirs) => {
    const rows = new Map<string, BoardRow>();
    await nextState(await client.board.watch(), (frame) => mergeFrame(rows, frame).has(theirs.tenantId));
    return seen(rows.has(of.tenantId));
  },
  'tenants/detail': (client, { tenantId }) => client.tenants.detail({ tenantId }),
  'tenants/watch': async (client, { tenantId }) =>
    nextState(await client.tenants.watch({ tenantId }), ({ asOf }) => asOf !== null),
  'tenants/explainRefusal': (client, { tenantId, requestId }) => client.tenants.explainRefusal({ tenantId, requestId }),
  'caps/overrides': async (client, { tenantId, capId }) =>
    seen((await client.caps.overrides({ tenantId, capId })).overrides.length > 0),
  'grants/watchOrphaned': async (client, of, theirs) => {
    const shows = (grants: readonly { grantId: string }[], { grantId }: RoleSubject): boolean =>
      grants.some((grant) => grant.grantId === grantId);
    const { grants } = await nextState(await client.grants.watchOrphaned(), (told) => shows(told.grants, theirs));
    return seen(shows(grants, of));
  },
  'caps/change': (client, of) => client.caps.change({ ...capOf(of), change: { kind: 'set', limitNanoUsd: 30n * USD } }),
  'caps/change (lower)': (client, of) =>
    client.caps.change({ ...capOf(of), change: { kind: 'set', limitNanoUsd: 20n * USD } }),
  'caps/undo': (client, of) => client.caps.undo(capOf(of)),
  'caps/addOverride': (client, of) =>
    client.caps.addOverride({ ...capOf(of), amountNanoUsd: USD, end: { until: 'period_end' } }),
  'caps/removeOverride': (client, { tenantId, overrideId }) =>
    client.caps.removeOverride({ tenantId, overrideId, idempotencyKey: randomUUID() }),
  'grants/release': (client, { tenantId, grantId }) =>
    client.grants.release({ tenantId, grantId, idempotencyKey: randomUUID() }),
  'tenants/choices': (client) => client.tenants.choices(),
  'tenants/create': (client) => {
    const slug = `client-${randomUUID().slice(0, 8)}`;
    return client.tenants.create({
      name: slug,
      slug,
      currency: 'INR',
      timeZone: 'Asia/Kolkata',
      plan: 'pro',
      capNanoUsd: USD,
      thresholds: [50],
      keyName: 'website bot',
      idempotencyKey: randomUUID(),
    });
  },
  'tenants/setStatus': (client, { tenantId }) =>
    client.tenants.setStatus({ tenantId, status: 'suspended', expectedVersion: 1, idempotencyKey: randomUUID() }),
  'tenants/setStatus (resume)': async (client, { tenantId }) => {
    await db.owner.query(`update platform.tenants set status = 'suspended' where id = $1`, [tenantId]);
    return client.tenants.setStatus({ tenantId, status: 'active', expectedVersion: 1, idempotencyKey: randomUUID() });
  },
  'keys/list': (client, { tenantId }) => client.keys.list({ tenantId }),
  'keys/issue': (client, { tenantId }) =>
    client.keys.issue({ tenantId, name: 'another', workflowId: null, idempotencyKey: randomUUID() }),
  'keys/rotate': (client, { tenantId, keyId }) =>
    client.keys.rotate({ tenantId, keyId, overlapSeconds: 60, expectedVersion: 1, idempotencyKey: randomUUID() }),
  'keys/revoke': (client, { tenantId, keyId }) =>
    client.keys.revoke({ tenantId, keyId, expectedVersion: 1, idempotencyKey: randomUUID() }),
  'audit/list': async (client, { tenantId }) => {
    return seen((await client.audit.list({ chain: tenantId, limit: 10 })).entries.length > 0);
  },
};

/** A list that does not show the subject says "not there" as a single thing would. */
function seen(shown: boolean): unknown {
  if (shown) return 'shown';
  throw Object.assign(new Error('The list does not show it.'), { code: 'NOT_FOUND' });
}

const capOf = ({ tenantId, capId, capVersion: expectedVersion }: RoleSubject) => {
  return { tenantId, capId, expectedVersion, idempotencyKey: randomUUID() };
};

/** "yes", or the code of the refusal. */
async function answerTo(role: OperatorRole, name: string, of: RoleSubject, theirs = of): Promise<string> {
  const call = CALLS[name];
  if (!call) throw new Error(`${name} is not tried.`);
  return call(consoleOf(role).made.client, of, theirs).then(
    () => 'yes',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );
}

it('every call of the contract has its line and is tried', () => {
  const calls = Object.entries(contract).flatMap(([group, procedures]) =>
    Object.entries(procedures)
      .filter(([, call]: [string, unknown]) => isContractProcedure(call))
      .map(([name]) => `${group}/${name}`),
  );
  const lines = new Set(Object.keys(MAY).map((name) => name.replace(/ \(.*$/, '')));
  expect([...lines].toSorted()).toEqual(calls.toSorted());
  expect(Object.keys(CALLS).toSorted()).toEqual(Object.keys(MAY).toSorted());
});

describe.each(ROLES.map((role, at) => [role, at] as const))('%s', (role, at) => {
  it.each(Object.entries(MAY))('%s', async (name, line) => {
    const may = line[at]!;
    const { made } = consoleOf(role);
    made.log.lines.length = 0;
    const { other, theirs } = await keptSubjects(role);
    if (role === 'account_manager' && may !== 'yes') {
      const notThere = may === 'no' ? /^(FORBIDDEN|NOT_FOUND)$/ : /^NOT_FOUND$/;
      expect(await answerTo(role, name, other, theirs), 'of another tenant').toMatch(notThere);
    }
    const used = may !== 'no' && isChange(name) ? await subject(role, true) : theirs;
    expect(await answerTo(role, name, used), 'of a tenant of theirs').toBe(may === 'no' ? 'FORBIDDEN' : 'yes');
    expect(made.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

/** The functions behind the calls that change something, with an argument list for a subject. */
const FUNCTIONS: Readonly<Record<string, (of: RoleSubject) => readonly [statement: string, values: unknown[]]>> = {
  'caps/change': (of) => ['set_cap($1, $2, 30000000000, 2, $3, null)', [of.tenantId, of.capId, randomUUID()]],
  'caps/change (lower)': (of) => ['set_cap($1, $2, 20000000000, 2, $3, null)', [of.tenantId, of.capId, randomUUID()]],
  'caps/undo': (of) => ['undo_cap_change($1, $2, 2, $3)', [of.tenantId, of.capId, randomUUID()]],
  'caps/addOverride': (of) => [
    `add_cap_override($1, $2, 1000, 'removed', null, 2, $3, null)`,
    [of.tenantId, of.capId, randomUUID()],
  ],
  'caps/removeOverride': (of) => ['remove_cap_override($1, $2, $3, null)', [of.tenantId, of.overrideId, randomUUID()]],
  'grants/release': (of) => ['release_orphaned_grant($1, $2, $3, null)', [of.tenantId, of.grantId, randomUUID()]],
  'tenants/create': () => ['create_tenant($1, $2)', [JSON.stringify(clientInput()), randomUUID()]],
  'tenants/setStatus': (of) => [`set_tenant_status($1, 'suspended', 1, $2, null)`, [of.tenantId, randomUUID()]],
  'keys/issue': (of) => [`issue_key($1, 'bot', $2, $3, $4, null, $5)`, [of.tenantId, ...secret(), randomUUID()]],
  'keys/rotate': (of) => [
    'rotate_key($1, $2, $3, $4, $5, 60, 1, $6, null)',
    [of.tenantId, of.keyId, ...secret(), randomUUID()],
  ],
  'keys/revoke': (of) => ['revoke_key($1, $2, 1, $3, null)', [of.tenantId, of.keyId, randomUUID()]],
};

/** Resuming is the function of suspending. */
const isChange = (name: string): boolean => name in FUNCTIONS || name === 'tenants/setStatus (resume)';

function secret(): string[] {
  const { digest, prefix, last4 } = partsOf(newSecret());
  return [digest, prefix, last4];
}

describe('past the console, through the operator’s own login', () => {
  it('every call that changes something is tried', () => {
    const changes = Object.keys(MAY).filter((name) => MAY[name]![0] === 'no' && !name.endsWith('/list'));
    expect(Object.keys(MAY).filter(isChange)).toEqual(changes);
  });

  it.each(ROLES.map((role, at) => [role, at] as const))('%s', async (role, at) => {
    for (const [name, functionCall] of Object.entries(FUNCTIONS)) {
      const may = MAY[name]![at]!;
      for (const assigned of role === 'account_manager' ? [true, false] : [true]) {
        const { other, theirs } = await keptSubjects(role);
        const own = may === 'no' ? theirs : await subject(role, true);
        const [statement, values] = functionCall(assigned ? own : other);
        const code = await db
          .connect(consoleOf(role).operator.url)
          .query(`select platform.${statement}`, values)
          .then(
            () => 'done',
            (error: { code: string }) => error.code,
          );
        let wanted = may === 'no' ? /^(42501|TD403)$/ : /^done$/;
        if (!assigned) wanted = may === 'no' ? /^(42501|TD40[34])$/ : /^TD404$/;
        expect(code, `${name}${assigned ? '' : ', of another tenant'}`).toMatch(wanted);
      }
    }
  });
});

/**
 * Each role × each call of the contract. The contract supplies the calls; what each role may stands here, written by hand from the
 * table of roles: a call without a line fails. The main side has no rule on roles, so an answer here is the database's answer to the
 * operator's own login; for what changes something, the function is asked past the console as well.
 */
import { randomUUID } from 'node:crypto';
import { isContractProcedure } from '@orpc/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientInput, newSecret, partsOf } from '../../src-platform/testing/client-desk.ts';
import { makeOperator, makePrice, type MadeOperator, type OperatorRole } from '../../src-platform/testing/factories.ts';
import { makeGrantDesk, type GrantDesk } from '../../src-platform/testing/grant-desk.ts';
import { makeRoleSubject, type RoleSubject } from '../../src-platform/testing/role-subject.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import type { BoardRow } from '../contract/board.ts';
import { contract } from '../contract/contract.ts';
import type { ProfileEntered } from '../contract/profiles.ts';
import { nextState } from '../testing/next-state.ts';
import { trialOf } from '../testing/trial-of.ts';
import { mergeFrame, openTestConsole, type ConsoleClient, type TestConsole } from '../testing/test-console.ts';

/**
 * yes: answered, for all tenants; own: for assigned tenants, others are not there; no: refused to the role; none: not refused, and
 * there is nothing for the role. Lists and streams: own shows the assigned tenants alone.
 */
type May = 'yes' | 'own' | 'no' | 'none';
type Line = readonly [viewer: May, accountManager: May, operator: May, admin: May, auditor: May];

const ROLES: readonly OperatorRole[] = ['viewer', 'account_manager', 'operator', 'admin', 'auditor'];

// prettier-ignore
const MAY: Readonly<Record<string, Line>> = {
  //                         viewer  acc. m. operat. admin  auditor
  // of this computer, whoever sits at it: nothing of a platform is asked
  'vault/keychain':         ['yes',  'yes',  'yes',  'yes', 'yes'],
  'vault/setUp':            ['yes',  'yes',  'yes',  'yes', 'yes'],
  'vault/setKeys':          ['yes',  'yes',  'yes',  'yes', 'yes'],
  'vault/setIdle':          ['yes',  'yes',  'yes',  'yes', 'yes'],
  'vault/lock':             ['yes',  'yes',  'yes',  'yes', 'yes'],
  'vault/unlock':           ['yes',  'yes',  'yes',  'yes', 'yes'],
  'vault/stay':             ['yes',  'yes',  'yes',  'yes', 'yes'],
  'vault/startOver':        ['yes',  'yes',  'yes',  'yes', 'yes'],
  'profiles/watch':         ['yes',  'yes',  'yes',  'yes', 'yes'],
  'profiles/test':          ['yes',  'yes',  'yes',  'yes', 'yes'],
  'profiles/connect':       ['yes',  'yes',  'yes',  'yes', 'yes'],
  'profiles/details':       ['yes',  'yes',  'yes',  'yes', 'yes'],
  'profiles/exportFile':    ['yes',  'yes',  'yes',  'yes', 'yes'],
  'profiles/readFile':      ['yes',  'yes',  'yes',  'yes', 'yes'],
  'profiles/open':          ['yes',  'yes',  'yes',  'yes', 'yes'],
  'profiles/forget':        ['yes',  'yes',  'yes',  'yes', 'yes'],
  // of this machine
  'welcome/state':          ['yes',  'yes',  'yes',  'yes', 'yes'],
  'welcome/putAway':        ['yes',  'yes',  'yes',  'yes', 'yes'],
  'shell/watch':            ['yes',  'yes',  'yes',  'yes', 'yes'],
  'shell/change':           ['yes',  'yes',  'yes',  'yes', 'yes'],
  'shell/update':           ['yes',  'yes',  'yes',  'yes', 'yes'],
  'shell/arrived':          ['yes',  'yes',  'yes',  'yes', 'yes'],
  'shell/noticed':          ['yes',  'yes',  'yes',  'yes', 'yes'],
  // usage, caps, board
  'session/watch':          ['yes',  'yes',  'yes',  'yes', 'yes'],
  'session/missed':         ['yes',  'yes',  'yes',  'yes', 'yes'],
  'session/missedSeen':     ['yes',  'yes',  'yes',  'yes', 'yes'],
  'session/pulse':          ['yes',  'yes',  'yes',  'yes', 'yes'],
  'board/watch':            ['yes',  'own',  'yes',  'yes', 'yes'],
  'tenants/detail':         ['yes',  'own',  'yes',  'yes', 'yes'],
  'tenants/watch':          ['yes',  'own',  'yes',  'yes', 'yes'],
  'tenants/explainRefusal': ['yes',  'own',  'yes',  'yes', 'yes'],
  'caps/overrides':         ['yes',  'own',  'yes',  'yes', 'yes'],
  'limits/caps':            ['yes',  'own',  'yes',  'yes', 'yes'],
  'limits/quotas':          ['yes',  'own',  'yes',  'yes', 'yes'],
  'limits/downgrades':      ['yes',  'own',  'yes',  'yes', 'yes'],
  'limits/models':          ['yes',  'own',  'yes',  'yes', 'yes'],
  'alerts/watch':           ['yes',  'own',  'yes',  'yes', 'yes'],
  'grants/watchOrphaned':   ['yes',  'own',  'yes',  'yes', 'yes'],
  'prices/unpriced':        ['yes',  'own',  'yes',  'yes', 'yes'],
  // contracts, margins; changing them is the admin's
  'margins/watch':          ['no',   'own',  'yes',  'yes', 'yes'],
  'margins/watchColumn':    ['no',   'own',  'yes',  'yes', 'yes'],
  'margins/outlook':        ['no',   'own',  'yes',  'yes', 'yes'],
  'margins/drivers':        ['no',   'own',  'yes',  'yes', 'yes'],
  'margins/contracts':      ['no',   'own',  'yes',  'yes', 'yes'],
  'margins/rates':          ['no',   'yes',  'yes',  'yes', 'yes'],
  'margins/setContract':    ['no',   'no',   'no',   'yes', 'no'],
  'margins/setRate':        ['no',   'no',   'no',   'yes', 'no'],
  // prices; a cheaper model is one
  'limits/setDowngrade':    ['no',   'no',   'no',   'yes', 'no'],
  'limits/setModels':       ['no',   'no',   'no',   'yes', 'no'],
  // client reports, export
  'reports/months':         ['no',   'yes',  'yes',  'yes', 'yes'],
  'reports/list':           ['no',   'own',  'yes',  'yes', 'yes'],
  'reports/preview':        ['no',   'own',  'yes',  'yes', 'yes'],
  'reports/export':         ['no',   'own',  'yes',  'yes', 'yes'],
  // of this console, not of a client
  'reports/outbox':         ['yes',  'yes',  'yes',  'yes', 'yes'],
  'reports/folders':        ['yes',  'yes',  'yes',  'yes', 'yes'],
  'reports/chooseFolder':   ['yes',  'yes',  'yes',  'yes', 'yes'],
  // ask for an increase; the requests are there for whom contracts are
  'requests/watch':         ['none', 'own',  'yes',  'yes', 'yes'],
  'requests/history':       ['no',   'own',  'yes',  'yes', 'yes'],
  'requests/ask':           ['no',   'own',  'yes',  'yes', 'no'],
  // raise a cap, approve
  'requests/decide':        ['no',   'no',   'yes',  'yes', 'no'],
  'requests/decideRaise':   ['no',   'no',   'yes',  'yes', 'no'],
  'requests/decideRaise (reject)': ['no', 'no', 'yes', 'yes', 'no'],
  'caps/change':            ['no',   'no',   'yes',  'yes', 'no'],
  'caps/addOverride':       ['no',   'no',   'yes',  'yes', 'no'],
  'limits/removeCap':       ['no',   'no',   'yes',  'yes', 'no'],
  'limits/setQuota':        ['no',   'no',   'yes',  'yes', 'no'],
  'grants/release':         ['no',   'no',   'yes',  'yes', 'no'],
  // lower, suspend; resuming is not lowering: see below
  'caps/change (lower)':    ['no',   'own',  'yes',  'yes', 'no'],
  'limits/addCap':          ['no',   'own',  'yes',  'yes', 'no'],
  'alerts/acknowledge':     ['no',   'own',  'yes',  'yes', 'no'],
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
  'audit/choices':          ['no',   'yes',  'yes',  'yes', 'yes'],
  'audit/verify':           ['no',   'own',  'yes',  'yes', 'yes'],
  'audit/export':           ['no',   'own',  'yes',  'yes', 'yes'],
  'audit/memory':           ['none', 'yes',  'yes',  'yes', 'yes'],
  'audit/accept':           ['no',   'own',  'yes',  'yes', 'yes'],
  // the isolation check; a page is of a check that this console ran
  'isolation/run':          ['no',   'no',   'no',   'yes', 'yes'],
  'isolation/export':       ['none', 'none', 'none', 'yes', 'yes'],
};

let db: TestDatabase;
let desk: GrantDesk;
/** Asks for the raises that others decide. */
let colleague: MadeOperator;
const consoles = new Map<OperatorRole, { made: TestConsole; operator: MadeOperator }>();

beforeAll(async () => {
  db = await createTestDatabase();
  desk = await makeGrantDesk(db);
  for (const model of ['gpt-4o', 'gpt-4o-mini']) await makePrice(db, { model });
  await db.owner.query(`update platform.gateways set heartbeat_at = now() - interval '1 hour'`);
  colleague = await makeOperator(db, { role: 'operator', name: 'Colleague' });
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
  makeRoleSubject(
    db,
    desk,
    { operator: consoleOf(role).operator, admin: consoleOf('admin').operator, colleague },
    assigned,
  );

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

/** Nothing listens there, so nothing is kept. */
const NOWHERE: ProfileEntered = {
  name: 'Ours',
  kind: 'production',
  colour: 'royalblue',
  database: { host: '127.0.0.1', port: 9, name: 'tenantdesk', login: 'asha', password: 'secret', tls: 'none' },
  gateway: { url: 'http://127.0.0.1:9', token: 'tdo_secret' },
};

/** A vault that the keychain opens, for one call; gone after it. */
async function withVault(client: ConsoleClient, call: () => Promise<unknown>): Promise<unknown> {
  await client.vault.setUp({ passphrase: null, keychain: true });
  try {
    return await call();
  } finally {
    await client.vault.startOver();
  }
}

/** The vault knows no such connection. */
const unknownTo = (asked: Promise<unknown>): Promise<unknown> =>
  asked.catch((error: { code?: string }) => expect(error.code).toBe('NOT_FOUND'));

/** Every call, about a subject. */
const CALLS: Readonly<Record<string, Call>> = {
  'vault/keychain': (client) => client.vault.keychain(),
  'vault/setUp': (client) => withVault(client, async () => undefined),
  'vault/setKeys': (client) =>
    withVault(client, () => client.vault.setKeys({ current: null, passphrase: { kind: 'keep' }, keychain: true })),
  'vault/setIdle': (client) => withVault(client, () => client.vault.setIdle({ minutes: 30 })),
  'vault/lock': (client) => withVault(client, () => client.vault.lock()),
  'vault/unlock': (client) => withVault(client, () => client.vault.unlock({ way: 'keychain' })),
  'vault/stay': (client) => client.vault.stay(),
  'vault/startOver': (client) => client.vault.startOver(),
  'profiles/watch': async (client) => nextState(await client.profiles.watch(), ({ locked }) => !locked),
  'profiles/test': (client) => trialOf(client.profiles.test(NOWHERE)),
  'profiles/connect': (client) => withVault(client, () => trialOf(client.profiles.connect(NOWHERE))),
  'profiles/details': (client) => withVault(client, () => unknownTo(client.profiles.details({ id: randomUUID() }))),
  'profiles/exportFile': (client) =>
    withVault(client, () => unknownTo(client.profiles.exportFile({ id: randomUUID() }))),
  'profiles/readFile': (client) =>
    client.profiles
      .readFile({ text: '{}' })
      .catch((error: { code?: string }) => expect(error.code).toBe('BAD_REQUEST')),
  'profiles/open': (client) => client.profiles.open({ id: 'local' }),
  'profiles/forget': (client) => withVault(client, () => unknownTo(client.profiles.forget({ id: randomUUID() }))),
  'session/watch': async (client) =>
    nextState(await client.session.watch(), ({ operator }) => operator !== null).then(({ operator }) => operator?.role),
  // What a role may not see of it is null.
  'session/missed': (client) =>
    withVault(client, async () => {
      await client.vault.lock();
      await client.vault.unlock({ way: 'keychain' });
      const { operator } = await nextState(await client.session.watch(), (told) => told.operator !== null);
      const missed = await client.session.missed();
      const seesInbox = operator?.role !== 'viewer';
      expect(missed).toMatchObject({ alerts: 0, requests: seesInbox ? 0 : null, decisions: seesInbox ? 0 : null });
    }),
  'session/missedSeen': (client) => client.session.missedSeen(),
  'session/pulse': async (client) => nextState(await client.session.pulse(), () => true),
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
  'limits/caps': (client, { tenantId }) => client.limits.caps({ tenantId }),
  'grants/watchOrphaned': async (client, of, theirs) => {
    const shows = (grants: readonly { grantId: string }[], { grantId }: RoleSubject): boolean =>
      grants.some((grant) => grant.grantId === grantId);
    const { grants } = await nextState(await client.grants.watchOrphaned(), (told) => shows(told.grants, theirs));
    return seen(shows(grants, of));
  },
  'prices/unpriced': async (client, of) => seen((await client.prices.unpriced()).models.some(isOf(of))),
  'margins/watch': async (client, of, theirs) => {
    const { rows } = await nextState(await client.margins.watch({ month: 'running' }), (told) =>
      told.rows.some(isOf(theirs)),
    );
    return seen(rows.some(isOf(of)));
  },
  'margins/watchColumn': async (client, of, theirs) => {
    const { margins } = await nextState(await client.margins.watchColumn(), (told) => told.margins.some(isOf(theirs)));
    return seen(margins.some(isOf(of)));
  },
  'margins/outlook': async (client, { tenantId }) =>
    seen((await client.margins.outlook({ tenantId, extraNanoUsd: USD })).outlook !== null),
  'margins/drivers': (client, { tenantId }) =>
    client.margins.drivers({ tenantId, month: new Date().toISOString().slice(0, 7) }),
  'margins/contracts': async (client, { tenantId }) =>
    seen((await client.margins.contracts({ tenantId })).contracts.length > 0),
  'margins/rates': (client) => client.margins.rates(),
  'margins/setContract': (client, { tenantId }) =>
    client.margins.setContract({
      tenantId,
      terms: {
        validFrom: '2025-01',
        validUntil: 'open',
        currency: 'USD',
        retainerMinor: 60_000n,
        overage: { kind: 'none' },
        otherDirectCostMinor: 0n,
        targetMarginBp: 6_500,
      },
      expectedVersion: 1,
      idempotencyKey: randomUUID(),
    }),
  'margins/setRate': (client) =>
    client.margins.setRate({
      currency: 'EUR',
      usdPerUnit: '1.1',
      source: 'test',
      expectedVersion: 0,
      idempotencyKey: randomUUID(),
    }),
  'welcome/state': (client) => client.welcome.state(),
  'welcome/putAway': (client) => client.welcome.putAway(),
  'shell/watch': async (client) => nextState(await client.shell.watch(), () => true),
  'shell/change': (client) =>
    client.shell.change({ notifications: true, closeToTray: false, startAtLogin: false, updates: false }),
  // A window of a browser has none.
  'shell/update': (client) =>
    client.shell.update({ step: 'check' }).catch((error: { code?: string }) => expect(error.code).toBe('BAD_REQUEST')),
  'shell/arrived': (client) => client.shell.arrived({ number: 1 }),
  'shell/noticed': (client) => client.shell.noticed(),
  'reports/months': (client) => client.reports.months(),
  'reports/list': async (client, of) =>
    seen((await client.reports.list({ month: new Date().toISOString().slice(0, 7) })).entries.some(isOf(of))),
  'reports/preview': (client, { tenantId }) =>
    client.reports.preview({ tenantId, month: new Date().toISOString().slice(0, 7) }),
  'reports/export': async (client, { tenantId }) => {
    const month = new Date().toISOString().slice(0, 7);
    const { failures } = await ended(await client.reports.export({ tenantIds: [tenantId], month, formats: ['csv'] }));
    return seen(!failures.some(({ reason }) => reason.includes('no such client')));
  },
  'reports/outbox': async (client) => nextState(await client.reports.outbox(), () => true),
  'reports/folders': (client) => client.reports.folders(),
  'reports/chooseFolder': (client) => client.reports.chooseFolder({ id: 'downloads' }),
  'requests/watch': async (client, of) => {
    // A viewer's inbox is empty however long one waits: what counts is the first look that begins after this.
    const since = new Date();
    await db.owner.query(`select platform.announce('requests', null)`);
    const { items } = await nextState(await client.requests.watch(), ({ asOf }) => asOf !== null && asOf >= since);
    return seen(items.some(isOf(of)));
  },
  'requests/history': async (client, { tenantId }) =>
    seen((await client.requests.history({ tenantId })).requests.length > 0),
  'requests/ask': (client, { tenantId, dayCapId: capId }) =>
    client.requests.ask({ tenantId, capId, amountNanoUsd: USD, reason: 'Busy week', idempotencyKey: randomUUID() }),
  'requests/decide': (client, { tenantId, increaseId: requestId, capVersion: expectedCapVersion }) =>
    client.requests.decide({
      tenantId,
      requestId,
      decision: { kind: 'approve', expectedCapVersion },
      idempotencyKey: randomUUID(),
    }),
  'requests/decideRaise': (client, { tenantId, raiseId: pendingId }) =>
    client.requests.decideRaise({ tenantId, pendingId, decision: 'confirm', idempotencyKey: randomUUID() }),
  'requests/decideRaise (reject)': (client, { tenantId, raiseId: pendingId }) =>
    client.requests.decideRaise({ tenantId, pendingId, decision: 'reject', idempotencyKey: randomUUID() }),
  'caps/change': (client, of) => client.caps.change({ ...capOf(of), change: { kind: 'set', limitNanoUsd: 30n * USD } }),
  'caps/change (lower)': (client, of) =>
    client.caps.change({ ...capOf(of), change: { kind: 'set', limitNanoUsd: 20n * USD } }),
  'caps/undo': (client, of) => client.caps.undo(capOf(of)),
  'caps/addOverride': (client, of) =>
    client.caps.addOverride({ ...capOf(of), amountNanoUsd: USD, end: { until: 'period_end' } }),
  'caps/removeOverride': (client, { tenantId, overrideId }) =>
    client.caps.removeOverride({ tenantId, overrideId, idempotencyKey: randomUUID() }),
  'limits/quotas': (client, { tenantId }) => client.limits.quotas({ tenantId }),
  'limits/downgrades': (client, { tenantId }) => client.limits.downgrades({ tenantId }),
  'limits/models': (client, { tenantId }) => client.limits.models({ tenantId }),
  'limits/setModels': (client, { tenantId }) =>
    client.limits.setModels({ tenantId, models: ['gpt-4o*'], expectedVersion: 0, idempotencyKey: randomUUID() }),
  'limits/setDowngrade': (client, { tenantId }) =>
    client.limits.setDowngrade({
      tenantId,
      model: 'gpt-4o',
      rule: { toModel: 'gpt-4o-mini', abovePercent: 80 },
      expectedVersion: 0,
      idempotencyKey: randomUUID(),
    }),
  'limits/setQuota': (client, { tenantId }) =>
    client.limits.setQuota({
      tenantId,
      quota: 'requests_per_day',
      setting: { follows: 'own', limit: 1_000n },
      expectedVersion: 0,
      idempotencyKey: randomUUID(),
    }),
  'alerts/watch': async (client, of, theirs) => {
    const { alerts } = await nextState(await client.alerts.watch(), (told) => told.alerts.some(isOf(theirs)));
    return seen(alerts.some(isOf(of)));
  },
  'alerts/acknowledge': (client, { tenantId, alertId }) =>
    client.alerts.acknowledge({ tenantId, alertId, idempotencyKey: randomUUID() }),
  'limits/addCap': (client, { tenantId, keyId }) =>
    client.limits.addCap({
      tenantId,
      of: { scope: 'key', keyId },
      period: 'day',
      limitNanoUsd: USD,
      idempotencyKey: randomUUID(),
    }),
  'limits/removeCap': (client, { tenantId, dayCapId: capId }) =>
    client.limits.removeCap({ tenantId, capId, expectedVersion: 1, idempotencyKey: randomUUID() }),
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
  'audit/choices': (client) => client.audit.choices(),
  'audit/verify': async (client, { tenantId: chain }) => ended(await client.audit.verify({ chain })),
  'audit/export': async (client, { tenantId: chain }) =>
    ended(await client.audit.export({ format: 'jsonl', filter: { chain }, idempotencyKey: randomUUID() })),
  'audit/memory': async (client, { tenantId: chain }) => {
    // Accepting compares, unless it is refused: then nothing ever is.
    await client.audit.accept({ chain }).catch(() => undefined);
    return seen((await nextState(await client.audit.memory(), () => true)).comparedAt !== null);
  },
  'audit/accept': async (client, { tenantId: chain }) => seen((await client.audit.accept({ chain })).remembered),
  'isolation/run': async (client) => ended(await client.isolation.run()),
  'isolation/export': async (client) => {
    const check = await client.isolation
      .run()
      .then(ended)
      .catch(() => undefined);
    return client.isolation.export({ checkId: check?.checkId ?? randomUUID() });
  },
};

const isOf =
  ({ tenantId }: RoleSubject) =>
  (row: { readonly tenantId: string }): boolean =>
    row.tenantId === tenantId;

/** The last word of long work, or its refusal. */
async function ended<T>(work: AsyncIterable<T>): Promise<T> {
  let last: { readonly told: T } | undefined;
  for await (const told of work) last = { told };
  if (!last) throw new Error('It ended without a word.');
  return last.told;
}

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

const ANSWER: Readonly<Record<May, string>> = { yes: 'yes', own: 'yes', no: 'FORBIDDEN', none: 'NOT_FOUND' };

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
    expect(await answerTo(role, name, used), 'of a tenant of theirs').toBe(ANSWER[may]);
    expect(made.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

/** The functions behind the calls that change something, with an argument list for a subject. */
const FUNCTIONS: Readonly<Record<string, (of: RoleSubject) => readonly [statement: string, values: unknown[]]>> = {
  'margins/setContract': (of) => ['set_contract($1, $2, 1, $3, null)', [of.tenantId, TERMS, randomUUID()]],
  'margins/setRate': () => [`set_fx_rate('GBP', current_date, 1.3, 'test', null, $1, null)`, [randomUUID()]],
  'reports/export': (of) => ['record_report_export($1, $2, null, $3)', [of.tenantId, EXPORTED, randomUUID()]],
  'requests/ask': (of) => [
    `request_increase($1, $2, 1000000000, 'Busy week', $3)`,
    [of.tenantId, of.dayCapId, randomUUID()],
  ],
  'requests/decide': (of) => [
    `decide_increase($1, $2, 'approve', null, 2, $3, null)`,
    [of.tenantId, of.increaseId, randomUUID()],
  ],
  'requests/decideRaise': (of) => ['confirm_raise($1, $2, $3, null)', [of.tenantId, of.raiseId, randomUUID()]],
  'requests/decideRaise (reject)': (of) => ['reject_raise($1, $2, $3, null)', [of.tenantId, of.raiseId, randomUUID()]],
  'caps/change': (of) => ['set_cap($1, $2, 30000000000, 2, $3, null)', [of.tenantId, of.capId, randomUUID()]],
  'caps/change (lower)': (of) => ['set_cap($1, $2, 20000000000, 2, $3, null)', [of.tenantId, of.capId, randomUUID()]],
  'limits/addCap': (of) => [
    `add_cap($1, 'key', $2, 'day', 1000000000, $3, null)`,
    [of.tenantId, of.keyId, randomUUID()],
  ],
  'alerts/acknowledge': (of) => ['acknowledge_alert($1, $2, $3)', [of.tenantId, of.alertId, randomUUID()]],
  'caps/undo': (of) => ['undo_cap_change($1, $2, 2, $3)', [of.tenantId, of.capId, randomUUID()]],
  'caps/addOverride': (of) => [
    `add_cap_override($1, $2, 1000, 'removed', null, 2, $3, null)`,
    [of.tenantId, of.capId, randomUUID()],
  ],
  'caps/removeOverride': (of) => ['remove_cap_override($1, $2, $3, null)', [of.tenantId, of.overrideId, randomUUID()]],
  'limits/setQuota': (of) => [
    `set_quota($1, 'requests_per_day', 'own', 1000, 0, $2, null)`,
    [of.tenantId, randomUUID()],
  ],
  'limits/setModels': (of) => [`set_tenant_models($1, '{gpt-4o*}', 0, $2, null)`, [of.tenantId, randomUUID()]],
  'limits/setDowngrade': (of) => [
    `set_model_downgrade($1, 'gpt-4o', 'gpt-4o-mini', 80, 0, $2, null)`,
    [of.tenantId, randomUUID()],
  ],
  'limits/removeCap': (of) => ['remove_cap($1, $2, 1, $3, null)', [of.tenantId, of.dayCapId, randomUUID()]],
  'grants/release': (of) => ['release_orphaned_grant($1, $2, $3, null)', [of.tenantId, of.grantId, randomUUID()]],
  'tenants/create': () => ['create_tenant($1, $2)', [JSON.stringify(clientInput()), randomUUID()]],
  'tenants/setStatus': (of) => [`set_tenant_status($1, 'suspended', 1, $2, null)`, [of.tenantId, randomUUID()]],
  'keys/issue': (of) => [`issue_key($1, 'bot', $2, $3, $4, null, $5)`, [of.tenantId, ...secret(), randomUUID()]],
  'keys/rotate': (of) => [
    'rotate_key($1, $2, $3, $4, $5, 60, 1, $6, null)',
    [of.tenantId, of.keyId, ...secret(), randomUUID()],
  ],
  'keys/revoke': (of) => ['revoke_key($1, $2, 1, $3, null)', [of.tenantId, of.keyId, randomUUID()]],
  'audit/export': (of) => [`record_audit_export($1, 'jsonl', '{}', $2)`, [of.tenantId, randomUUID()]],
};

const EXPORTED = JSON.stringify({
  month: '2026-10',
  source: 'platform',
  asOf: '2026-11-02T10:00:00Z',
  files: [{ format: 'csv', bytes: 1, sha256: '0'.repeat(64) }],
});

const TERMS = JSON.stringify({
  validFrom: '2025-01-01',
  currency: 'USD',
  retainerMinor: 60_000,
  otherDirectCostMinor: 0,
  targetMarginBp: 6_500,
});

/** They change nothing in the database, and are refused to a viewer all the same. */
const REFUSED_READS = new Set([
  'margins/watch',
  'margins/watchColumn',
  'margins/outlook',
  'margins/drivers',
  'margins/contracts',
  'margins/rates',
  'reports/months',
  'reports/list',
  'reports/preview',
  'requests/history',
  'keys/list',
  'audit/list',
  'audit/choices',
  'audit/verify',
  'audit/accept',
  'isolation/run',
]);

/** Resuming is the function of suspending. */
const isChange = (name: string): boolean => name in FUNCTIONS || name === 'tenants/setStatus (resume)';

function secret(): string[] {
  const { digest, prefix, last4 } = partsOf(newSecret());
  return [digest, prefix, last4];
}

describe('past the console, through the operator’s own login', () => {
  it('every call that changes something is tried', () => {
    const changes = Object.keys(MAY).filter((name) => MAY[name]![0] === 'no' && !REFUSED_READS.has(name));
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

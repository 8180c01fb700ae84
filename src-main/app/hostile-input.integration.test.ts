/** Every call of the contract, with input a broken or hostile window could send: a clear refusal, no side effect, no defect. */
import { randomUUID } from 'node:crypto';
import { isContractProcedure } from '@orpc/contract';
import { RPCHandler } from '@orpc/server/fetch';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeCap, makeOperator, makeTenant } from '../../src-platform/testing/factories.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import { contract } from '../contract/contract.ts';
import { makeAuthority } from '../testing/test-certificates.ts';
import { openTestConsole, type TestConsole } from '../testing/test-console.ts';

let db: TestDatabase;
let made: TestConsole;
let handler: RPCHandler<object>;
let valid: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
let before: string;

beforeAll(async () => {
  db = await createTestDatabase();
  const tenant = await makeTenant(db);
  const capId = await makeCap(db, tenant.id, { limitNanoUsd: 25_000_000_000n });
  const admin = await makeOperator(db, { role: 'admin' });
  made = await openTestConsole({ ...admin, gatewayUrl: 'http://127.0.0.1:9' });
  // The key of an export that was made: what is let through as an export does nothing.
  const takenKey = randomUUID();
  await db.connect(admin.url).query(`select platform.record_audit_export(null, 'jsonl', '{}', $1)`, [takenKey]);
  handler = new RPCHandler(made.console.router);
  // There is one, open: what is accepted as a set-up or as an unlocking does nothing.
  await made.client.vault.setUp({ passphrase: null, keychain: true });
  const authority = makeAuthority('Our own CA');
  const card = authority.issue({ subject: 'asha' });
  // Nothing listens there, so nothing is kept.
  const target = {
    name: 'Ours',
    kind: 'production',
    colour: 'royalblue',
    database: {
      host: '127.0.0.1',
      port: 9,
      direct: { host: '127.0.0.1', port: 9 },
      name: 'tenantdesk',
      login: 'asha',
      password: 'secret',
      tls: 'none',
      ca: authority.certificate,
      serverName: 'db.example.com',
      ...card,
    },
    gateway: { url: 'http://127.0.0.1:9', tls: 'verify', token: 'tdo_secret', ca: authority.certificate, ...card },
  };
  valid = {
    'vault/setUp': { passphrase: 'correct horse', keychain: false },
    'vault/unlock': { way: 'passphrase', passphrase: 'correct horse' },
    'shell/change': { notifications: true, closeToTray: false, startAtLogin: false, updates: false },
    'shell/update': { step: 'check' },
    'shell/arrived': { number: 1 },
    // Would leave the vault without a key: refused, whatever else it says.
    'vault/setKeys': { current: null, passphrase: { kind: 'keep' }, keychain: false },
    'vault/setIdle': { minutes: 30 },
    'profiles/test': target,
    'profiles/connect': target,
    'profiles/details': { id: randomUUID() },
    'profiles/exportFile': { id: randomUUID() },
    'profiles/readFile': { text: '{}' },
    'profiles/open': { id: randomUUID() },
    'profiles/forget': { id: randomUUID() },
    'caps/change': {
      tenantId: tenant.id,
      capId,
      expectedVersion: 1,
      idempotencyKey: randomUUID(),
      change: { kind: 'set', limitNanoUsd: 30_000_000_000n },
      reason: 'Asked by phone',
    },
    'caps/undo': { tenantId: tenant.id, capId, expectedVersion: 1, idempotencyKey: randomUUID() },
    'caps/addOverride': {
      tenantId: tenant.id,
      capId,
      expectedVersion: 1,
      idempotencyKey: randomUUID(),
      amountNanoUsd: 5_000_000_000n,
      end: { until: 'date', localDateTime: new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 16) },
      reason: 'Asked by phone',
    },
    'caps/removeOverride': {
      tenantId: tenant.id,
      overrideId: randomUUID(),
      idempotencyKey: randomUUID(),
      reason: 'Asked by phone',
    },
    'caps/overrides': { tenantId: tenant.id, capId },
    'limits/caps': { tenantId: tenant.id },
    'limits/addCap': {
      tenantId: tenant.id,
      // There is none: what is accepted changes nothing.
      of: { scope: 'key', keyId: randomUUID() },
      period: 'month',
      limitNanoUsd: 5_000_000_000n,
      idempotencyKey: randomUUID(),
      reason: 'Asked by phone',
    },
    'limits/quotas': { tenantId: tenant.id },
    'limits/setQuota': {
      tenantId: tenant.id,
      quota: 'requests_per_day',
      setting: { follows: 'own', limit: 1_000n },
      // Nobody ever changed it: what is accepted changes nothing.
      expectedVersion: 5,
      idempotencyKey: randomUUID(),
      reason: 'Asked by phone',
    },
    'limits/downgrades': { tenantId: tenant.id },
    'limits/models': { tenantId: tenant.id },
    'limits/setModels': {
      tenantId: tenant.id,
      models: ['gpt-4o*'],
      // It never had a list: what is accepted changes nothing.
      expectedVersion: 5,
      idempotencyKey: randomUUID(),
      reason: 'Asked by phone',
    },
    'limits/setDowngrade': {
      tenantId: tenant.id,
      model: 'gpt-4o',
      rule: { toModel: 'gpt-4o-mini', abovePercent: 80 },
      // Nobody ever made it: what is accepted changes nothing.
      expectedVersion: 5,
      idempotencyKey: randomUUID(),
      reason: 'Asked by phone',
    },
    'alerts/acknowledge': { tenantId: tenant.id, alertId: randomUUID(), idempotencyKey: randomUUID() },
    'limits/removeCap': {
      tenantId: tenant.id,
      capId: randomUUID(),
      expectedVersion: 1,
      idempotencyKey: randomUUID(),
      reason: 'Asked by phone',
    },
    // Of a cap that is not there: what is accepted asks for nothing.
    'requests/ask': {
      tenantId: tenant.id,
      capId: randomUUID(),
      amountNanoUsd: 5_000_000_000n,
      reason: 'Asked by phone',
      idempotencyKey: randomUUID(),
    },
    'requests/decide': {
      tenantId: tenant.id,
      requestId: randomUUID(),
      idempotencyKey: randomUUID(),
      decision: { kind: 'approve', amountNanoUsd: 5_000_000_000n, expectedCapVersion: 1, reason: 'Asked by phone' },
    },
    'requests/decideRaise': {
      tenantId: tenant.id,
      pendingId: randomUUID(),
      idempotencyKey: randomUUID(),
      decision: 'confirm',
      reason: 'Asked by phone',
    },
    'requests/history': { tenantId: tenant.id },
    'tenants/detail': { tenantId: tenant.id },
    'tenants/watch': { tenantId: tenant.id },
    'tenants/explainRefusal': { tenantId: tenant.id, requestId: 'req-1' },
    // Names may be nearly anything: these are of clients that are not there, and of a slug that is taken.
    'tenants/create': {
      name: 'New client',
      slug: tenant.slug,
      currency: 'INR',
      timeZone: 'Asia/Kolkata',
      plan: 'pro',
      capNanoUsd: 25_000_000_000n,
      thresholds: [50, 100],
      keyName: 'website bot',
      idempotencyKey: randomUUID(),
    },
    'tenants/setStatus': {
      tenantId: tenant.id,
      status: 'suspended',
      expectedVersion: 1,
      idempotencyKey: randomUUID(),
      reason: 'Unpaid',
    },
    'keys/list': { tenantId: tenant.id },
    'keys/issue': {
      tenantId: randomUUID(),
      name: 'website bot',
      workflowId: randomUUID(),
      idempotencyKey: randomUUID(),
    },
    'keys/rotate': {
      tenantId: tenant.id,
      keyId: randomUUID(),
      overlapSeconds: 60,
      expectedVersion: 1,
      idempotencyKey: randomUUID(),
    },
    'keys/revoke': {
      tenantId: tenant.id,
      keyId: randomUUID(),
      expectedVersion: 1,
      idempotencyKey: randomUUID(),
      reason: 'Leaked',
    },
    'grants/release': { tenantId: tenant.id, grantId: randomUUID(), idempotencyKey: randomUUID() },
    'margins/watch': { month: '2026-11' },
    'margins/outlook': { tenantId: tenant.id, extraNanoUsd: 5_000_000_000n },
    'margins/drivers': { tenantId: tenant.id, month: '2026-11' },
    'margins/contracts': { tenantId: tenant.id },
    'margins/setContract': {
      tenantId: tenant.id,
      terms: {
        validFrom: '2026-01',
        validUntil: '2026-12',
        currency: 'USD',
        retainerMinor: 50_000n,
        overage: { kind: 'above', includedAiNanoUsd: 300_000_000_000n, markupBp: 2_500 },
        otherDirectCostMinor: 1n,
        targetMarginBp: 6_500,
      },
      // There is none: what is accepted changes nothing.
      expectedVersion: 5,
      idempotencyKey: randomUUID(),
      reason: 'Asked by phone',
    },
    'margins/setRate': {
      currency: 'INR',
      usdPerUnit: '0.0118',
      source: 'Reserve Bank',
      expectedVersion: 5,
      idempotencyKey: randomUUID(),
    },
    'reports/list': { month: '2026-11' },
    'reports/preview': { tenantId: tenant.id, month: '2026-10' },
    // Of a month without usage: what is let through writes nothing.
    'reports/export': { tenantIds: [tenant.id], month: '2025-10', formats: ['csv'] },
    'reports/chooseFolder': { id: 'downloads' },
    'audit/list': { chain: tenant.id, before: { atMicros: 5n, id: 5n }, limit: 10 },
    'audit/verify': { chain: tenant.id },
    'audit/export': { format: 'csv', filter: { chain: tenant.id }, idempotencyKey: takenKey },
    'audit/accept': { chain: tenant.id },
    'isolation/export': { checkId: randomUUID() },
  };
});

beforeEach(async () => {
  made.log.lines.length = 0;
  before = await everything();
});

afterAll(async () => {
  await made.console.close();
  await db.close();
});

/** A fingerprint of what a call could change. */
async function everything(): Promise<string> {
  const { rows } = await db.owner.query<{ print: string }>(
    `select md5(string_agg(t::text, '|' order by t::text)) as print from (
       select c::text from platform.caps c union all select a::text from platform.audit_log a
       union all select i::text from platform.idempotency_keys i union all select h::text from platform.cap_changes h
       union all select v::text from platform.cap_overrides v union all select g::text from platform.grants g
       union all select k::text from platform.contracts k union all select f::text from platform.fx_rates f
       union all select r::text from platform.increase_requests r union all select p::text from platform.pending_raises p
       union all select k::text from platform.api_keys k union all select s::text from platform.api_key_secrets s
       union all select t::text from platform.tenants t union all select o::text from platform.operators o) x(t)`,
  );
  return rows[0]!.print;
}

/** The body as the window's link writes it: bigints as text with their place in `meta`. */
function encode(
  value: unknown,
  path: (string | number)[] = [],
  meta: unknown[] = [],
): { json: unknown; meta: unknown[] } {
  if (typeof value === 'bigint') {
    meta.push([0, ...path]);
    return { json: value.toString(), meta };
  }
  if (Array.isArray(value)) {
    return { json: value.map((item, index) => encode(item, [...path, index], meta).json), meta };
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => [key, encode(item, [...path, key], meta).json]);
    return { json: Object.fromEntries(entries), meta };
  }
  return { json: value, meta };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function send(path: string, body: string): Promise<Answer> {
  const request = new Request(`http://console.test/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const { matched, response } = await handler.handle(request, { context: {} });
  if (!matched) return { status: 404, body: '' };
  return { status: response.status, body: await response.text() };
}

async function expectHarmless(): Promise<void> {
  expect(await everything()).toBe(before);
  expect(made.log.lines.filter((line) => line.level === 'error')).toEqual([]);
}

/** Calls that change something, each once a key. */
const CHANGES = [
  'caps/change',
  'caps/undo',
  'caps/addOverride',
  'caps/removeOverride',
  'tenants/create',
  'tenants/setStatus',
  'keys/issue',
  'keys/rotate',
  'keys/revoke',
  'grants/release',
  'margins/setContract',
  'margins/setRate',
  'requests/ask',
  'requests/decide',
  'requests/decideRaise',
];
const MARGINS = ['margins/watch', 'margins/outlook', 'margins/drivers', 'margins/contracts'];
const READS = [
  'shell/change',
  'shell/update',
  'shell/arrived',
  'vault/setUp',
  'vault/unlock',
  'vault/setKeys',
  'vault/setIdle',
  'profiles/test',
  'profiles/connect',
  'profiles/details',
  'profiles/exportFile',
  'profiles/readFile',
  'profiles/open',
  'profiles/forget',
  ...MARGINS,
  'reports/list',
  'reports/preview',
  'reports/export',
  'reports/chooseFolder',
  'requests/history',
  'caps/overrides',
  'tenants/detail',
  'tenants/watch',
  'tenants/explainRefusal',
  'keys/list',
  'audit/list',
  'audit/verify',
  'audit/export',
  'audit/accept',
  'isolation/export',
];
const CALLS = [...CHANGES, ...READS];
/** All of their input may be left away. */
const FREE = new Set(['audit/list', 'audit/verify', 'requests/history']);
/** Text that a person may have meant. */
const OWN_WORDS = new Set(['passphrase', 'password', 'login', 'token']);
/** What may be left empty on the way to a platform; text in them is read as a certificate or a name. */
const CARD = new Set(['direct', 'ca', 'serverName', 'certificate', 'key']);
const TEXTS = new Set(['reason', 'name', 'slug', 'keyName']);

function mayBeMissing(path: string, place: string): boolean {
  if (path === 'requests/ask') return false;
  if (/^profiles\/(test|connect)$/.test(path)) {
    return /^(database|gateway)\.(direct|tls|ca|serverName|certificate|key)$/.test(place);
  }
  return /^(reason|filter\..+|decision\.(reason|amountNanoUsd))$/.test(place);
}

/** What no field of the contract may be; each is tried in each place. */
const HOSTILE: readonly unknown[] = [
  null,
  true,
  '',
  'NaN',
  '1e400',
  "'; drop table platform.caps; --",
  '<img src=x onerror=alert(1)>',
  '../../../etc/passwd',
  '\u0000',
  '\ud800',
  'a'.repeat(70_000),
  -1,
  0.5,
  2 ** 31,
  2 ** 53,
  1e308,
  -1n,
  9_000_000_000_000_001n,
  2n ** 63n,
  10n ** 40n,
  [],
  {},
  [[[]]],
  { __proto__: null, constructor: { prototype: { admin: true } } },
  { $ne: null },
];

const anyHostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.bigInt({ max: -1n }),
  fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 })),
);

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** Places of the input, as paths into it. */
function places(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => places(item, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  return { ...(value as object), [key]: replaced((value as Record<string, unknown>)[key], rest, by) };
}

function without(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return undefined;
  const entries = Object.entries(value as object);
  if (rest.length > 0) return Object.fromEntries(entries.map(([k, v]) => [k, k === key ? without(v, rest) : v]));
  return Object.fromEntries(entries.filter(([k]) => k !== key));
}

describe('calls with input', () => {
  it('all stand in this test', () => {
    const withInput = Object.entries(contract).flatMap(([group, calls]) =>
      Object.entries(calls)
        .filter(([, call]: [string, unknown]) => isContractProcedure(call) && call['~orpc'].inputSchema !== undefined)
        .map(([name]) => `${group}/${name}`),
    );
    expect(withInput.sort()).toEqual(Object.keys(valid).sort());
  });

  /**
   * A change whose only fault is the hostile value. Its reason, a request id, the source of a rate, and the filters of the audit log, may be nearly any
   * value: what is accepted there must merely do no harm, so the change is one of an old version.
   */
  async function refuses(path: string, place: readonly string[], value: unknown): Promise<void> {
    const free =
      TEXTS.has(place.at(-1) ?? '') ||
      (place[0] === 'workflowId' && value === null) ||
      (place.join('.') === 'thresholds' && Array.isArray(value) && value.length === 0) ||
      (path === 'tenants/explainRefusal' && place[0] === 'requestId' && typeof value === 'string') ||
      (/^(vault|profiles)\//.test(path) && OWN_WORDS.has(place.at(-1) ?? '') && !isObject(value)) ||
      (path.startsWith('profiles/') && CARD.has(place.at(-1) ?? '') && !isObject(value)) ||
      (path === 'shell/change' && place[0] === 'notifications' && typeof value === 'boolean') ||
      (/^vault\/set(Up|Keys)$/.test(path) && place[0] === 'keychain' && typeof value === 'boolean') ||
      (place[0] === 'source' && typeof value === 'string') ||
      (place[0] === 'usdPerUnit' && typeof value === 'string' && /^\d/.test(value)) ||
      (path === 'audit/list' && place.length > 0) ||
      (path === 'audit/export' && place[0] === 'filter' && isObject(value)) ||
      (FREE.has(path) && isObject(value));
    const once = CHANGES.includes(path) ? { idempotencyKey: randomUUID() } : {};
    const input: Record<string, unknown> = { ...valid[path], ...once };
    if (place[0] === 'reason' && 'expectedVersion' in input) input['expectedVersion'] = 9;
    if (place[0] === 'slug') input['plan'] = 'gold';
    const answer = await send(path, JSON.stringify(encode(replaced(input, place, value))));
    expect(answer.body).not.toContain('INTERNAL');
    if (!free) expect(answer.status).toBe(400);
  }

  it.each(CALLS)('%s refuses a hostile value in each place', async (path) => {
    for (const place of places(valid[path])) for (const value of HOSTILE) await refuses(path, place, value);
    const anyPlace = fc.constantFrom(...places(valid[path]));
    await fc.assert(
      fc.asyncProperty(anyPlace, anyHostile, (place, value) => refuses(path, place, value)),
      { numRuns: 100 },
    );
    await expectHarmless();
  });

  it.each(CALLS.filter((call) => !FREE.has(call)))('%s refuses input with a part missing', async (path) => {
    const input = valid[path];
    for (const place of places(input)) {
      if (mayBeMissing(path, place.join('.'))) continue;
      const answer = await send(path, JSON.stringify(encode(without(input, place))));
      expect(answer, place.join('.')).toMatchObject({ status: 400, body: expect.stringContaining('BAD_REQUEST') });
    }
    await expectHarmless();
  });

  it.each(CALLS)('%s survives a body that is no message at all', async (path) => {
    const text = JSON.stringify(encode(valid[path]));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.nat({ max: text.length - 1 }).map((at) => text.slice(0, at)),
          fc.constantFrom(
            '{"json":{},"meta":[[0,"__proto__"]]}',
            '{"json":{},"meta":[[99,"x"]]}',
            '{"meta":[[0,"a","b"]]}',
            '[]',
          ),
        ),
        async (body) => {
          const answer = await send(path, body);
          expect(answer.body).not.toMatch(/INTERNAL|at .*\.ts|node_modules/);
          if (!FREE.has(path)) expect(answer.status).toBe(400);
        },
      ),
      { numRuns: 100 },
    );
    await expectHarmless();
  });

  it.each([
    'caps/set',
    'caps',
    'toString',
    '__proto__/change',
    'constructor',
    'caps/change/..',
    'caps/__proto__/change',
    'database/rows',
  ])('there is no call %s', async (path) => {
    expect((await send(path, '{"json":{}}')).status).toBe(404);
    await expectHarmless();
  });

  it('fields the contract does not know are not passed on', async () => {
    const answer = await send(
      'tenants/detail',
      JSON.stringify(encode({ ...valid['tenants/detail'], sql: 'select 1' })),
    );
    expect(answer.status).toBe(200);
    expect(Object.keys((JSON.parse(answer.body) as { json: object }).json).sort()).toEqual(
      [
        'anchorDay',
        'asOf',
        'conversations',
        'integrationCalls',
        'messages',
        'month',
        'status',
        'tenantId',
        'version',
        'workflows',
      ].sort(),
    );
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { refusalOf } from '../testing/cap-desk.ts';
import { clientInput, createClientDesk, newSecret, partsOf, type ClientDesk } from '../testing/client-desk.ts';
import { makeOperator, makeTenant, type MadeOperator } from '../testing/factories.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let db: TestDatabase;
let desk: ClientDesk;
let admin: MadeOperator;
let operator: MadeOperator;

beforeAll(async () => {
  db = await createTestDatabase();
  desk = createClientDesk(db);
  admin = await makeOperator(db, { role: 'admin' });
  operator = await makeOperator(db, { role: 'operator' });
});
afterAll(() => db.close());

/** Everything that a new client or another status would leave behind. */
async function traces(): Promise<unknown> {
  const { rows } = await db.owner.query(
    `select (select count(*) from platform.tenants) as tenants, (select count(*) from platform.workflows) as workflows,
       (select count(*) from platform.api_keys) as keys, (select count(*) from platform.api_key_secrets) as secrets,
       (select count(*) from platform.caps) as caps, (select count(*) from platform.audit_log) as audit,
       (select count(*) from platform.idempotency_keys) as answers,
       (select string_agg(status || version, ' ' order by id) from platform.tenants) as statuses`,
  );
  return rows[0];
}

describe('a new client', () => {
  test('has a workflow, a cap with its thresholds and a key, is audited and announced, and none of it tells the secret', async () => {
    const secret = newSecret();
    const input = clientInput({
      name: '  Café Zürich  ',
      thresholds: [95, 50, 95],
      key: { name: 'website bot', ...partsOf(secret) },
    });
    const version = async (): Promise<number> => {
      const statement = `select version::int as now from platform.versions where topic = 'tenants'`;
      return (await db.owner.query<{ now: number }>(statement)).rows[0]!.now;
    };
    const before = await version();
    const made = await desk.create(admin, input);
    expect(await version()).toBe(before + 1);
    const { rows } = await db.owner.query(
      `select t.name, t.status, t.version, t.plan_id, t.currency, t.time_zone, w.slug as workflow, c.id as cap, c.limit_nanousd::text, c.thresholds,
         c.scope, c.period, k.name as key, k.prefix, k.last4, k.created_by, k.default_workflow_id = w.id as booked,
         encode(s.digest, 'hex') as digest, s.valid_until
       from platform.tenants t join platform.workflows w on w.tenant_id = t.id join platform.caps c on c.tenant_id = t.id
       join platform.api_keys k on k.tenant_id = t.id join platform.api_key_secrets s on s.tenant_id = t.id and s.key_id = k.id
       where t.id = $1`,
      [made.tenantId],
    );
    expect(rows).toEqual([
      {
        name: 'Café Zürich',
        status: 'active',
        version: 1,
        plan_id: 'pro',
        currency: 'INR',
        time_zone: 'Asia/Kolkata',
        workflow: 'default',
        cap: made.capId,
        limit_nanousd: '25000000000',
        thresholds: [50, 95],
        scope: 'tenant',
        period: 'month',
        key: 'website bot',
        created_by: admin.id,
        booked: true,
        valid_until: null,
        ...partsOf(secret),
      },
    ]);
    const audit = await db.owner.query<{ after: string }>(
      'select action, login, after::text from platform.audit_log where tenant_id = $1',
      [made.tenantId],
    );
    expect(audit.rows).toMatchObject([{ action: 'tenant.create', login: admin.login }]);
    expect(audit.rows[0]!.after).not.toContain(partsOf(secret).digest);
    expect(audit.rows[0]!.after).not.toContain(secret.slice(8, -5));
  });

  test('asked for twice, also at once, is one client; with other contents under the same key an error', async () => {
    const input = clientInput();
    const key = randomUUID();
    const [first, second] = await Promise.all([desk.create(admin, input, key), desk.create(admin, input, key)]);
    expect(second).toEqual(first);
    const before = await traces();
    expect(await refusalOf(desk.create(admin, { ...input, name: 'Another' }, key))).toMatchObject({ code: 'TD422' });
    expect(await traces()).toEqual(before);
  });

  test('whose name is taken by another at the same moment is refused: one of the two is made', async () => {
    const [a, b] = [clientInput({ name: 'Twin Towers' }), clientInput({ name: 'twin  TOWERS' })];
    const answers = await Promise.allSettled([desk.create(admin, a), desk.create(admin, b)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test('may have a name in any script, and markup in it stays text', async () => {
    for (const name of ['مطعم الشرق', 'क्लिनिक बी', '<b>Bold & Co</b>', 'x'.repeat(200)]) {
      const { tenantId } = await desk.create(admin, clientInput({ name }));
      const { rows } = await db.owner.query('select name from platform.tenants where id = $1', [tenantId]);
      expect(rows).toEqual([{ name }]);
    }
  });

  describe('is refused with a sentence and leaves nothing behind:', () => {
    let before: unknown;
    beforeAll(async () => {
      await desk.create(admin, clientInput({ name: 'Salon A', slug: 'salon-a' }));
    });
    beforeEach(async () => {
      before = await traces();
    });

    test.each<[string, Record<string, unknown>, string, RegExp]>([
      ['a taken name', { name: 'SALON  A' }, 'TD409', /named Salon A already \(salon-a\)/],
      ['a taken name in wide letters', { name: 'Ｓａｌｏｎ Ａ' }, 'TD409', /named Salon A already/],
      ['a taken slug', { slug: 'salon-a' }, 'TD409', /slug salon-a already: Salon A/],
      ['no name', { name: null }, 'TD400', /name is missing/],
      ['a name of blanks', { name: ' \u200b\u2003 ' }, 'TD400', /name is missing/],
      ['300 characters', { name: 'x'.repeat(300) }, 'TD400', /at most 200 characters; this one has 300/],
      ['a line break', { name: 'a\nb' }, 'TD400', /can't be seen/],
      ['an escape character', { name: 'a\u001b[31mb' }, 'TD400', /can't be seen/],
      ['a turned direction', { name: 'abc\u202Egnp.exe' }, 'TD400', /can't be seen/],
      ['an isolated direction', { name: '\u2066abc' }, 'TD400', /can't be seen/],
      ['a slug with capitals', { slug: 'Salon' }, 'TD400', /small letters/],
      ['a slug of 64', { slug: 'x'.repeat(64) }, 'TD400', /1 to 63/],
      ['a currency that is none', { currency: 'rupees' }, 'TD400', /three-letter code/],
      ['an unknown zone', { timeZone: 'Asia/Atlantis' }, 'TD400', /no time zone "Asia\/Atlantis"/],
      ['a zone that is a rule', { timeZone: 'Foo/Bar+3' }, 'TD400', /no time zone/],
      ['a zone in small letters', { timeZone: 'asia/kolkata' }, 'TD400', /no time zone/],
      ['an abbreviation', { timeZone: 'IST' }, 'TD400', /no time zone/],
      ['an unknown plan', { plan: 'gold' }, 'TD400', /no plan "gold"/],
      ['no cap', { capNanoUsd: null }, 'TD400', /has a monthly cap/],
      ['a negative cap', { capNanoUsd: -1 }, 'TD400', /0 to 9,000,000 USD/],
      ['too large a cap', { capNanoUsd: 9_000_000_000_000_001 }, 'TD400', /0 to 9,000,000 USD/],
      ['a cap between two nano-USD', { capNanoUsd: 0.5 }, 'TD400', /0 to 9,000,000 USD/],
      ['a threshold of 0', { thresholds: [0] }, 'TD400', /whole percentages/],
      ['a threshold of 101', { thresholds: [101] }, 'TD400', /whole percentages/],
      ['eleven thresholds', { thresholds: Array.from({ length: 11 }, (_, at) => at + 1) }, 'TD400', /at most ten/],
      ['a key without a name', { key: partsOf(newSecret()) }, 'TD400', /key's name is missing/],
      ['a key without a digest', { key: { name: 'k' } }, 'TD400', /SHA-256/],
      [
        'more of the secret than may be shown',
        { key: { name: 'k', ...partsOf(newSecret()), prefix: 'td_abcdefgh' } },
        'TD400',
        /first four/,
      ],
    ])('%s', async (_what, change, code, sentence) => {
      const refused = await refusalOf(desk.create(admin, clientInput(change)));
      expect(refused).toMatchObject({ code, message: expect.stringMatching(sentence) });
      expect(await traces()).toEqual(before);
    });

    test('a secret that somebody has', async () => {
      const key = { name: 'website bot', ...partsOf(newSecret()) };
      await desk.create(admin, clientInput({ key }));
      before = await traces();
      expect(await refusalOf(desk.create(admin, clientInput({ key })))).toMatchObject({ code: 'TD409' });
      expect(await traces()).toEqual(before);
    });

    test.each(['operator', 'account_manager', 'viewer', 'auditor'] as const)('another role: %s', async (role) => {
      const other = await makeOperator(db, { role });
      expect(await refusalOf(desk.create(other))).toMatchObject({ code: '42501' });
      expect(await traces()).toEqual(before);
    });
  });
});

describe('a client’s status', () => {
  test('is suspended and resumed, each a version, audited, once a key', async () => {
    const { id } = await makeTenant(db);
    const key = randomUUID();
    const suspend = { tenantId: id, status: 'suspended', key };
    const first = await desk.setStatus(operator, suspend);
    expect(first).toMatchObject({ status: 'suspended', version: 2 });
    expect(await desk.setStatus(operator, suspend)).toEqual(first);
    expect(await desk.setStatus(operator, { tenantId: id, status: 'active', version: 2 })).toMatchObject({
      status: 'active',
      version: 3,
    });
    const { rows } = await db.owner.query(
      'select action, before, after from platform.audit_log where tenant_id = $1 order by seq',
      [id],
    );
    expect(rows).toEqual([
      {
        action: 'tenant.suspend',
        before: { status: 'active', version: 1 },
        after: { status: 'suspended', version: 2 },
      },
      { action: 'tenant.resume', before: { status: 'suspended', version: 2 }, after: { status: 'active', version: 3 } },
    ]);
  });

  test('an account manager suspends their own clients, and resumes none', async () => {
    const { id } = await makeTenant(db);
    const { id: other } = await makeTenant(db);
    const manager = await makeOperator(db, { role: 'account_manager', tenantIds: [id] });
    expect(await refusalOf(desk.setStatus(manager, { tenantId: other, status: 'suspended' }))).toMatchObject({
      code: 'TD404',
    });
    await desk.setStatus(manager, { tenantId: id, status: 'suspended' });
    expect(await refusalOf(desk.setStatus(manager, { tenantId: id, status: 'active', version: 2 }))).toMatchObject({
      code: 'TD403',
      message: expect.stringContaining('Ask an operator to resume'),
    });
  });

  test('that somebody else changed meanwhile is a conflict with what is there now', async () => {
    const { id } = await makeTenant(db, { name: 'Clinic B' });
    await desk.setStatus(operator, { tenantId: id, status: 'suspended' });
    const refused = await refusalOf(desk.setStatus(admin, { tenantId: id, status: 'suspended' }));
    expect(refused).toMatchObject({ code: 'TD409', message: expect.stringContaining('it is suspended now') });
    expect(JSON.parse(refused.detail ?? '')).toEqual({ currentStatus: 'suspended', currentVersion: 2 });
  });

  test.each([
    ['the same again', 'active', 'active', /is active already/],
    ['archived by this door', 'active', 'archived', /suspended or resumed/],
    ['of an archived client', 'archived', 'active', /is archived/],
  ] as const)('is not changed: %s', async (_what, status, wanted, sentence) => {
    const { id } = await makeTenant(db, { status });
    expect(await refusalOf(desk.setStatus(admin, { tenantId: id, status: wanted }))).toMatchObject({
      code: 'TD400',
      message: expect.stringMatching(sentence),
    });
  });
});

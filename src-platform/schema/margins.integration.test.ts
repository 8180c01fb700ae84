/** Margins against the ledger and the contract: the expected figures are reckoned here, from the ledger's rows, with bigints and big.js alone. */
import { Big } from 'big.js';
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCap, makeOperator, makeTenant, makeWorkflow, type OperatorRole } from '../testing/factories.ts';
import { makeGrantDesk, type GrantDesk } from '../testing/grant-desk.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let db: TestDatabase;
let desk: GrantDesk;
let admin: Pool;

/** USD for one unit; the rate of the last month's end and today's. */
const RATES: Record<string, [before: string, now: string]> = {
  INR: ['0.011783', '0.0118291'],
  NPR: ['0.007411', '0.0073999'],
  EUR: ['1.1502', '1.163'],
  JPY: ['0.00671', '0.00668'],
};
const NOW = new Date();
/** The functions are asked at noon of the 20th of the month before: it is the same month in every zone, whatever day the tests run on. */
const AT = new Date(Date.UTC(NOW.getUTCFullYear(), NOW.getUTCMonth() - 1, 20, 12));
const thisMonth = monthStart(0);
const lastMonth = monthStart(-1);

beforeAll(async () => {
  db = await createTestDatabase();
  desk = await makeGrantDesk(db);
  admin = db.connect((await makeOperator(db, { role: 'admin' })).url);
  for (const [currency, [before, now]] of Object.entries(RATES)) {
    await setRate(currency, AT, now);
    await setRate(currency, dayBefore(thisMonth), before);
  }
});
afterAll(() => db.close());

function monthStart(by: number): Date {
  return new Date(Date.UTC(AT.getUTCFullYear(), AT.getUTCMonth() + by, 1));
}

function dayBefore(at: Date): Date {
  return new Date(at.getTime() - 86_400_000);
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

async function setRate(currency: string, day: Date, rate: string, version: number | null = null): Promise<void> {
  await admin.query(`select platform.set_fx_rate($1, $2, $3, 'test', $4, $5, null)`, [
    currency,
    dayOf(day),
    rate,
    version,
    randomUUID(),
  ]);
}

interface Terms {
  validFrom: string;
  validUntil?: string | null;
  currency: string;
  retainerMinor: number;
  otherDirectCostMinor: number;
  targetMarginBp: number;
  includedAiNanoUsd?: number;
  overageMarkupBp?: number;
}

function terms(over: Partial<Terms> = {}): Terms {
  return {
    validFrom: dayOf(monthStart(-6)),
    currency: 'INR',
    retainerMinor: 2_500_000,
    otherDirectCostMinor: 175_033,
    targetMarginBp: 6_500,
    ...over,
  };
}

async function setContract(
  tenantId: string,
  contract: object,
  { version = null, key = randomUUID(), pool = admin }: { version?: number | null; key?: string; pool?: Pool } = {},
): Promise<{ version: number; contractId: string }> {
  const { rows } = await pool.query<{ answer: { version: number; contractId: string } }>(
    'select platform.set_contract($1, $2, $3, $4, null) as answer',
    [tenantId, contract, version, key],
  );
  return rows[0]!.answer;
}

async function one<Row extends object>(text: string, values: unknown[], pool = admin): Promise<Row> {
  const { rows } = await pool.query<Row>(text, values);
  expect(rows).toHaveLength(1);
  return rows[0]!;
}

interface Figures {
  revenue_minor: bigint;
  ai_cost_minor: bigint;
  other_cost_minor: bigint;
  margin_bp: bigint;
}

/** The same from the ledger's own rows, by the calendar of the zone as Intl knows it. */
async function expected(
  tenantId: string,
  zone: string,
  month: string,
  contract: Terms,
  rate: string,
  part: { days: number; of: number } = { days: 1, of: 1 },
): Promise<Figures> {
  const { rows } = await db.owner.query<{ occurred_at: Date; cost_nanousd: bigint }>(
    'select occurred_at, cost_nanousd from platform.usage_records where tenant_id = $1',
    [tenantId],
  );
  const calendar = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit' });
  const cost = rows
    .filter(({ occurred_at }) => calendar.format(occurred_at) === month)
    .reduce((sum, { cost_nanousd }) => sum + cost_nanousd, 0n);
  const digits = { JPY: 0 }[contract.currency] ?? 2;
  const minor = (nanoUsd: Big): Big => nanoUsd.times(Big(10).pow(digits)).div(1_000_000_000).div(rate);
  const share = (amount: number): Big => Big(amount).times(part.days).div(part.of);
  const above = Big(cost.toString()).minus(contract.includedAiNanoUsd ?? cost.toString());
  const overage = above.lt(0) ? 0n : rounded(minor(above.times(10_000 + (contract.overageMarkupBp ?? 0)).div(10_000)));
  const revenue = rounded(share(contract.retainerMinor)) + overage;
  const aiCost = rounded(minor(Big(cost.toString())));
  const otherCost = rounded(share(contract.otherDirectCostMinor));
  const margin = Big((revenue - aiCost - otherCost).toString())
    .times(10_000)
    .div(revenue.toString());
  return { revenue_minor: revenue, ai_cost_minor: aiCost, other_cost_minor: otherCost, margin_bp: rounded(margin) };
}

const rounded = (amount: Big): bigint => BigInt(amount.round(0, Big.roundHalfUp).toFixed());

const cases: [name: string, zone: string, contract: Terms][] = [
  ['rupees, India', 'Asia/Kolkata', terms()],
  ['Nepalese rupees, UTC+5:45', 'Asia/Kathmandu', terms({ currency: 'NPR', retainerMinor: 3_300_000 })],
  ['euro, Berlin', 'Europe/Berlin', terms({ currency: 'EUR', retainerMinor: 29_900, otherDirectCostMinor: 1_999 })],
  [
    'dollars with overage, New York',
    'America/New_York',
    terms({
      currency: 'USD',
      retainerMinor: 50_000,
      otherDirectCostMinor: 2_500,
      includedAiNanoUsd: 20_000_000_000,
      overageMarkupBp: 2_550,
    }),
  ],
  [
    'yen, which has no minor unit',
    'Asia/Tokyo',
    terms({ currency: 'JPY', retainerMinor: 51_001, otherDirectCostMinor: 77 }),
  ],
];

describe.each(cases)('%s', (_, zone, contract) => {
  let id: string;
  beforeAll(async () => {
    ({ id } = await makeTenant(db, { timeZone: zone, currency: contract.currency }));
    await setContract(id, contract);
    const midnight = await one<{ at: Date }>('select timezone($1, $2::timestamp) as at', [zone, dayOf(thisMonth)]);
    // On both sides of the month's border in the zone, and at odd amounts.
    for (const [at, cost] of [
      [midnight.at.getTime() - 1, 7_123_456_789],
      [midnight.at.getTime(), 12_987_654_321],
      [midnight.at.getTime() - 9 * 86_400_000, 20_000_000_001],
      [AT.getTime() - 60_000, 8_500_000_333],
    ] as const) {
      await desk.charge(id, cost, { occurred_at: new Date(at).toISOString() });
    }
  });

  test('the month that is over equals ledger and contract', async () => {
    const month = dayOf(lastMonth);
    const found = await one<Figures & { usd_per_unit: string; cost_nanousd: bigint }>(
      'select * from platform.margin_months($3, $1, $1) m where tenant_id = $2',
      [month, id, AT],
    );
    const rate = contract.currency === 'USD' ? '1' : RATES[contract.currency]![0];
    expect(found).toMatchObject(await expected(id, zone, month.slice(0, 7), contract, rate));
    expect(found.usd_per_unit).toBe(rate);
    expect(found.cost_nanousd).toBe(27_123_456_790n);
  });

  test('the running month to date equals ledger and contract, accrued by days', async () => {
    const found = await one<Record<string, bigint | number | string>>(
      `select to_char(month, 'YYYY-MM') as month, day_of_month, month_days, spent_nanousd, to_date_revenue_minor as revenue_minor,
         to_date_ai_cost_minor as ai_cost_minor, to_date_other_cost_minor as other_cost_minor, to_date_margin_bp as margin_bp
       from platform.margin_now($2, array[$1::uuid])`,
      [id, AT],
    );
    const rate = contract.currency === 'USD' ? '1' : RATES[contract.currency]![1];
    const part = { days: Number(found['day_of_month']), of: Number(found['month_days']) };
    expect(found).toMatchObject(await expected(id, zone, String(found['month']), contract, rate, part));
  });

  test('the forecast’s margin follows from its own amounts; the outlook says the same', async () => {
    const found = await one<Record<string, bigint> & { outlook: object }>(
      'select m.*, platform.margin_outlook($1, 5000000000) as outlook from platform.margin_now(now(), array[$1::uuid]) m',
      [id],
    );
    expect(found['forecast_nanousd']).toBeGreaterThanOrEqual(found['spent_nanousd']!);
    const [revenue, aiCost, otherCost] = ['revenue', 'ai_cost', 'other_cost'].map(
      (name) => found[`forecast_${name}_minor`]!,
    );
    expect(found['forecast_margin_bp']).toBe(
      rounded(Big(((revenue! - aiCost! - otherCost!) * 10_000n).toString()).div(revenue!.toString())),
    );
    expect(found.outlook).toMatchObject({
      currency: contract.currency,
      toDateBp: Number(found['to_date_margin_bp']),
      forecastBp: Number(found['forecast_margin_bp']),
      revenueMinor: Number(revenue),
      afterApprovalBp: null,
    });
  });

  test('the steps from the month before add up to the last basis point', async () => {
    const { drivers } = await one<{ drivers: Record<string, number> & { items: Record<string, number>[] } }>(
      'select platform.margin_drivers($3, $1, $2) as drivers',
      [id, dayOf(thisMonth), AT],
    );
    const items = drivers.items.reduce((sum, item) => sum + item['volumeBp']! + item['unitCostBp']!, 0);
    const steps = ['retainerBp', 'overageBp', 'otherCostBp', 'fxBp'].reduce((sum, name) => sum + drivers[name]!, 0);
    expect(drivers['beforeBp']! + steps + items).toBe(drivers['afterBp']);
  });
});

test('after approval: what was spent and all that the raised cap leaves; a hard cap bounds the forecast', async () => {
  const { id } = await makeTenant(db, { timeZone: 'UTC' });
  await setContract(id, terms({ currency: 'USD', retainerMinor: 10_000, otherDirectCostMinor: 0 }));
  await makeCap(db, id, { limitNanoUsd: 30_000_000_000n });
  await desk.charge(id, 10_000_000_000);
  const { outlook } = await one<{ outlook: Record<string, number> }>(
    'select platform.margin_outlook($1, 25000000000) as outlook',
    [id],
  );
  expect(outlook).toMatchObject({ aiCostAfterNanoUsd: 55_000_000_000, afterApprovalBp: 4_500, revenueMinor: 10_000 });
  expect(outlook['aiCostForecastNanoUsd']).toBeLessThanOrEqual(30_000_000_000);
});

test('drivers: more calls are volume, dearer calls are unit cost, new workflows are volume, a higher retainer is the retainer', async () => {
  const { id } = await makeTenant(db, { timeZone: 'UTC' });
  await setContract(
    id,
    terms({ validFrom: dayOf(monthStart(-6)), currency: 'USD', retainerMinor: 10_000, otherDirectCostMinor: 0 }),
  );
  await setContract(
    id,
    terms({ validFrom: dayOf(lastMonth), currency: 'USD', retainerMinor: 20_000, otherDirectCostMinor: 0 }),
  );
  const [more, dearer, fresh] = [
    await makeWorkflow(db, id, 'more'),
    await makeWorkflow(db, id, 'dearer'),
    await makeWorkflow(db, id, 'fresh'),
  ];
  const call = (month: Date, workflow: string, dollars: number): Promise<unknown> =>
    desk.charge(id, dollars * 1_000_000_000, {
      workflow_id: workflow,
      occurred_at: new Date(month.getTime() + 86_400_000).toISOString(),
    });
  const before = monthStart(-2);
  await call(before, more, 10);
  await call(before, dearer, 10);
  await call(lastMonth, more, 10);
  await call(lastMonth, more, 10);
  await call(lastMonth, dearer, 25);
  await call(lastMonth, fresh, 5);
  const { drivers } = await one<{ drivers: Record<string, number> & { items: Record<string, number | string>[] } }>(
    'select platform.margin_drivers($3, $1, $2) as drivers',
    [id, dayOf(lastMonth), AT],
  );
  // $100 − $20 = 80 %; $200 − $20 = 90 %; then $10 is 5 points.
  expect(drivers).toMatchObject({ beforeBp: 8_000, retainerBp: 1_000, overageBp: 0, fxBp: 0, afterBp: 7_500 });
  const item = (name: string) => drivers.items.find(({ workflow }) => workflow === `Workflow ${name}`);
  expect(item('more')).toMatchObject({ volumeBp: -500, unitCostBp: 0, callsBefore: 1, callsAfter: 2 });
  expect(item('dearer')).toMatchObject({ volumeBp: 0, unitCostBp: -750 });
  expect(item('fresh')).toMatchObject({ volumeBp: -250, unitCostBp: 0 });
});

test('a forecast knows weekdays: a client that rests on Sundays is expected to', async () => {
  const { id } = await makeTenant(db, { timeZone: 'UTC' });
  const at = thisMonth.getTime();
  const records = Array.from({ length: 150 }, (_, back) => new Date(at - (back + 1) * 86_400_000 + 43_200_000))
    .filter((day) => day.getUTCDay() !== 0)
    .map((day) => ({ occurred_at: day.toISOString(), cost: 1_000_000 }));
  for (const { occurred_at, cost } of records) await desk.charge(id, cost, { occurred_at });
  const days = dayBefore(monthStart(1)).getUTCDate();
  const workdays = Array.from({ length: days }, (_, day) => new Date(at + day * 86_400_000).getUTCDay()).filter(
    Boolean,
  );
  const { rest_nanousd, rest_low_nanousd, rest_high_nanousd } = await one<Record<string, bigint>>(
    'select * from platform.forecast_costs($1, array[$2::uuid])',
    [new Date(at), id],
  );
  const truth = workdays.length * 1_000_000;
  expect(Math.abs(Number(rest_nanousd) - truth) / truth).toBeLessThan(0.02);
  expect(rest_low_nanousd).toBeLessThanOrEqual(rest_nanousd!);
  expect(rest_high_nanousd).toBeGreaterThanOrEqual(rest_nanousd!);
});

test('no contract, no rate, no revenue, no usage: nulls, never zeros', async () => {
  const none = await makeTenant(db, { timeZone: 'UTC' });
  await desk.charge(none.id, 5_000);
  const found = await one<Record<string, unknown>>('select * from platform.margin_now(now(), array[$1::uuid])', [
    none.id,
  ]);
  expect(found).toMatchObject({
    spent_nanousd: 5_000n,
    to_date_margin_bp: null,
    forecast_margin_bp: null,
    low_nanousd: null,
  });
  expect(
    (await one<{ outlook: unknown }>('select platform.margin_outlook($1, 0) as outlook', [none.id])).outlook,
  ).toBeNull();

  const free = await makeTenant(db, { timeZone: 'UTC' });
  await setContract(free.id, terms({ retainerMinor: 0 }));
  expect(await one('select * from platform.margin_now(now(), array[$1::uuid])', [free.id])).toMatchObject({
    forecast_revenue_minor: 0n,
    forecast_margin_bp: null,
  });

  const early = await makeTenant(db, { timeZone: 'UTC' });
  await setContract(early.id, terms({ validFrom: dayOf(monthStart(-4)) }));
  expect(
    await one('select * from platform.margin_months($3, $1, $1) m where tenant_id = $2', [
      dayOf(monthStart(-4)),
      early.id,
      AT,
    ]),
  ).toMatchObject({ currency: 'INR', usd_per_unit: null, margin_bp: null, revenue_nanousd: null });
});

describe('a contract', () => {
  test('replaces an earlier one from its month on, ends, and leaves the months before alone', async () => {
    const { id } = await makeTenant(db, { timeZone: 'UTC' });
    await setContract(id, terms({ validFrom: dayOf(monthStart(-6)), currency: 'USD', retainerMinor: 100 }));
    await setContract(
      id,
      terms({
        validFrom: dayOf(monthStart(-3)),
        validUntil: dayOf(dayBefore(lastMonth)),
        currency: 'USD',
        retainerMinor: 200,
      }),
    );
    const { rows } = await admin.query<{ month: string; retainer_minor: bigint }>(
      `select to_char(month, 'YYYY-MM-DD') as month, retainer_minor from platform.margin_months($4, $1, $2, array[$3::uuid]) order by 1`,
      [dayOf(monthStart(-7)), dayOf(thisMonth), id, AT],
    );
    expect(rows).toEqual([
      { month: dayOf(monthStart(-6)), retainer_minor: 100n },
      { month: dayOf(monthStart(-5)), retainer_minor: 100n },
      { month: dayOf(monthStart(-4)), retainer_minor: 100n },
      { month: dayOf(monthStart(-3)), retainer_minor: 200n },
      { month: dayOf(monthStart(-2)), retainer_minor: 200n },
    ]);
  });

  test('is changed at its version alone, once a key, with its audit row', async () => {
    const { id } = await makeTenant(db);
    const key = randomUUID();
    const first = await setContract(id, terms(), { key });
    expect(await setContract(id, terms(), { key })).toEqual(first);
    await expect(setContract(id, terms({ retainerMinor: 1 }), { key })).rejects.toMatchObject({ code: 'TD422' });
    await expect(setContract(id, terms({ retainerMinor: 1 }))).rejects.toMatchObject({ code: 'TD409' });
    expect(await setContract(id, terms({ retainerMinor: 1 }), { version: 1 })).toMatchObject({
      version: 2,
      contractId: first.contractId,
    });
    await expect(setContract(id, terms({ retainerMinor: 3 }), { version: 1 })).rejects.toMatchObject({
      code: 'TD409',
      detail: expect.stringContaining('"currentVersion": 2'),
    });
    const { rows } = await admin.query(
      `select before ->> 'retainerMinor' as before, after ->> 'retainerMinor' as after from platform.audit_log
       where tenant_id = $1 and action = 'contract.set' order by seq`,
      [id],
    );
    expect(rows).toEqual([
      { before: null, after: '2500000' },
      { before: '2500000', after: '1' },
    ]);
  });

  test.each<[string, object]>([
    ['no terms', {}],
    ['the middle of a month', terms({ validFrom: dayOf(monthStart(0)).replace(/01$/, '15') })],
    ['an end before its beginning', terms({ validUntil: '2020-01-31' })],
    ['a negative retainer', terms({ retainerMinor: -1 })],
    ['half a paisa', terms({ retainerMinor: 0.5 })],
    ['a huge retainer', terms({ retainerMinor: 9_000_000_000_000_001 })],
    ['words', { ...terms(), retainerMinor: 'much' }],
    ['a target over 100 %', terms({ targetMarginBp: 10_001 })],
    ['half an overage', terms({ includedAiNanoUsd: 5 })],
    ['a currency that is none', terms({ currency: 'rupees' })],
    ['a currency without a rate', terms({ currency: 'XAU' })],
    ['an endless date', { ...terms(), validFrom: 'infinity' }],
  ])('is refused with a sentence: %s', async (_, contract) => {
    const { id } = await makeTenant(db);
    await expect(setContract(id, contract)).rejects.toMatchObject({ code: 'TD400' });
    expect((await db.owner.query('select from platform.contracts where tenant_id = $1', [id])).rowCount).toBe(0);
  });

  test.each<OperatorRole>(['viewer', 'account_manager', 'operator', 'auditor'])(
    'is not changed by a %s',
    async (role) => {
      const { id } = await makeTenant(db);
      const pool = db.connect((await makeOperator(db, { role, tenantIds: [id] })).url);
      await expect(setContract(id, terms(), { pool })).rejects.toMatchObject({ code: '42501' });
    },
  );
});

describe('a rate', () => {
  test('of this month may be corrected, at its version', async () => {
    await setRate('AED', NOW, '0.2723');
    await setRate('AED', NOW, '0.2724', 1);
    await expect(setRate('AED', NOW, '0.3', 1)).rejects.toMatchObject({ code: 'TD409' });
  });

  test('of a month that was converted stays, and none is put before it; one before all of them can be', async () => {
    for (const [day, version] of [
      [AT, 1],
      [dayBefore(AT), null],
      [dayBefore(thisMonth), 1],
    ] as const) {
      await expect(setRate('INR', day, '0.5', version)).rejects.toMatchObject({ code: 'TD409' });
    }
    await setRate('INR', dayBefore(lastMonth), '0.0117');
  });

  test.each([
    ['zero', 'INR', '0'],
    ['negative', 'INR', '-1'],
    ['not a number', 'INR', 'NaN'],
    ['endless', 'INR', 'Infinity'],
    ['too fine', 'INR', '0.0000000000001'],
    ['of the dollar', 'USD', '1'],
    ['of no currency', 'in', '1'],
  ])('is refused with a sentence: %s', async (_, currency, rate) => {
    await expect(setRate(currency, new Date(), rate, 1)).rejects.toMatchObject({ code: 'TD400' });
  });

  test('of tomorrow is refused', async () => {
    await expect(setRate('INR', new Date(NOW.getTime() + 3 * 86_400_000), '0.5')).rejects.toMatchObject({
      code: 'TD400',
    });
  });
});

test('account managers see the margins of their tenants, viewers none', async () => {
  const [own, other] = [await makeTenant(db), await makeTenant(db)];
  for (const { id } of [own, other]) await setContract(id, terms());
  const manager = db.connect((await makeOperator(db, { role: 'account_manager', tenantIds: [own.id] })).url);
  const { rows } = await manager.query<{ id: string }>('select tenant_id as id from platform.margin_now(now())');
  expect(rows.map(({ id }) => id)).toEqual([own.id]);
  expect((await one<{ o: unknown }>('select platform.margin_outlook($1, 0) as o', [other.id], manager)).o).toBeNull();
  const viewer = db.connect((await makeOperator(db, { role: 'viewer' })).url);
  for (const call of ['select * from platform.margin_now(now())', `select platform.margin_outlook('${own.id}', 0)`]) {
    await expect(viewer.query(call)).rejects.toMatchObject({ code: '42501' });
  }
});

test('amounts that no float holds come out whole', async () => {
  const [amount, by] = [8_999_999_999_999_999n, 7n];
  expect(
    await one(
      'select platform.divided($1, 1) as same, platform.divided($1, $2) as part, platform.divided(-5, 10) as half',
      [amount, by],
    ),
  ).toEqual({
    same: amount.toString(),
    part: ((2n * amount + by) / (2n * by)).toString(),
    half: '0',
  });
});

test('no function of money calculates with floats', async () => {
  const { rows } = await db.owner.query<{ text: string; name: string }>(
    `select proname as name, pg_get_functiondef(oid) as text from pg_proc
     where pronamespace = 'platform'::regnamespace and proname ~ 'margin|forecast|minor|nanousd|divided|contract|fx'`,
  );
  expect(rows.length).toBeGreaterThan(10);
  for (const { name, text } of rows) expect(text, name).not.toMatch(/double precision|float|real\b/);
});

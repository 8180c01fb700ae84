import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { refusalOf } from '../testing/cap-desk.ts';
import { makeOperator, makeTenant, type MadeOperator } from '../testing/factories.ts';
import { makeGrantDesk } from '../testing/grant-desk.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { enterPrices } from './enter-prices.ts';
import { readPriceBook, type BookedPrice } from './price-book.ts';
import { main } from './prices-main.ts';

let db: TestDatabase;
let admin: MadeOperator;
beforeAll(async () => {
  db = await createTestDatabase();
  admin = await makeOperator(db, { role: 'admin' });
});
afterAll(() => db.close());

interface PriceChange {
  model?: string;
  rates?: unknown;
  from?: Date | null;
  version?: number;
  key?: string;
}

const RATES = { input: 1_000_000_000, output: 4_000_000_000 };

async function setPrice(change: PriceChange, who = admin): Promise<{ version: number; validFrom: string }> {
  const { rows } = await db
    .connect(who.url)
    .query<{ answer: { version: number; validFrom: string } }>(
      `select platform.set_model_price('openai', $1, $2, $3, $4, $5, 'because') as answer`,
      [
        change.model ?? 'new-model',
        JSON.stringify(change.rates ?? RATES),
        change.from ?? null,
        change.version ?? 0,
        change.key ?? randomUUID(),
      ],
    );
  return rows[0]!.answer;
}

const versions = async (model: string): Promise<object[]> =>
  (
    await db.owner.query<object>(
      `select price_version as version, input_nanousd_per_mtok as input, source from platform.model_prices where model = $1 order by 1`,
      [model],
    )
  ).rows;

describe('set_model_price', () => {
  test('makes a version, with all rates, audited and announced; the same change again is the same answer', async () => {
    const before = await db.owner.query<{ version: bigint }>(
      `select version from platform.versions where topic = 'prices'`,
    );
    const key = randomUUID();
    const rates = {
      input: 3_000_000_000,
      cachedInput: 300_000_000,
      cacheWrite: 3_750_000_000,
      output: 15_000_000_000,
      reasoning: 16_000_000_000,
      longContextTokens: 200_000,
      longContextInput: 6_000_000_000,
      longContextOutput: 22_500_000_000,
      batchInput: 1_500_000_000,
      batchOutput: 7_500_000_000,
      maxOutputTokens: 64_000,
    };
    const first = await setPrice({ model: 'all-rates', rates, key });
    expect(first).toMatchObject({ version: 1 });
    expect(await setPrice({ model: 'all-rates', rates, key })).toEqual(first);
    const { rows } = await db.owner.query<Record<string, unknown>>(
      `select * from platform.model_prices where model = 'all-rates'`,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      cache_write_nanousd_per_mtok: 3_750_000_000n,
      reasoning_nanousd_per_mtok: 16_000_000_000n,
      long_context_tokens: 200_000n,
      batch_output_nanousd_per_mtok: 7_500_000_000n,
      max_output_tokens: 64_000,
      source: 'operator',
      created_by: admin.id,
    });
    const after = await db.owner.query<{ version: bigint }>(
      `select version from platform.versions where topic = 'prices'`,
    );
    expect(after.rows[0]!.version).toBe(before.rows[0]!.version + 1n);
    const audit = await db.owner.query(
      `select login, target, before, after ->> 'batch_input_nanousd_per_mtok' as batch, reason from platform.audit_log
       where action = 'price.set' and target = 'model:openai/all-rates'`,
    );
    expect(audit.rows).toEqual([
      { login: admin.login, target: 'model:openai/all-rates', before: null, batch: '1500000000', reason: 'because' },
    ]);
  });

  test('never changes what was charged: ledger, rollups and caps stay, and a version is never written over', async () => {
    await setPrice({ model: 'charged' });
    const { id } = await makeTenant(db);
    const desk = await makeGrantDesk(db);
    await desk.charge(id, 123_456, { model: 'charged', price_version: 1 });
    const figures = async (): Promise<unknown> =>
      (
        await db.owner.query(
          `select u.cost_nanousd, u.price_version, m.cost_nanousd as month from platform.usage_records u
           join platform.usage_monthly m on m.tenant_id = u.tenant_id where u.tenant_id = $1`,
          [id],
        )
      ).rows;
    const before = await figures();
    expect(await setPrice({ model: 'charged', rates: { input: 1, output: 1 }, version: 1 })).toMatchObject({
      version: 2,
    });
    expect(await figures()).toEqual(before);
    expect(await versions('charged')).toEqual([
      { version: 1, input: 1_000_000_000n, source: 'operator' },
      { version: 2, input: 1n, source: 'operator' },
    ]);
    for (const change of [
      'update platform.model_prices set input_nanousd_per_mtok = 5',
      'delete from platform.model_prices',
    ]) {
      await expect(db.owner.query(change)).rejects.toMatchObject({ code: 'TD403' });
    }
  });

  test.each<[string, PriceChange, string]>([
    ['no output', { rates: { input: 1 } }, 'A price has at least the rates input and output.'],
    ['a fraction', { rates: { ...RATES, input: 0.5 } }, 'input has to be a whole number of nano-USD'],
    ['a negative rate', { rates: { ...RATES, output: -1 } }, 'output has to be a whole number of nano-USD'],
    ['a rate as text', { rates: { ...RATES, output: '7' } }, 'output has to be a whole number of nano-USD'],
    [
      'too large',
      { rates: { ...RATES, output: 9_000_000_000_000_001 } },
      'output has to be a whole number of nano-USD',
    ],
    ['a rate nobody knows', { rates: { ...RATES, night: 1 } }, 'A price has no rate "night".'],
    ['half a long context', { rates: { ...RATES, longContextTokens: 9 } }, 'Long context is a border and two rates'],
    ['half a batch', { rates: { ...RATES, batchInput: 9 } }, 'Batch calls have two rates: batchInput and batchOutput.'],
    ['no list of rates', { rates: [1] }, 'A price names its provider'],
    ['the past', { from: new Date('2020-01-01') }, 'A price is valid from now or later'],
    ['no model', { model: '' }, 'A price names its provider'],
  ])('refuses %s and changes nothing', async (_name, change, sentence) => {
    const refused = await refusalOf(setPrice({ model: 'refused', ...change }));
    expect(refused).toMatchObject({ code: 'TD400' });
    expect(refused.message).toContain(sentence);
    expect(await versions('refused')).toEqual([]);
  });

  test('two admins at once: one of them is told', async () => {
    const results = await Promise.allSettled(
      [1, 2, 3].map((input) => setPrice({ model: 'raced', rates: { input, output: 1 } })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await refusalOf(setPrice({ model: 'raced' }))).toMatchObject({
      code: 'TD409',
      message: 'The price of raced was changed meanwhile: it is at version 1 now. Look at it again.',
      detail: '{"currentVersion": 1}',
    });
    const operator = await makeOperator(db, { role: 'operator' });
    expect(await refusalOf(setPrice({}, operator))).toMatchObject({ code: '42501' });
  });
});

describe('the published list', () => {
  let own: TestDatabase;
  let owner: Client;
  beforeEach(async () => {
    own = await createTestDatabase();
    owner = new Client({ connectionString: own.ownerUrl });
    await owner.connect();
    return async () => {
      await owner.end();
      await own.close();
    };
  });
  const price = (over: Partial<BookedPrice> = {}): BookedPrice => ({
    provider: 'openai',
    model: 'm',
    priceVersion: 1,
    validFrom: new Date('2020-01-01'),
    input: 2_500_000_000n,
    cachedInput: 1_250_000_000n,
    cacheWrite: 2_500_000_000n,
    hourCacheWrite: null,
    output: 10_000_000_000n,
    reasoning: 10_000_000_000n,
    longContextTokens: null,
    longContextInput: null,
    longContextOutput: null,
    longContextCachedInput: null,
    longContextCacheWrite: null,
    longContextHourCacheWrite: null,
    maxOutputTokens: 1_000,
    ...over,
  });
  const booked = async (): Promise<object[]> =>
    (
      await owner.query<object>(
        `select price_version as v, input_nanousd_per_mtok as input, valid_from > now() - interval '1 minute' as fresh, source
         from platform.model_prices where model = 'm' order by 1`,
      )
    ).rows;

  test('comes into the book of a new database by the command, once', async () => {
    const said: string[] = [];
    const run = (args: string[], env: NodeJS.ProcessEnv = { TENANTDESK_DATABASE_URL: own.ownerUrl }) =>
      main(args, env, (line) => said.push(line));
    expect(await run([], {})).toBe(1);
    expect(said.at(-1)).toContain('TENANTDESK_DATABASE_URL is not set');
    expect(await run(['--all'])).toBe(1);
    expect(await run([], { TENANTDESK_DATABASE_URL: own.urlFor('td_admin') })).toBe(1);
    expect(said.at(-1)).toContain('not a member of td_owner');
    expect(await run(['--dry-run'])).toBe(0);
    const count = async () =>
      (await owner.query<{ n: string }>('select count(*) as n from platform.model_prices')).rows[0]!.n;
    expect(await count()).toBe('0');
    expect(await run([])).toBe(0);
    expect(await count()).toBe(String(readPriceBook().length));
    said.length = 0;
    expect(await run([])).toBe(0);
    expect(said).toEqual(['0 models added', '0 models changed']);
  });

  test('a changed rate is a new version from now on; a change to come begins on its day', async () => {
    await enterPrices(owner, [price()]);
    const later = new Date(Date.now() + 86_400_000);
    const list = [price({ input: 3n }), price({ input: 4n, validFrom: later })];
    expect(await enterPrices(owner, list)).toEqual({ added: [], changed: ['openai/m'], kept: [] });
    expect(await booked()).toEqual([
      { v: 1, input: '2500000000', fresh: false, source: 'price list' },
      { v: 2, input: '3', fresh: true, source: 'price list' },
      { v: 3, input: '4', fresh: true, source: 'price list' },
    ]);
    expect(await enterPrices(owner, list)).toEqual({ added: [], changed: [], kept: [] });
  });

  test('what an admin set stays', async () => {
    await enterPrices(owner, [price()]);
    const boss = await makeOperator(own, { role: 'admin' });
    await own
      .connect(boss.url)
      .query(`select platform.set_model_price('openai', 'm', '{"input":7,"output":7}', null, 1, $1)`, [randomUUID()]);
    expect(await enterPrices(owner, [price({ input: 3n })])).toEqual({ added: [], changed: [], kept: ['openai/m'] });
    expect(await booked()).toMatchObject([{ v: 1 }, { v: 2, input: '7', source: 'operator' }]);
  });
});

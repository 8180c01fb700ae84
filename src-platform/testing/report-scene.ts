import { randomUUID } from 'node:crypto';
import { seededRandom } from '../local/seeded-random.ts';
import { makeCap, makeGateway, makeOperator, makeTenant, makeWorkflow, type MadeOperator } from './factories.ts';
import { ledgerRecord, type LedgerRecord } from './ledger-record.ts';
import type { TestDatabase } from './test-database.ts';

export interface ReportClient {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly currency: string;
  readonly timeZone: string;
  /** USD for one unit; null: the client's currency is USD. */
  readonly usdPerUnit: string | null;
}

export interface ReportScene {
  /** "2026-10": the last month that is over in every zone. */
  readonly month: string;
  readonly clients: readonly ReportClient[];
  readonly admin: MadeOperator;
  readonly gateway: string;
  /** Texts that are in the database and in no report: margins, contracts, another client, people, the agency's reasons. */
  readonly canaries: readonly string[];
}

/** Three currencies; India is half an hour beside the hour, yen have no decimals. */
const CLIENTS = [
  { name: 'Café Zürich & Söhne', currency: 'EUR', timeZone: 'Europe/Berlin', usdPerUnit: '1.1637', locale: 'de-DE' },
  { name: 'क्लिनिक B', currency: 'INR', timeZone: 'Asia/Kolkata', usdPerUnit: '0.0118291', locale: 'en-IN' },
  { name: '=Tokyo, "Ramen"', currency: 'JPY', timeZone: 'Asia/Tokyo', usdPerUnit: '0.0066', locale: 'ja-JP' },
];
/** In minor units, and as people may write them. */
const RETAINER_MINOR = 770_313_377;
const OTHER_COST_MINOR = 880_414_488;
const WRITINGS = ['en-US', 'en-IN', 'de-DE'].map((locale) => (amount: number) => amount.toLocaleString(locale));
const AMOUNT_CANARIES = [RETAINER_MINOR, OTHER_COST_MINOR].flatMap((minor) =>
  [String, ...WRITINGS].flatMap((write) => [write(minor), write(minor / 100)]),
);
const WORDS = {
  otherName: 'Zebra Rival GmbH',
  otherWorkflow: 'Zebra pricing plan',
  otherFooter: 'Zebra footer',
  reason: 'Canary reason of the agency',
  operator: 'Canary Person',
};

/**
 * Clients with a month behind them: calls at the first and the last instant of the month in their zone and just outside it, failures, estimates,
 * corrections below zero, calls without a workflow, units, conversations; brand, values, rates, caps. The same for the same month.
 */
export async function makeReportScene(db: TestDatabase): Promise<ReportScene> {
  const { rows } = await db.owner.query<{ month: string }>(
    `select to_char(date_trunc('month', now() at time zone 'Etc/GMT+12') - interval '1 month', 'YYYY-MM') as month`,
  );
  const month = rows[0]?.month ?? '';
  const admin = await makeOperator(db, { role: 'admin', name: WORDS.operator });
  const asAdmin = db.connect(admin.url);
  const gateway = await makeGateway(db);
  const clients: ReportClient[] = [];
  for (const [index, { locale, ...client }] of CLIENTS.entries()) {
    const { id, slug } = await makeTenant(db, { ...client, anchorDay: 1 + index * 9 });
    await asAdmin.query(`select platform.set_fx_rate($1, ($2 || '-01')::date + 20, $3, 'Test Bank', null, $4, null)`, [
      client.currency,
      month,
      client.usdPerUnit,
      randomUUID(),
    ]);
    await fill(db, gateway, { id, timeZone: client.timeZone, month });
    await asAdmin.query('select platform.set_branding($1, $2, null, $3, $4)', [
      id,
      { displayName: `${client.name}!`, colour: '#205080', logo: TINY_PNG, footer: 'Réné & Co', locale },
      randomUUID(),
      WORDS.reason,
    ]);
    await contract(db, admin, id, client.currency);
    clients.push({ ...client, id, slug });
  }
  await makeRival(db, admin, gateway, month);
  return { month, clients, admin, gateway, canaries: [...AMOUNT_CANARIES, ...Object.values(WORDS)] };
}

/** Another client of the agency, whose name is in no report but its own. */
async function makeRival(db: TestDatabase, admin: MadeOperator, gateway: string, month: string): Promise<void> {
  const { id } = await makeTenant(db, { name: WORDS.otherName, currency: 'EUR', timeZone: 'Europe/Berlin' });
  await fill(db, gateway, { id, timeZone: 'Europe/Berlin', month, workflow: WORDS.otherWorkflow });
  await db
    .connect(admin.url)
    .query('select platform.set_branding($1, $2, null, $3, null)', [
      id,
      { displayName: WORDS.otherName, colour: '#aa0000', logo: null, footer: WORDS.otherFooter, locale: 'de-DE' },
      randomUUID(),
    ]);
  await contract(db, admin, id, 'EUR');
}

async function contract(db: TestDatabase, admin: MadeOperator, id: string, currency: string): Promise<void> {
  const terms = {
    validFrom: '2025-01-01',
    currency,
    retainerMinor: RETAINER_MINOR,
    otherDirectCostMinor: OTHER_COST_MINOR,
    targetMarginBp: 6_543,
  };
  await db
    .connect(admin.url)
    .query('select platform.set_contract($1, $2, null, $3, $4)', [id, terms, randomUUID(), WORDS.reason]);
}

async function fill(
  db: TestDatabase,
  gateway: string,
  { id, timeZone, month, workflow }: { id: string; timeZone: string; month: string; workflow?: string },
): Promise<void> {
  const random = seededRandom(`report ${timeZone} ${month}`);
  const workflows = [await makeWorkflow(db, id, 'leads'), await makeWorkflow(db, id, 'bookings')];
  await db.owner.query(`update platform.workflows set name = $3 where tenant_id = $1 and id = $2`, [
    id,
    workflows[0],
    workflow ?? '@Leads; "हिन्दी"',
  ]);
  await makeCap(db, id, { limitNanoUsd: 500_000_000_000n });
  const { rows } = await db.owner.query<{ begins: Date; ends: Date }>(
    `select platform.local_midnight(m, $2) as begins, platform.local_midnight((m + interval '1 month')::date, $2) as ends
     from (select ($1 || '-01')::date) m(m)`,
    [month, timeZone],
  );
  const [bounds] = rows;
  if (!bounds) throw new Error('A month has bounds.');
  const [begins, ends] = [bounds.begins.getTime(), bounds.ends.getTime()];
  const edges = [begins - 1, begins, begins + 1, ends - 1, ends, begins - 20 * 86_400_000];
  const instants = [...edges, ...Array.from({ length: 120 }, () => begins + Math.floor(random() * (ends - begins)))];
  const records = instants.map((at, index) => call(id, at, index, random, workflows));
  const corrections = records
    .filter((_, index) => index % 9 === 3)
    .map((record) =>
      Object.assign({}, record, { kind: 'correction', cost_nanousd: -Math.floor(record.cost_nanousd / 3) }),
    );
  await db.connect(db.gatewayUrl).query('select platform.ingest($1, $2)', [
    gateway,
    JSON.stringify({
      records: [...records, ...corrections],
      counters: [begins - 1, begins, ends - 1, ends].map((at, index) => {
        return { tenant_id: id, id: `crm-${index}`, occurred_at: new Date(at), integration: 'crm' };
      }),
    }),
  ]);
  const admin = db.connect((await makeOperator(db, { role: 'admin' })).url);
  await admin.query('select platform.set_workflow_value($1, $2, $3, null, $4, null)', [
    id,
    workflows[0],
    { unit: 'leads scored', minutesSaved: '6.25', hourlyWorthMinor: 120_000 },
    randomUUID(),
  ]);
}

const MODELS = [
  { provider: 'openai', model: 'gpt-4o', price_version: 2 },
  { provider: 'openai', model: 'gpt-4o', price_version: 3 },
  { provider: 'azure', model: 'gpt-4o', price_version: 1 },
  { provider: 'anthropic', model: 'claude-haiku-4-5', price_version: 1 },
];

/** `units`: most calls say nothing. */
function call(
  tenantId: string,
  at: number,
  index: number,
  random: () => number,
  workflows: readonly string[],
): LedgerRecord & { cached_input_tokens: number; reasoning_tokens: number; units: number | null } {
  const failed = index % 11 === 5;
  return {
    ...ledgerRecord(tenantId, {
      ...MODELS[index % MODELS.length],
      occurred_at: new Date(at).toISOString(),
      request_id: `call-${index}`,
      kind: index % 13 === 7 ? 'estimate' : 'charge',
      attempt: index % 17 === 2 ? 2 : 1,
      workflow_id: workflows[index % 3] ?? null,
      session: index % 4 === 0 ? `session-${Math.floor(index / 12)}` : null,
      input_tokens: Math.floor(random() * 40_000),
      output_tokens: Math.floor(random() * 4_000),
      // Amounts of which no sum is round.
      cost_nanousd: 1 + Math.floor(random() * 900_000_000),
      latency_ms: failed ? null : 200 + Math.floor(random() * 9_000),
      http_status: failed ? 500 : 200,
      outcome: failed ? 'provider_error' : index % 19 === 4 ? 'client_closed' : 'ok',
    }),
    cached_input_tokens: Math.floor(random() * 1_000),
    reasoning_tokens: Math.floor(random() * 500),
    units: index % 5 === 0 ? index % 7 : null,
  };
}

/** One pixel. */
const TINY_PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

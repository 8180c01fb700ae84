/** What the platform tells for a client's report: the ledger's figures and nobody else's; brands and values as an admin enters them. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusalOf } from '../testing/cap-desk.ts';
import { makeOperator, makeTenant, makeWorkflow, type MadeOperator } from '../testing/factories.ts';
import { ledgerDrift } from '../testing/ledger-drift.ts';
import { ledgerMonth, type LedgerSums } from '../testing/ledger-month.ts';
import { makeReportScene, type ReportScene } from '../testing/report-scene.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let db: TestDatabase;
let scene: ReportScene;
beforeAll(async () => {
  db = await createTestDatabase();
  scene = await makeReportScene(db);
});
afterAll(() => db.close());

interface Usage {
  readonly calls: number;
  readonly failedCalls: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly costNanoUsd: number;
}

interface Dataset {
  readonly total: Usage;
  readonly ledgerRows: number;
  readonly priceVersions: string[];
  readonly workflows: (Usage & { name: string | null; value: { units: number } | null })[];
  readonly models: (Usage & { provider: string; model: string })[];
  readonly days: { day: string; calls: number; failedCalls: number; costNanoUsd: number }[];
  readonly months: { month: string; calls: number; failedCalls: number; costNanoUsd: number }[];
  readonly fx: { usdPerUnit: string; date: string; source: string } | null;
  readonly basis: string;
  readonly budget: { chargedNanoUsd: number; limitNanoUsd: number; from: string; until: string }[];
  readonly counters: { messages: number; conversations: number; integrations: number };
  readonly brand: { displayName: string; logo: string | null; colour: string };
}

async function dataset(who: { url: string }, tenantId: string, month: string): Promise<Dataset | null> {
  const { rows } = await db
    .connect(who.url)
    .query<{ found: Dataset | null }>(`select platform.tenant_month(now(), $1, ($2 || '-01')::date) as found`, [
      tenantId,
      month,
    ]);
  return rows[0]?.found ?? null;
}

const figures = (sums: LedgerSums | undefined): Usage => ({
  calls: Number(sums?.calls ?? 0),
  failedCalls: Number(sums?.failed ?? 0),
  inputTokens: Number(sums?.input ?? 0),
  cachedInputTokens: Number(sums?.cached ?? 0),
  outputTokens: Number(sums?.output ?? 0),
  reasoningTokens: Number(sums?.reasoning ?? 0),
  costNanoUsd: Number(sums?.cost ?? 0),
});

test('every figure is the ledger’s, in the client’s own months, for three currencies and zones', async () => {
  for (const { id, name, currency, usdPerUnit } of scene.clients) {
    const told = (await dataset(scene.admin, id, scene.month))!;
    const of = (by?: string) => ledgerMonth(db.owner, id, scene.month, by);
    const all = (await of()).get('all');
    expect(told.total, name).toEqual(figures(all));
    expect(told.ledgerRows).toBe(Number(all!.ledgerRows));
    expect(all!.calls, 'calls outside the month are there, too').toBeLessThan(
      (await ledgerMonth(db.owner, id, null)).get('all')!.calls,
    );

    const byWorkflow = await of('(select w.name from platform.workflows w where w.id = u.workflow_id)');
    expect(told.workflows).toHaveLength(byWorkflow.size);
    for (const workflow of told.workflows) {
      const sums = byWorkflow.get(workflow.name);
      expect(workflow, `${name}, ${workflow.name}`).toMatchObject(figures(sums));
      if (workflow.value) expect(workflow.value.units).toBe(Number(sums!.units));
    }
    expect(told.workflows.filter(({ value }) => value !== null)).toHaveLength(1);
    expect(told.workflows.some((workflow) => workflow.name === null)).toBe(true);
    const byModel = await of(`u.provider || ' ' || u.model`);
    expect(told.models).toHaveLength(byModel.size);
    for (const model of told.models) {
      expect(model).toMatchObject(figures(byModel.get(`${model.provider} ${model.model}`)));
    }
    for (const [list, by, month] of [
      [told.days.map((day) => ({ key: day.day, ...day })), `to_char(u.at, 'YYYY-MM-DD')`, scene.month],
      [told.months.map((one) => ({ key: one.month, ...one })), `to_char(u.at, 'YYYY-MM')`, null],
    ] as const) {
      const sums = await ledgerMonth(db.owner, id, month, by);
      for (const { key, calls, failedCalls, costNanoUsd } of list) {
        const wanted = figures(sums.get(key));
        expect({ calls, failedCalls, costNanoUsd }, `${name}, ${key}`).toEqual({
          calls: wanted.calls,
          failedCalls: wanted.failedCalls,
          costNanoUsd: wanted.costNanoUsd,
        });
      }
      // The months end with the one that is asked for.
      const keys = [...sums.keys()].map(String).filter((key) => key.slice(0, 7) <= scene.month);
      expect(list.map(({ key }) => key)).toEqual(keys.toSorted());
    }
    expect(told.priceVersions).toEqual(
      [...(await of(`u.provider || '/' || u.model || ' v' || u.price_version`)).keys()].map(String).toSorted(),
    );
    expect(told.fx).toMatchObject({ usdPerUnit, source: 'Test Bank', date: `${scene.month}-21` });
    expect(told.basis).toBe('final');
    expect(told.counters.integrations).toBe(2);
    expect(told.brand).toMatchObject({ displayName: `${name}!`, colour: '#205080' });
    expect(told.brand.logo).toMatch(/^data:image\/png;base64,iVBOR[\w+/]+=*$/);
    const text = JSON.stringify(told);
    for (const canary of scene.canaries) expect(text, `${currency}: ${canary}`).not.toContain(canary);
  }
  expect(
    await ledgerDrift(
      db.owner,
      scene.clients.map(({ id }) => id),
    ),
  ).toEqual([]);
});

describe('what a report can be asked of', () => {
  const anybody = () => scene.clients[0]!;

  test('a month without a call has no figures; one that has not begun is refused; a client of others is not there', async () => {
    expect(await dataset(scene.admin, anybody().id, '2001-02')).toMatchObject({
      ledgerRows: 0,
      total: figures(undefined),
      latency: null,
      workflows: [],
      days: [],
      fx: null,
    });
    expect(await refusalOf(dataset(scene.admin, anybody().id, '2099-01'))).toMatchObject({ code: 'TD400' });
    const other = await makeOperator(db, { role: 'account_manager', tenantIds: [scene.clients[1]!.id] });
    expect(await dataset(other, anybody().id, scene.month)).toBeNull();
    expect(await dataset(other, scene.clients[1]!.id, scene.month)).not.toBeNull();
    const viewer = await makeOperator(db, { role: 'viewer' });
    expect(await refusalOf(dataset(viewer, anybody().id, scene.month))).toMatchObject({ code: '42501' });
  });

  test('a client without a brand wears its name; a currency without a rate has none', async () => {
    const { id } = await makeTenant(db, { name: 'Plain', currency: 'ZAR', timeZone: 'Africa/Johannesburg' });
    expect(await dataset(scene.admin, id, scene.month)).toMatchObject({
      brand: { displayName: 'Plain', colour: '#1f4f8f', logo: null, footer: '', locale: 'en-US' },
      fx: null,
    });
  });
});

describe('brands and values', () => {
  const BRAND = { displayName: 'Clinic', colour: '#205080', logo: null, footer: '', locale: 'en-IN' };
  const setBrand = async (
    who: MadeOperator,
    id: string,
    brand: object,
    version: number | null = null,
    key = randomUUID(),
  ) => {
    const { rows } = await db
      .connect(who.url)
      .query<{ answer: { version: number } }>('select platform.set_branding($1, $2, $3, $4, null) as answer', [
        id,
        brand,
        version,
        key,
      ]);
    return rows[0]!.answer;
  };

  test('are the admin’s, once a key, by version, with an entry in the client’s chain', async () => {
    const { id } = await makeTenant(db);
    const key = randomUUID();
    expect(await setBrand(scene.admin, id, BRAND, null, key)).toMatchObject({ version: 1 });
    expect(await setBrand(scene.admin, id, BRAND, null, key)).toMatchObject({ version: 1 });
    expect(await refusalOf(setBrand(scene.admin, id, BRAND, null))).toMatchObject({ code: 'TD409' });
    expect(await setBrand(scene.admin, id, { ...BRAND, colour: '#FFAA00' }, 1)).toMatchObject({ version: 2 });
    const { rows } = await db.owner.query(
      `select action, before ->> 'colour' as before, after ->> 'colour' as after from platform.audit_log where tenant_id = $1 order by seq`,
      [id],
    );
    expect(rows).toEqual([
      { action: 'branding.set', before: null, after: '#205080' },
      { action: 'branding.set', before: '#205080', after: '#ffaa00' },
    ]);
    const operator = await makeOperator(db, { role: 'operator' });
    expect(await refusalOf(setBrand(operator, id, BRAND, 2))).toMatchObject({ code: '42501' });
  });

  test.each([
    { colour: 'red' },
    { colour: '#12345' },
    { colour: null },
    { locale: 'english' },
    { locale: null },
    { displayName: '  ' },
    { displayName: 'a\u202eb' },
    { footer: 'x'.repeat(301) },
    { footer: 'two\nlines' },
    { logo: 'no base64!' },
    {
      logo: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>'.repeat(3)).toString(
        'base64',
      ),
    },
    { logo: Buffer.alloc(70_000).toString('base64') },
  ])('%j is refused with a sentence', async (wrong) => {
    const { id } = await makeTenant(db);
    expect(await refusalOf(setBrand(scene.admin, id, { ...BRAND, ...wrong }))).toMatchObject({ code: 'TD400' });
  });

  test.each([
    { unit: '' },
    { unit: 'x'.repeat(61) },
    { minutesSaved: '-1' },
    { minutesSaved: '1.234' },
    { minutesSaved: 'NaN' },
    { minutesSaved: 'many' },
    { hourlyWorthMinor: -1 },
    { hourlyWorthMinor: 1.5 },
    { hourlyWorthMinor: null },
  ])('a value with %j is refused with a sentence', async (wrong) => {
    const { id } = await makeTenant(db);
    const workflow = await makeWorkflow(db, id);
    const value = { unit: 'leads scored', minutesSaved: '6', hourlyWorthMinor: 10_000, ...wrong };
    const set = db
      .connect(scene.admin.url)
      .query('select platform.set_workflow_value($1, $2, $3, null, $4, null)', [id, workflow, value, randomUUID()]);
    expect(await refusalOf(set)).toMatchObject({ code: 'TD400' });
  });
});

describe('an export in the audit log', () => {
  const EXPORT = {
    month: '2026-10',
    source: 'kept',
    asOf: '2026-11-02T10:00:00Z',
    files: [{ format: 'csv', bytes: 12, sha256: 'a'.repeat(64) }],
  };
  const record = async (
    who: { url: string },
    id: string,
    exported: object,
    claimedAt: string | null,
    key = randomUUID(),
  ) =>
    (
      await db
        .connect(who.url)
        .query<{ answer: { auditId: number } }>('select platform.record_report_export($1, $2, $3, $4) as answer', [
          id,
          exported,
          claimedAt,
          key,
        ])
    ).rows[0]!.answer;

  test('is one entry in the client’s chain, however often it is told, with the claimed time', async () => {
    const { id } = await makeTenant(db);
    const key = randomUUID();
    const first = await record(scene.admin, id, EXPORT, '2026-11-05T08:00:00Z', key);
    expect(await record(scene.admin, id, EXPORT, '2026-11-05T08:00:00Z', key)).toEqual(first);
    const { rows } = await db.owner.query<{ action: string; after: object }>(
      'select action, after from platform.audit_log where tenant_id = $1',
      [id],
    );
    expect(rows).toEqual([
      {
        action: 'report.export',
        after: {
          month: '2026-10',
          source: 'kept',
          asOf: '2026-11-02T10:00:00+00:00',
          claimedAt: '2026-11-05T08:00:00+00:00',
          files: EXPORT.files,
        },
      },
    ]);
    expect(await refusalOf(record(scene.admin, id, { ...EXPORT, month: '2026-09' }, null, key))).toMatchObject({
      code: 'TD422',
    });
  });

  test('of a client that is not theirs any more stands in the platform’s chain; unclaimed it is refused', async () => {
    const [one, other] = [await makeTenant(db), await makeTenant(db)];
    const manager = await makeOperator(db, { role: 'account_manager', tenantIds: [one.id] });
    expect(await refusalOf(record(manager, other.id, EXPORT, null))).toMatchObject({ code: 'TD404' });
    const { auditId } = await record(manager, other.id, EXPORT, '2026-11-05T08:00:00Z');
    const { rows } = await db.owner.query('select tenant_id, target from platform.audit_log where id = $1', [auditId]);
    expect(rows).toEqual([{ tenant_id: '00000000-0000-0000-0000-000000000000', target: `tenant:${other.id}` }]);
  });

  test.each([
    { month: '2026-13' },
    { month: null },
    { source: 'thin air' },
    { files: [] },
    { files: [{ format: 'exe', bytes: 1, sha256: 'a'.repeat(64) }] },
    { files: [{ format: 'pdf', bytes: -1, sha256: 'a'.repeat(64) }] },
    { files: [{ format: 'pdf', bytes: 1, sha256: 'path/to/file' }] },
    { asOf: 'yesterday afternoon' },
  ])('%j is refused', async (wrong) => {
    const { id } = await makeTenant(db);
    expect(await refusalOf(record(scene.admin, id, { ...EXPORT, ...wrong }, null))).toMatchObject({ code: 'TD400' });
  });
});

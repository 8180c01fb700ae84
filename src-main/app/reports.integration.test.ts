/** Reports through the whole console: what is in the files is the ledger's and nobody else's; whole files or none; without the platform too. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Big } from 'big.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeOperator, makeTenant, type MadeOperator } from '../../src-platform/testing/factories.ts';
import { startFaultProxy, type FaultProxy } from '../../src-platform/testing/fault-proxy.ts';
import { ledgerMonth, type LedgerSums } from '../../src-platform/testing/ledger-month.ts';
import { makeReportScene, type ReportClient, type ReportScene } from '../../src-platform/testing/report-scene.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import type { ReportExport } from '../contract/reports.ts';
import { csvTable } from '../testing/csv-table.ts';
import { nextState } from '../testing/next-state.ts';
import { pdfFacts } from '../testing/pdf-facts.ts';
import { openTestConsole, type TestConsole } from '../testing/test-console.ts';

let db: TestDatabase;
let scene: ReportScene;
let operator: MadeOperator;
let made: TestConsole;

beforeAll(async () => {
  db = await createTestDatabase();
  scene = await makeReportScene(db);
  operator = await makeOperator(db, { role: 'operator' });
  made = await openTestConsole({ ...operator, gatewayUrl: 'http://127.0.0.1:9' });
});
afterEach(() => rmSync(folder(), { recursive: true, force: true }));
afterAll(async () => {
  await made.console.close();
  await db.close();
});

const folder = (of = made): string => path.join(of.folder, 'exports');
const ids = (): string[] => scene.clients.map(({ id }) => id);

/** All that the export tells; its last state. */
async function run(
  wish: { tenantIds: string[]; formats?: ('pdf' | 'csv')[]; month?: string },
  of = made,
): Promise<ReportExport> {
  let last: ReportExport | undefined;
  for await (const state of await of.client.reports.export({ formats: ['csv'], month: scene.month, ...wish })) {
    last = state;
  }
  return last!;
}

const entries = async (tenantId: string): Promise<{ login: string; after: Record<string, unknown> }[]> =>
  (
    await db.owner.query<{ login: string; after: Record<string, unknown> }>(
      `select login, after from platform.audit_log where tenant_id = $1 and action = 'report.export' order by seq`,
      [tenantId],
    )
  ).rows;

/** By hand, as a person with a calculator would: nano-USD in the client's currency, half up. */
function own(nanoUsd: bigint, { usdPerUnit, currency }: ReportClient): string {
  const digits = currency === 'JPY' ? 0 : 2;
  const amount = new Big(nanoUsd.toString()).div(1e9).div(usdPerUnit ?? '1');
  return amount.round(digits, Big.roundHalfUp).toFixed(digits);
}

const cells = (sums: LedgerSums, client: ReportClient): Record<string, string> => ({
  calls: String(sums.calls),
  failed_calls: String(sums.failed),
  cost_usd: new Big(sums.cost.toString()).div(1e9).toFixed(9),
  cost: own(sums.cost, client),
  currency: client.currency,
});
const tokenCells = (sums: LedgerSums): Record<string, string> => ({
  input_tokens: String(sums.input),
  cached_input_tokens: String(sums.cached),
  output_tokens: String(sums.output),
  reasoning_tokens: String(sums.reasoning),
});

describe('files', () => {
  it('every number of the CSV is the ledger’s, for three currencies and zones', async () => {
    const { files, failures, done, of } = await run({ tenantIds: ids() });
    expect({ failures, done, of }).toEqual({ failures: [], done: 3, of: 3 });
    for (const client of scene.clients) {
      const file = files.find(({ tenantId }) => tenantId === client.id)!;
      const text = readFileSync(file.path, 'utf8');
      expect(path.basename(file.path)).toBe(`${client.slug}-${scene.month}.csv`);
      const rows = csvTable(text);
      const told = (section: string) => rows.filter((row) => row['section'] === section);
      const ledger = (by?: string, month: string | null = scene.month) => ledgerMonth(db.owner, client.id, month, by);
      const all = (await ledger()).get('all')!;
      expect(told('total')).toMatchObject([{ ...cells(all, client), ...tokenCells(all) }]);
      for (const [section, by, month, named] of [
        ['workflow', '(select w.name from platform.workflows w where w.id = u.workflow_id)', scene.month, 'item'],
        ['model', `u.provider || ' ' || u.model`, scene.month, 'value'],
        ['day', `to_char(u.at, 'YYYY-MM-DD')`, scene.month, 'item'],
        ['month', `to_char(u.at, 'YYYY-MM')`, null, 'item'],
      ] as const) {
        const sums = await ledger(by, month);
        if (section === 'month') {
          for (const key of sums.keys()) if (key !== null && key > scene.month) sums.delete(key);
        }
        expect(told(section), section).toHaveLength(sums.size);
        for (const row of told(section)) {
          const name = named === 'value' ? `${row['value']} ${row['item']}` : row['item']!.replace(/^'/, '');
          const found = sums.get(name === '(no workflow)' ? null : name)!;
          const wanted = section === 'day' || section === 'month' ? {} : tokenCells(found);
          expect(row, `${client.name}, ${section} ${name}`).toMatchObject({ ...cells(found, client), ...wanted });
        }
      }
      const stamps = new Map(told('report').map((row) => [row['item'], row['value']]));
      expect(stamps.get('ledger_rows')).toBe(String(all.ledgerRows));
      expect(stamps.get('usd_per_unit_of_currency')).toBe(client.usdPerUnit);
      expect(stamps.get('data_as_of')).toBe(file.asOf.toISOString());
      const [value] = told('value');
      const leads = [...(await ledger('u.workflow_id::text')).values()].map(({ units }) => String(units));
      expect(leads).toContain(value!['units']);
      const hours = new Big(value!['units']!).times('6.25').div(60);
      const worth = hours.times(120_000).div(client.currency === 'JPY' ? 1 : 100);
      expect(value).toMatchObject({
        hours_saved: hours.toFixed(1),
        worth: worth.toFixed(client.currency === 'JPY' ? 0 : 2),
      });
      for (const canary of scene.canaries) expect(text).not.toContain(canary);
    }
  });

  it('PDF and CSV of a client have one entry in its chain, with their digests; none has a word of anybody else', async () => {
    const { files, failures } = await run({ tenantIds: ids(), formats: ['pdf', 'csv'] });
    expect(failures).toEqual([]);
    expect(files).toHaveLength(6);
    expect(readdirSync(folder()).toSorted()).toEqual(files.map((file) => path.basename(file.path)).toSorted());
    for (const client of scene.clients) {
      const theirs = files.filter(({ tenantId }) => tenantId === client.id);
      const entry = (await entries(client.id)).at(-1)!;
      expect(entry.login).toBe(operator.login);
      expect(entry.after).toMatchObject({
        month: scene.month,
        source: 'platform',
        files: theirs.map(({ path: name, bytes, sha256 }) => ({ format: path.extname(name).slice(1), bytes, sha256 })),
      });
      expect(entry.after).not.toHaveProperty('claimedAt');
      const pdf = theirs.find(({ path: name }) => name.endsWith('.pdf'))!;
      const { text, metadata, unpacked } = await pdfFacts(readFileSync(pdf.path));
      expect(text).toContain(client.currency === 'JPY' ? '¥' : client.currency === 'INR' ? '₹' : '€');
      for (const canary of scene.canaries) {
        for (const place of [text, metadata, unpacked]) expect(place, canary).not.toContain(canary);
      }
    }
  }, 60_000);

  it('a second export of the same month takes nobody’s name away', async () => {
    const [client] = scene.clients;
    const first = await run({ tenantIds: [client!.id] });
    const second = await run({ tenantIds: [client!.id, client!.id] });
    expect(second.files.map((file) => path.basename(file.path))).toEqual([`${client!.slug}-${scene.month} (2).csv`]);
    expect(readdirSync(folder())).toHaveLength(2);
    expect(first.files[0]!.path).not.toBe(second.files[0]!.path);
  });

  it('a client without usage and one of others are named; the rest is written', async () => {
    const quiet = await makeTenant(db, { name: 'Quiet' });
    const [client] = scene.clients;
    const { files, failures } = await run({
      tenantIds: [quiet.id, client!.id, '00000000-0000-4000-8000-000000000000'],
    });
    expect(files).toHaveLength(1);
    expect(failures.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([
      `Quiet: Quiet has no usage in ${scene.month}, so there is nothing to report.`,
      'A client that is not there: There is no such client among yours.',
    ]);
    expect(await entries(quiet.id)).toEqual([]);
  });

  it('where nothing can be written every client is told why, nothing is left and nothing audited', async () => {
    const before = (await entries(ids()[0]!)).length;
    writeFileSync(folder(), 'a file where the folder should be');
    const { files, failures } = await run({ tenantIds: ids() });
    expect(files).toEqual([]);
    expect(failures).toHaveLength(3);
    for (const { reason } of failures) expect(reason).toMatch(/can't be written to .*Choose another folder/);
    expect(await entries(ids()[0]!)).toHaveLength(before);
  });

  it('ends when its reader leaves: whole files with their entries, and no more', async () => {
    const many = Array.from({ length: 40 }, (_, index) => ids()[index % 3]!);
    const stream = await made.client.reports.export({ tenantIds: many, month: scene.month, formats: ['pdf', 'csv'] });
    await nextState(stream, ({ current }) => current !== null);
    await stream.return?.(undefined);
    // The next one may begin when the cancelled one has let go.
    await expect
      .poll(() => run({ tenantIds: [ids()[0]!] }).then(({ done }) => done, String), { timeout: 30_000 })
      .toBe(1);
    const left = readdirSync(folder());
    expect(left.filter((name) => name.includes('.part'))).toEqual([]);
    expect(left.filter((name) => name.endsWith('.pdf')).length, 'the first client’s at most').toBeLessThan(2);
  }, 60_000);
});

describe('without the platform', () => {
  const opened: (TestConsole | FaultProxy)[] = [];
  afterEach(async () => {
    for (let last = opened.pop(); last; last = opened.pop()) await ('console' in last ? last.console : last).close();
  });

  it('reports come from what was kept, with their age; the audit log hears of them once, with the time they were made', async () => {
    const proxy = await startFaultProxy(operator.url);
    const away = await openTestConsole({ ...operator, url: proxy.url, gatewayUrl: 'http://127.0.0.1:9' });
    opened.push(proxy, away);
    const [one, two] = scene.clients;
    await nextState(await away.client.session.watch(), ({ database }) => database.state === 'live');
    const shown = await away.client.reports.preview({ tenantId: one!.id, month: scene.month });
    const before = (await entries(one!.id)).length;

    proxy.set('refuse');
    await nextState(await away.client.session.watch(), ({ database }) => database.state === 'away');
    expect((await away.client.reports.preview({ tenantId: one!.id, month: scene.month })).figures).toEqual(
      shown.figures,
    );
    const unkept = away.client.reports.preview({ tenantId: two!.id, month: '2020-01' });
    await expect(unkept).rejects.toThrow(/platform is away, and nothing was kept/);
    const { files } = await run({ tenantIds: [one!.id] }, away);
    expect(files).toMatchObject([{ tenantId: one!.id, source: 'kept' }]);
    expect(await entries(one!.id)).toHaveLength(before);
    await nextState(await away.client.reports.outbox(), ({ waiting }) => waiting === 1);

    proxy.set('forward');
    await nextState(await away.client.session.watch(), ({ database }) => database.state === 'live');
    await nextState(await away.client.reports.outbox(), ({ waiting }) => waiting === 0);
    const told = await entries(one!.id);
    expect(told).toHaveLength(before + 1);
    const { source, asOf, claimedAt } = told.at(-1)!.after;
    expect(source).toBe('kept');
    expect(new Date(String(asOf))).toEqual(files[0]!.asOf);
    expect(Date.parse(String(claimedAt))).toBeGreaterThan(files[0]!.asOf.getTime());
  }, 60_000);
});

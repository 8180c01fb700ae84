import { createTestPrinter } from '../../../src-main/testing/test-printer.ts';
import type { TenantMonth } from '../../../src-main/contract/reports.ts';
import { systemClock } from '../../../src-main/infra/clock.ts';
import { createKnownSecrets } from '../../../src-main/infra/known-secrets.ts';
import { createJsonLogger } from '../../../src-main/infra/logger.ts';
import { createDatabase } from '../../../src-main/infra/postgres/database.ts';
import { reportCsv } from '../../../src-main/reports/report-csv.ts';
import { reportDocument } from '../../../src-main/reports/report-document.ts';
import { createReportFonts } from '../../../src-main/reports/report-fonts.ts';
import { reportHtml } from '../../../src-main/reports/report-html.ts';
import { createReportsRepository } from '../../../src-main/reports/reports-repository.ts';
import { fillLedger, startDatabase, tenantId } from '../frame/database.ts';
import type { BenchmarkResult } from '../frame/figure.ts';
import { measureRounds, overRounds } from '../frame/rounds.ts';
import { rounded } from '../frame/statistics.ts';
import { medianMs } from '../frame/timing.ts';
import type { Workbench } from '../frame/workbench.ts';

const TENANTS = 1000;
const PAGES = 20;
/** One total of the same month straight from the ledger: a report needs a dozen such. */
const FROM_LEDGER = `select workflow_id, model, count(*), sum(cost_nanousd) from platform.usage_records
  where tenant_id = $1 and occurred_at >= date_trunc('month', now()) - interval '1 month' and occurred_at < date_trunc('month', now()) group by 1, 2`;

/** A client's month as a dataset, beside `select 1` and one sum from the ledger; its CSV; one PDF, and twenty one after the other. */
export async function reports(bench: Workbench): Promise<BenchmarkResult> {
  const rows = bench.quick ? 200_000 : 1_000_000;
  const database = await startDatabase(bench, TENANTS);
  bench.say(`writing ${rows} rows of the ledger …`);
  await fillLedger(database, 1, rows, TENANTS);
  const asOperator = database.pool('operator');
  const console = createDatabase(
    database.url('operator'),
    createJsonLogger(() => undefined, systemClock, createKnownSecrets()),
  );
  bench.onClose(() => console.close());
  const repository = createReportsRepository(console);
  const month = (await repository.months())[1]?.month ?? '';
  const read = async (n: number): Promise<TenantMonth> => {
    const [data] = await repository.tenantMonths([tenantId(n)], month);
    if (data === undefined) throw new Error('The client has no dataset.');
    return data;
  };
  const measured = await measureRounds({
    contenders: {
      dataset: () => medianMs(20, () => read(7)),
      roundTrip: () => medianMs(20, () => asOperator.query('select 1')),
      ledger: () => medianMs(5, () => asOperator.query(FROM_LEDGER, [tenantId(7)])),
    },
    rounds: bench.quick ? 3 : 7,
    random: Math.random,
    signal: bench.signal,
  });

  const data = await read(7);
  const csvMs = await medianMs(20, async () => reportCsv(data));
  const printer = createTestPrinter();
  bench.onClose(() => printer.close());
  const fonts = createReportFonts();
  const print = (of: TenantMonth): Promise<Uint8Array> =>
    printer.print(reportHtml(reportDocument(of), fonts), bench.signal);
  const first = performance.now();
  const pdf = await print(data);
  const firstMs = performance.now() - first;
  const oneMs = await medianMs(5, () => print(data));
  const memoryBefore = residentMb();
  const begun = performance.now();
  for (let n = 1; n <= PAGES; n += 1) await print(await read(n));
  const twentySeconds = (performance.now() - begun) / 1000;
  return {
    figures: {
      'report-dataset': {
        ...overRounds(measured, ({ dataset }) => dataset),
        unit: 'ms for one client’s month, parsed',
        peers: {
          '× select 1': overRounds(measured, ({ dataset, roundTrip }) => dataset / roundTrip).value,
          'one sum of it from the ledger (ms)': overRounds(measured, ({ ledger }) => ledger).value,
        },
        conditions: `${rows} rows of ${TENANTS} clients`,
      },
      'report-csv': { value: rounded(csvMs), unit: 'ms for one CSV' },
      'report-pdf': {
        value: Math.round(oneMs),
        unit: 'ms for one PDF, Chromium running',
        peers: { 'with its start (ms)': Math.round(firstMs), bytes: pdf.length },
        goal: '≤ 1 MB',
        met: pdf.length <= 1_000_000,
      },
      'report-twenty-pdfs': {
        value: rounded(twentySeconds),
        unit: `s for ${PAGES} clients, dataset and PDF, one after the other`,
        goal: '≤ 12 (100 in 60)',
        met: twentySeconds <= 12,
        peers: { 'MB more in main': Math.round(residentMb() - memoryBefore) },
      },
    },
  };
}

const residentMb = (): number => process.memoryUsage().rss / 1_048_576;

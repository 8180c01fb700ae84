import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ReportExport } from '../contract/reports.ts';
import { createExportFolder } from '../infra/export-file.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { aTenantMonth } from '../testing/tenant-month.ts';
import { exportReports, type ReportExportParts } from './reports-export.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-reports-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const data = aTenantMonth();
const IDS = ['0b5a3c2e-6f2b-4c1d-9d0e-0c2f4f9b7a11', '0b5a3c2e-6f2b-4c1d-9d0e-0c2f4f9b7a12'];

/** Runs an export of both formats; `namesAtTell`: what lay in the folder when the audit log was told. */
async function run(over: Partial<ReportExportParts>, signal = new AbortController().signal) {
  let last: ReportExport | undefined;
  let namesAtTell: string[] = [];
  let id = 0;
  const parts: ReportExportParts = {
    source: {
      list: async () => ({ source: 'platform', asOf: new Date(), clients: [] }),
      dataset: async (tenantId) => ({
        data: { ...data, tenant: { ...data.tenant, id: tenantId } },
        source: 'platform',
      }),
    },
    makers: { csv: async () => 'csv', pdf: async () => 'pdf' },
    folder: createExportFolder(folder),
    outbox: { tell: async () => void (namesAtTell = readdirSync(folder)) },
    newId: () => `id ${(id += 1)}`,
    ...over,
  };
  const wish = { tenantIds: IDS, month: '2026-10', formats: ['pdf', 'csv'] as const };
  await exportReports(wish, parts, (state) => void (last = state), signal);
  return { last, namesAtTell };
}

it('files lie whole beside their names when the audit log is told, and have them afterwards', async () => {
  const { last, namesAtTell } = await run({});
  expect(namesAtTell.filter((name) => name.includes('.part'))).toHaveLength(2);
  expect(readdirSync(folder).toSorted()).toEqual(
    ['clinic-b-2026-10 (2).csv', 'clinic-b-2026-10 (2).pdf', 'clinic-b-2026-10.csv', 'clinic-b-2026-10.pdf'].toSorted(),
  );
  expect(last).toMatchObject({ done: 2, of: 2, current: null, failures: [] });
});

it('what the audit log refuses leaves no file', async () => {
  const tell = async (): Promise<void> => {
    throw new OperatorError('FORBIDDEN', 'Your role does not export reports.');
  };
  const { last } = await run({ outbox: { tell } });
  expect(readdirSync(folder)).toEqual([]);
  expect(last?.failures.map(({ reason }) => reason)).toEqual(Array(2).fill('Your role does not export reports.'));
});

it('all formats of a client or none; where the printer is gone the rest is not tried', async () => {
  let printed = 0;
  let told = 0;
  const { last } = await run({
    makers: {
      csv: async () => 'csv',
      pdf: async () => {
        printed += 1;
        throw new OperatorError('UNAVAILABLE', 'There is no Chromium to print with.');
      },
    },
    outbox: { tell: async () => void (told += 1) },
  });
  expect({ printed, told, left: readdirSync(folder) }).toEqual({ printed: 1, told: 0, left: [] });
  expect(last?.failures).toHaveLength(2);
});

it('cancelled, it leaves nothing of the client it was at', async () => {
  const leaving = new AbortController();
  const { last } = await run(
    {
      makers: {
        pdf: async () => 'pdf',
        csv: async () => {
          leaving.abort();
          return 'csv';
        },
      },
    },
    leaving.signal,
  );
  expect(readdirSync(folder)).toEqual([]);
  expect(last).toMatchObject({ done: 0, files: [], failures: [] });
});

import { implement } from '@orpc/server';
import type { BoardRow } from '../contract/board.ts';
import { contract } from '../contract/contract.ts';
import type { ReportFolder, ReportFolders } from '../contract/reports.ts';
import { reportDocument } from '../reports/report-document.ts';
import { aTenantMonth } from './tenant-month.ts';

const FOLDER: ReportFolder = { id: 'downloads', path: '/home/asha/Downloads' };
const FOLDERS: ReportFolders = {
  chosen: FOLDER,
  known: [FOLDER, { id: 'documents', path: '/home/asha/Documents' }],
  canChoose: false,
};

/** Reports of the pretend clients: last month of each, the same figures for all. */
export function createFakeReports(rows: ReadonlyMap<string, BoardRow>, started: Date) {
  const os = implement(contract).reports;
  const running = started.toISOString().slice(0, 7);
  let chosen = FOLDERS.chosen;
  return {
    months: os.months.handler(() => [
      { month: running, basis: 'running' as const },
      { month: '2026-10', basis: 'final' as const },
    ]),
    list: os.list.handler(() => ({
      source: 'platform' as const,
      asOf: new Date(),
      entries: [...rows.values()].map(({ tenantId, name, slug }, index) => ({
        tenantId,
        name,
        slug,
        currency: 'INR',
        colour: '#0f766e',
        calls: index % 5 === 4 ? null : 1000,
        costNanoUsd: index % 5 === 4 ? null : 14_567_890_123_456n,
        keptAsOf: null,
      })),
    })),
    preview: os.preview.handler(({ input }) => {
      const base = aTenantMonth();
      const name = rows.get(input.tenantId)?.name ?? base.brand.displayName;
      return reportDocument({ ...base, month: input.month, brand: { ...base.brand, displayName: name } });
    }),
    folders: os.folders.handler(() => ({ ...FOLDERS, chosen })),
    chooseFolder: os.chooseFolder.handler(({ input }) => {
      chosen = FOLDERS.known.find(({ id }) => id === input.id) ?? chosen;
      return { ...FOLDERS, chosen };
    }),
    export: os.export.handler(async function* ({ input }) {
      const files = input.tenantIds.map((tenantId) => ({
        tenantId,
        name: rows.get(tenantId)?.name ?? tenantId,
        path: `${chosen.path}/report.pdf`,
        bytes: 1000,
        sha256: '0'.repeat(64),
        asOf: started,
        source: 'platform' as const,
      }));
      yield { done: files.length, of: files.length, current: null, files, failures: [] };
    }),
    outbox: os.outbox.handler(async function* () {
      yield { waiting: 0 };
    }),
  };
}

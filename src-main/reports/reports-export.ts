import type { ReportExport, TenantMonth } from '../contract/reports.ts';
import type { ExportFile, ExportFolder } from '../infra/export-file.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { ExportOutbox } from './export-outbox.ts';
import type { ReportSource, SourcedMonth } from './report-source.ts';

export type ReportFormat = 'pdf' | 'csv';
/** Makes the file of a dataset. What fails is OperatorError UNAVAILABLE; aborted: throws the signal's reason. */
export type ReportMaker = (data: TenantMonth, signal: AbortSignal) => Promise<string | Uint8Array>;

export interface ReportExportWish {
  readonly tenantIds: readonly string[];
  readonly month: string;
  readonly formats: readonly ReportFormat[];
}

export interface ReportExportParts {
  readonly source: Pick<ReportSource, 'list' | 'dataset'>;
  readonly makers: Readonly<Record<ReportFormat, ReportMaker>>;
  readonly folder: ExportFolder;
  readonly outbox: Pick<ExportOutbox, 'tell'>;
  readonly newId: () => string;
}

/** Nothing was written for this client, and why. */
type Outcome = { readonly files: ReportExport['files'] } | { readonly reason: string; readonly hopeless: boolean };

/**
 * Writes the reports of clients, one client after the other: all formats of one, or none. Its files lie whole on the disk before the export
 * stands in the audit log, and have no name before it does: so no file is handed out without its entry, and a console that dies between the
 * two leaves an entry without files, never the other way round. Where the disk or the printer refuses, the rest is not tried.
 */
export async function exportReports(
  { tenantIds, month, formats }: ReportExportWish,
  parts: ReportExportParts,
  tell: (state: ReportExport) => void,
  signal: AbortSignal,
): Promise<void> {
  const wanted = [...new Set(tenantIds)];
  const names = await namesOf(parts.source, month);
  const files: ReportExport['files'] = [];
  const failures: ReportExport['failures'] = [];
  let hopeless: string | undefined;
  const state = (current: string | null): ReportExport => ({
    done: doneOf(files, failures),
    of: wanted.length,
    current,
    files: [...files],
    failures: [...failures],
  });
  for (const tenantId of wanted) {
    if (signal.aborted) return;
    const name = names.get(tenantId) ?? 'A client that is not there';
    tell(state(name));
    const outcome = hopeless === undefined ? await exportOne(tenantId, month, formats, parts, signal) : undefined;
    if (signal.aborted && outcome === undefined) return;
    if (outcome !== undefined && 'files' in outcome) files.push(...outcome.files);
    else failures.push({ tenantId, name, reason: outcome?.reason ?? hopeless ?? '' });
    if (outcome !== undefined && 'reason' in outcome && outcome.hopeless) hopeless = outcome.reason;
  }
  tell(state(null));
}

/** Without the platform there may be datasets where no list was kept yet. */
async function namesOf(source: Pick<ReportSource, 'list'>, month: string): Promise<Map<string, string>> {
  try {
    return new Map((await source.list(month)).clients.map(({ tenantId, name }) => [tenantId, name]));
  } catch (error) {
    if (error instanceof OperatorError && error.code === 'UNAVAILABLE') return new Map();
    throw error;
  }
}

const doneOf = (files: ReportExport['files'], failures: ReportExport['failures']): number =>
  new Set([...files, ...failures].map(({ tenantId }) => tenantId)).size;

/** Undefined: aborted. */
async function exportOne(
  tenantId: string,
  month: string,
  formats: readonly ReportFormat[],
  { source, makers, folder, outbox, newId }: ReportExportParts,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const made: { readonly format: ReportFormat; readonly file: ExportFile; readonly sha256: string }[] = [];
  const open: ExportFile[] = [];
  try {
    const found = await source.dataset(tenantId, month);
    refuseEmpty(found);
    const { data } = found;
    for (const format of new Set(formats)) {
      const content = await makers[format](data, signal);
      signal.throwIfAborted();
      const file = await folder.create(`${data.tenant.slug}-${month}.${format}`);
      open.push(file);
      await file.write(content);
      made.push({ format, file, sha256: await file.seal() });
    }
    signal.throwIfAborted();
    await outbox.tell(newId(), {
      tenantId,
      month,
      source: found.source,
      asOf: data.asOf,
      files: made.map(({ format, file: { bytes }, sha256 }) => ({ format, bytes, sha256 })),
    });
    for (const { file } of made) await file.finish();
    return {
      files: made.map(({ file, sha256 }) => {
        const { path, bytes } = file;
        return { tenantId, name: data.tenant.name, path, bytes, sha256, asOf: data.asOf, source: found.source };
      }),
    };
  } catch (error) {
    for (const file of open) await file.discard();
    if (signal.aborted) return undefined;
    if (!(error instanceof OperatorError)) throw error;
    return { reason: error.message, hopeless: error.code === 'UNAVAILABLE' };
  }
}

function refuseEmpty({ data }: SourcedMonth): void {
  if (data.ledgerRows > 0 || data.total.calls > 0 || data.counters.integrations > 0) return;
  throw new OperatorError(
    'NOT_FOUND',
    `${data.tenant.name} has no usage in ${data.month}, so there is nothing to report.`,
  );
}

import { useState, type ReactNode } from 'react';
import type { ReportExport as ExportState, ReportFolders } from '../../src-main/contract/reports.ts';
import { formatSince } from '../ui/format-instant.ts';
import { useLiveValue } from '../ui/live-value.ts';
import type { LongWork } from '../ui/long-work.ts';
import { WorkProgress } from '../ui/work-progress.tsx';
import { clients, fileSize, FOLDER_WORDS } from './report-words.ts';
import classes from './reports-page.module.css';

export type ReportFormat = 'pdf' | 'csv';

export interface ReportExportProps {
  work: LongWork<ExportState>;
  /** How many clients are chosen. */
  chosen: number;
  folders: ReportFolders | undefined;
  /** Takes a folder, or asks with the shell's dialog (null); its failure is a sentence. */
  chooseFolder: (id: ReportFolders['chosen']['id'] | null) => Promise<void>;
  onStart: (formats: ReportFormat[]) => void;
}

/** What goes where, how far it is, and what came of it. */
export function ReportExport({ work, chosen, folders, chooseFolder, onStart }: ReportExportProps): ReactNode {
  const state = useLiveValue(work.state);
  const [formats, setFormats] = useState<ReadonlySet<ReportFormat>>(new Set(['pdf']));
  const running = state.kind === 'running';
  const nothing = chosen === 0 ? 'Choose a client first' : formats.size === 0 ? 'Choose PDF or CSV first' : null;
  const box = (format: ReportFormat): ReactNode => (
    <label>
      <input
        type="checkbox"
        checked={formats.has(format)}
        onChange={({ currentTarget: { checked } }) => {
          setFormats((before) => new Set([...before].filter((one) => one !== format).concat(checked ? format : [])));
        }}
      />
      {format.toUpperCase()}
    </label>
  );
  return (
    <section className={classes['export']} aria-label="Export">
      <div className={classes['exportBar']}>
        {box('pdf')}
        {box('csv')}
        <FolderChoice folders={folders} chooseFolder={chooseFolder} />
        <button
          type="button"
          className="td-button"
          data-weight="strong"
          aria-disabled={nothing !== null || running}
          title={nothing ?? undefined}
          onClick={() => {
            if (nothing !== null || running) return;
            onStart((['pdf', 'csv'] as const).filter((format) => formats.has(format)));
          }}
        >
          {chosen === 0 ? 'Export' : `Export ${clients(chosen)}`}
        </button>
      </div>
      {running ? (
        <WorkProgress
          label="Export"
          part={state.progress ? state.progress.done / Math.max(1, state.progress.of) : null}
          onCancel={() => work.cancel()}
        >
          {state.progress
            ? `${state.progress.done} of ${clients(state.progress.of)}${state.progress.current === null ? '' : ` · ${state.progress.current}`}`
            : 'Export begins'}
        </WorkProgress>
      ) : null}
      <output className={classes['outcome']} aria-label="Result of the export">
        {state.kind === 'cancelled'
          ? 'The export was cancelled. Files that were whole by then stay; no half one is left.'
          : null}
        {state.kind === 'failed' ? `There is no export: ${state.reason}` : null}
        {state.kind === 'done' ? <Outcome result={state.result} /> : null}
      </output>
    </section>
  );
}

function FolderChoice({ folders, chooseFolder }: Pick<ReportExportProps, 'folders' | 'chooseFolder'>): ReactNode {
  const [trouble, setTrouble] = useState<string | null>(null);
  if (!folders) return null;
  const choose = (id: ReportFolders['chosen']['id'] | null): void => {
    setTrouble(null);
    chooseFolder(id).catch((error: unknown) => setTrouble(error instanceof Error ? error.message : String(error)));
  };
  return (
    <>
      <label className={classes['folder']} title={folders.chosen.path}>
        into
        <select
          aria-label="Folder"
          value={folders.chosen.id}
          onChange={({ currentTarget: { value } }) => {
            const found = folders.known.find(({ id }) => id === value);
            if (found) choose(found.id);
          }}
        >
          {folders.known.map(({ id, path }) => (
            <option key={id} value={id}>
              {FOLDER_WORDS[id]} · {path}
            </option>
          ))}
        </select>
      </label>
      {folders.canChoose ? (
        <button type="button" className="td-button" onClick={() => choose(null)}>
          Other folder…
        </button>
      ) : null}
      {trouble === null ? null : <span role="alert">{trouble}</span>}
    </>
  );
}

function Outcome({ result: { files, failures } }: { result: ExportState }): ReactNode {
  return (
    <>
      <p>
        {files.length === 0
          ? 'No file was written.'
          : `${files.length} ${files.length === 1 ? 'file' : 'files'} written.`}
        {failures.length > 0 ? ` ${clients(failures.length)} without a file:` : ''}
      </p>
      <ul className={classes['files']}>
        {failures.map(({ tenantId, name, reason }) => (
          <li key={`failed ${tenantId}`} className={classes['failure']}>
            <b>{name}</b>: {reason}
          </li>
        ))}
        {files.map(({ path, name, bytes, asOf, source, sha256 }) => (
          <li key={path}>
            <b>{name}</b> <span className={classes['path']}>{path}</span>{' '}
            <small title={`SHA-256 ${sha256}`}>
              {fileSize(bytes)} · data as of {formatSince(asOf)}
              {source === 'kept' ? ', from the copy kept here' : ''}
            </small>
          </li>
        ))}
      </ul>
    </>
  );
}

import { useState, type ReactNode } from 'react';
import type { AuditExport as ExportState } from '../../src-main/contract/audit.ts';
import { useLiveValue } from '../ui/live-value.ts';
import type { LongWork } from '../ui/long-work.ts';
import { WorkProgress } from '../ui/work-progress.tsx';
import classes from './audit-page.module.css';

export type ExportFormat = 'jsonl' | 'csv';

export interface AuditExportProps {
  work: LongWork<ExportState>;
  /** What is exported, in words: "everything you may see". */
  what: string;
  onStart: (format: ExportFormat) => void;
}

const number = new Intl.NumberFormat('en-IN');

/** Entries with their hashes into a file, for others to verify. */
export function AuditExport({ work, what, onStart }: AuditExportProps): ReactNode {
  const state = useLiveValue(work.state);
  const [open, setOpen] = useState(false);
  if (state.kind === 'running') {
    const { progress } = state;
    const part = progress && progress.chainsTotal > 0 ? progress.chains / progress.chainsTotal : null;
    return (
      <WorkProgress label="Export" part={part} onCancel={() => work.cancel()}>
        {progress ? `${number.format(progress.entries)} entries written` : 'Export begins'}
      </WorkProgress>
    );
  }
  return (
    <div className={classes['export']}>
      {open ? (
        <>
          <span>Export {what} as</span>
          <button type="button" className="td-button" onClick={() => onStart('jsonl')}>
            JSON Lines
          </button>
          <button type="button" className="td-button" onClick={() => onStart('csv')}>
            CSV
          </button>
          <button type="button" className="td-link" onClick={() => setOpen(false)}>
            Close
          </button>
        </>
      ) : (
        <button type="button" className="td-button" onClick={() => setOpen(true)}>
          Export…
        </button>
      )}
      <output className={classes['outcome']}>
        {state.kind === 'done' ? <Written file={state.result} /> : null}
        {state.kind === 'cancelled' ? 'The export was cancelled; no file was left.' : null}
        {state.kind === 'failed' ? `There is no export: ${state.reason}` : null}
      </output>
    </div>
  );
}

function Written({ file: { file, entries, sha256 } }: { file: ExportState }): ReactNode {
  return (
    <>
      {number.format(entries)} entries written to <b className={classes['path']}>{file}</b>
      <small title="SHA-256 of the file: whoever you give it to can compare">SHA-256 {sha256.slice(0, 16)}…</small>
    </>
  );
}

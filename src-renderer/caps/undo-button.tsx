import { useEffect, useState, type ReactNode } from 'react';
import { formatUsd } from '../ui/format-usd.ts';
import { useLiveValue } from '../ui/live-value.ts';
import type { CapChanges } from './cap-changes.ts';
import classes from './cap-note.module.css';

export interface UndoButtonProps {
  capId: string;
  clientName: string;
  /** Of the cap as it is now: when somebody else changed it there is nothing to undo. */
  version: number;
  changes: CapChanges;
}

const SECOND_MS = 1_000;

/** Seconds in which the operator's last change of this cap can be undone, redrawn as they pass; 0: it can't. */
export function useUndoSeconds(changes: CapChanges, capId: string, version: number): number {
  useLiveValue(changes.of(capId));
  const [, redraw] = useState(0);
  const leftMs = changes.undoLeftMs(capId, version);
  useEffect(() => {
    if (leftMs <= 0) return undefined;
    const timer = setTimeout(() => redraw((count) => count + 1), (leftMs % SECOND_MS) + 5);
    return () => clearTimeout(timer);
  });
  return Math.floor(leftMs / SECOND_MS);
}

/** "Undo (27 s)" beside a cap that the operator just changed; nothing else. */
export function UndoButton({ capId, clientName, version, changes }: UndoButtonProps): ReactNode {
  const seconds = useUndoSeconds(changes, capId, version);
  const change = changes.of(capId).get();
  if (seconds === 0 || change?.state !== 'done') return null;
  const before = formatUsd(change.result.previousLimitNanoUsd);
  return (
    <button
      type="button"
      className={`td-link ${classes['undo']}`}
      data-control="true"
      aria-label={`Undo the change of the cap of ${clientName}: back to ${before}`}
      aria-keyshortcuts="U"
      title={`Back to ${before} (U)`}
      onClick={() => changes.undo(capId, version)}
    >
      Undo ({seconds} s)
    </button>
  );
}

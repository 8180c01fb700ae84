import { useEffect, useState, type ReactNode } from 'react';
import { formatUsd } from '../ui/format-usd.ts';
import { useLiveValue } from '../ui/live-value.ts';
import type { CapChange, CapChanges } from './cap-changes.ts';
import { capNoun } from './cap-standing.ts';
import type { CapTarget } from './cap-target.ts';
import classes from './cap-note.module.css';

export interface UndoButtonProps {
  /** The cap as it is now: when somebody else changed it there is nothing to undo. */
  target: Pick<CapTarget, 'capId' | 'clientName' | 'period' | 'version'>;
  changes: CapChanges;
  /** Beside a figure that is not this cap's: the words name which it is. */
  apart?: boolean;
}

const SECOND_MS = 1_000;
const NO_CHANGE = { get: () => null, subscribe: () => () => undefined };

/** Seconds in which the operator's last change of this cap can be undone, redrawn as they pass; 0: it can't, or there is no cap. */
export function useUndoSeconds(changes: CapChanges, cap: Pick<CapTarget, 'capId' | 'version'> | null): number {
  useLiveValue<CapChange | null>(cap === null ? NO_CHANGE : changes.of(cap.capId));
  const [, redraw] = useState(0);
  const leftMs = cap === null ? 0 : changes.undoLeftMs(cap.capId, cap.version);
  useEffect(() => {
    if (leftMs <= 0) return undefined;
    const timer = setTimeout(() => redraw((count) => count + 1), (leftMs % SECOND_MS) + 5);
    return () => clearTimeout(timer);
  });
  return Math.floor(leftMs / SECOND_MS);
}

/** "Undo (27 s)" beside a cap that the operator just changed; nothing else. */
export function UndoButton({ target, changes, apart = false }: UndoButtonProps): ReactNode {
  const { capId, clientName, period, version } = target;
  const seconds = useUndoSeconds(changes, target);
  const change = changes.of(capId).get();
  if (seconds === 0 || change?.state !== 'done') return null;
  const before = formatUsd(change.result.previousLimitNanoUsd);
  return (
    <button
      type="button"
      className={`td-link ${classes['undo']}`}
      data-control="true"
      aria-label={`Undo the change of the ${capNoun(period)} of ${clientName}: back to ${before}`}
      aria-keyshortcuts="U"
      title={`Back to ${before} (U)`}
      onClick={() => changes.undo(capId, version)}
    >
      Undo{apart ? ` ${period === 'day' ? 'daily' : 'monthly'}` : ''} ({seconds} s)
    </button>
  );
}

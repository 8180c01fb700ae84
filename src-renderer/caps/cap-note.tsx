import { useEffect, useState, type ReactNode } from 'react';
import type { BoardRow } from '../../src-main/contract/board.ts';
import { formatUsd } from '../ui/format-usd.ts';
import { useLiveValue } from '../ui/live-value.ts';
import type { CapChanges } from './cap-changes.ts';
import { overrideWords } from './cap-words.ts';
import { UndoButton, useUndoSeconds } from './undo-button.tsx';
import classes from './cap-note.module.css';

const SHOWN_MS = 20_000;

export interface CapNoteProps {
  clientName: string;
  cap: Pick<NonNullable<BoardRow['cap']>, 'capId' | 'version' | 'override'>;
  timeZone: string;
  changes: CapChanges;
  nowMs: () => number;
}

/**
 * Under a cap, where the operator looks: the undo of the change just made, else what the cap was before a change that
 * can't be undone, for twenty seconds, else what a temporary raise adds to it.
 */
export function CapNote({ clientName, cap, timeZone, changes, nowMs }: CapNoteProps): ReactNode {
  const { capId, version, override } = cap;
  const change = useLiveValue(changes.of(capId));
  const undoSeconds = useUndoSeconds(changes, capId, version);
  const [, redraw] = useState(0);
  const endsMs = change?.state === 'done' ? change.atMs + SHOWN_MS : null;
  useEffect(() => {
    if (endsMs === null) return undefined;
    const timer = setTimeout(() => redraw((count) => count + 1), Math.max(0, endsMs - nowMs()) + 20);
    return () => clearTimeout(timer);
  }, [endsMs, nowMs]);
  if (undoSeconds > 0) {
    return <UndoButton capId={capId} clientName={clientName} version={version} changes={changes} />;
  }
  if (change?.state === 'done' && endsMs !== null && nowMs() <= endsMs) {
    const { previousLimitNanoUsd: before, limitNanoUsd: after, warning } = change.result;
    if (before !== after) {
      return (
        <output className={classes['note']} data-warning={warning ?? undefined}>
          was {formatUsd(before)}
        </output>
      );
    }
  }
  if (override === null) return null;
  return (
    <span className={classes['override']} title={overrideWords(cap, timeZone) ?? undefined}>
      incl. +{formatUsd(override.amountNanoUsd)}
    </span>
  );
}

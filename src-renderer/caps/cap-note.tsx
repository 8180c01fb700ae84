import { useEffect, useState, type ReactNode } from 'react';
import { formatUsd } from '../ui/format-usd.ts';
import { useLiveValue } from '../ui/live-value.ts';
import type { CapChanges } from './cap-changes.ts';
import type { CapStanding } from './cap-standing.ts';
import { overrideWords } from './cap-words.ts';
import { UndoButton, useUndoSeconds } from './undo-button.tsx';
import classes from './cap-note.module.css';

const SHOWN_MS = 20_000;

export interface CapNoteProps {
  clientName: string;
  standing: CapStanding;
  /** The client's other cap; null: none. A change of it may have turned the row to this one. */
  other: CapStanding | null;
  /** Said when there is nothing else to say: the client's other cap, or of which period this one is. */
  rest: string | null;
  timeZone: string;
  changes: CapChanges;
  nowMs: () => number;
}

/**
 * Under a cap, where the operator looks: the undo of the change just made, of this cap or the other, else what the cap was before a change that
 * can't be undone, for twenty seconds, else what a temporary raise adds to it, else the rest.
 */
export function CapNote({ clientName, standing, other, rest, timeZone, changes, nowMs }: CapNoteProps): ReactNode {
  const { cap, period } = standing;
  const { capId, version, override } = cap;
  const change = useLiveValue(changes.of(capId));
  const undoSeconds = useUndoSeconds(changes, cap);
  const otherSeconds = useUndoSeconds(changes, other?.cap ?? null);
  const [, redraw] = useState(0);
  const endsMs = change?.state === 'done' ? change.atMs + SHOWN_MS : null;
  useEffect(() => {
    if (endsMs === null) return undefined;
    const timer = setTimeout(() => redraw((count) => count + 1), Math.max(0, endsMs - nowMs()) + 20);
    return () => clearTimeout(timer);
  }, [endsMs, nowMs]);
  if (undoSeconds > 0) {
    return <UndoButton target={{ capId, clientName, period, version }} changes={changes} />;
  }
  if (otherSeconds > 0 && other !== null) {
    return <UndoButton target={{ ...other.cap, period: other.period, clientName }} changes={changes} apart />;
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
  if (override === null) return rest === null ? null : <span className={classes['override']}>{rest}</span>;
  return (
    <span className={classes['override']} title={overrideWords(cap, timeZone) ?? undefined}>
      incl. +{formatUsd(override.amountNanoUsd)}
    </span>
  );
}

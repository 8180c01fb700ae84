import { useEffect, useState, type ReactNode } from 'react';
import { formatUsd } from '../ui/format-usd.ts';
import { useLiveValue } from '../ui/live-value.ts';
import type { CapChanges } from './cap-changes.ts';
import classes from './cap-note.module.css';

const SHOWN_MS = 20_000;

export interface CapNoteProps {
  capId: string;
  changes: CapChanges;
  nowMs: () => number;
}

/** Under a cap that just changed: what it was. The change shows where the operator looks, for twenty seconds. */
export function CapNote({ capId, changes, nowMs }: CapNoteProps): ReactNode {
  const change = useLiveValue(changes.of(capId));
  const [, redraw] = useState(0);
  const endsMs = change?.state === 'done' ? change.atMs + SHOWN_MS : null;
  useEffect(() => {
    if (endsMs === null) return undefined;
    const timer = setTimeout(() => redraw((count) => count + 1), Math.max(0, endsMs - nowMs()) + 20);
    return () => clearTimeout(timer);
  }, [endsMs, nowMs]);
  if (change?.state !== 'done' || endsMs === null || nowMs() > endsMs) return null;
  return (
    <output className={classes['note']} data-warning={change.result.warning ?? undefined}>
      was {formatUsd(change.result.previousLimitNanoUsd)}
    </output>
  );
}

import type { ReactNode } from 'react';
import { formatSince } from '../ui/format-instant.ts';
import { formatChange, formatUsd } from '../ui/format-usd.ts';
import { StateMark } from '../ui/state-mark.tsx';
import type { CapChange, CapChanges, CapIntent } from './cap-changes.ts';
import { raisedByPercent } from './cap-entry.ts';
import classes from './cap-outcome.module.css';

export interface CapOutcomeProps {
  change: CapChange | null;
  changes: CapChanges;
  capId: string;
}

/** How a change of a cap ended, in its place, with what can be done now. */
export function CapOutcome({ change, changes, capId }: CapOutcomeProps): ReactNode {
  if (change === null) return null;
  switch (change.state) {
    case 'pending':
      return (
        <div className={classes['outcome']} role="status">
          <StateMark shape="dashed" tone="idle" />
          <p>Asking the database…</p>
        </div>
      );
    case 'done': {
      const { previousLimitNanoUsd: before, limitNanoUsd: after, warning } = change.result;
      const percent = formatChange(before, after);
      return (
        <div className={classes['outcome']} role="status">
          <StateMark shape={warning === null ? 'circle' : 'triangle'} tone={warning === null ? 'calm' : 'warn'} />
          <p>
            Cap {formatUsd(before)} → <b>{formatUsd(after)}</b>
            {percent === null ? '' : `, ${percent}`}.
            {warning === null
              ? ''
              : ' More than that is committed: every call is refused until a raise or the period’s end.'}
          </p>
        </div>
      );
    }
    case 'conflict': {
      const { theirs, seen, intent } = change;
      const wanted = intent.kind === 'set' ? intent.limitNanoUsd : raisedByPercent(theirs.limitNanoUsd, intent.percent);
      return (
        <div className={classes['outcome']} role="alert">
          <StateMark shape="triangle" tone="warn" />
          <div>
            <p>
              {theirs.by ?? 'Another operator'} changed this cap
              {theirs.at ? ` at ${formatSince(theirs.at, new Date())}` : ''}: it is{' '}
              <b>{formatUsd(theirs.limitNanoUsd)}</b> now. You saw {formatUsd(seen.limitNanoUsd)} and asked for{' '}
              {wish(intent)}.
            </p>
            <div className={classes['choices']}>
              <button type="button" className="td-button" onClick={() => changes.dismiss(capId)}>
                Keep {formatUsd(theirs.limitNanoUsd)}
              </button>
              <button type="button" className="td-button" onClick={() => changes.applyMine(capId)}>
                {intent.kind === 'set' ? 'Set to' : `${wish(intent)}, to`} {formatUsd(wanted)}
              </button>
            </div>
          </div>
        </div>
      );
    }
    case 'refused':
      return (
        <div className={classes['outcome']} role="alert">
          <StateMark shape="triangle" tone="warn" />
          <div>
            <p>{change.sentence}</p>
            <button type="button" className="td-link" onClick={() => changes.dismiss(capId)}>
              Understood
            </button>
          </div>
        </div>
      );
    case 'unanswered':
      return (
        <div className={classes['outcome']} role="alert">
          <StateMark shape="dashed" tone="warn" />
          <div>
            <p>
              The line broke before the answer came, so the cap may have changed or not. Asking again can’t change it
              twice.
            </p>
            <button type="button" className="td-button" onClick={() => changes.sendAgain(capId)}>
              Ask again
            </button>
          </div>
        </div>
      );
  }
}

function wish(intent: CapIntent): string {
  return intent.kind === 'set' ? formatUsd(intent.limitNanoUsd) : `+${intent.percent} %`;
}

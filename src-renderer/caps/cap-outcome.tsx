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
  if (change.state === 'pending') {
    return (
      <output className={classes['outcome']}>
        <StateMark shape="dashed" tone="idle" />
        <span>Asking the database…</span>
      </output>
    );
  }
  if (change.state === 'done') return <Done change={change} />;
  return (
    <div className={classes['outcome']} role="alert">
      <StateMark shape={change.state === 'unanswered' ? 'dashed' : 'triangle'} tone="warn" />
      <div>
        {change.state === 'conflict' ? <Conflict change={change} changes={changes} capId={capId} /> : null}
        {change.state === 'refused' ? (
          <>
            <p>{change.sentence}</p>
            <button type="button" className="td-link" onClick={() => changes.dismiss(capId)}>
              Understood
            </button>
          </>
        ) : null}
        {change.state === 'unanswered' ? (
          <>
            <p>
              The line broke before the answer came, so the cap may have changed or not. Asking again can’t change it
              twice.
            </p>
            <button type="button" className="td-button" onClick={() => changes.sendAgain(capId)}>
              Ask again
            </button>
          </>
        ) : null}
      </div>
    </div>
  );
}

function Done({ change }: { change: CapChange & { state: 'done' } }): ReactNode {
  const { previousLimitNanoUsd: before, limitNanoUsd: after, warning } = change.result;
  const percent = formatChange(before, after);
  return (
    <output className={classes['outcome']}>
      <StateMark shape={warning === null ? 'circle' : 'triangle'} tone={warning === null ? 'calm' : 'warn'} />
      <span>
        Cap {formatUsd(before)} → <b>{formatUsd(after)}</b>
        {percent === null ? '' : `, ${percent}`}.
        {warning === null
          ? ''
          : ' More than that is committed: every call is refused until a raise or the period’s end.'}
      </span>
    </output>
  );
}

interface ConflictProps {
  change: CapChange & { state: 'conflict' };
  changes: CapChanges;
  capId: string;
}

function Conflict({ change, changes, capId }: ConflictProps): ReactNode {
  const { theirs, seen, intent } = change;
  const mine = intent.kind === 'set' ? intent.limitNanoUsd : raisedByPercent(theirs.limitNanoUsd, intent.percent);
  return (
    <>
      <p>
        {theirs.by ?? 'Another operator'} changed this cap{theirs.at ? ` at ${formatSince(theirs.at)}` : ''}: it is{' '}
        <b>{formatUsd(theirs.limitNanoUsd)}</b> now. You saw {formatUsd(seen.limitNanoUsd)} and asked for {wish(intent)}
        .
      </p>
      <div className={classes['choices']}>
        <button type="button" className="td-button" onClick={() => changes.dismiss(capId)}>
          Keep {formatUsd(theirs.limitNanoUsd)}
        </button>
        <button type="button" className="td-button" onClick={() => changes.applyMine(capId)}>
          {intent.kind === 'set' ? 'Set to' : `${wish(intent)}, to`} {formatUsd(mine)}
        </button>
      </div>
    </>
  );
}

function wish(intent: CapIntent): string {
  return intent.kind === 'set' ? formatUsd(intent.limitNanoUsd) : `+${intent.percent} %`;
}

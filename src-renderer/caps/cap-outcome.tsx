import type { ReactNode } from 'react';
import { formatInZone, formatSince } from '../ui/format-instant.ts';
import { formatChange, formatUsd } from '../ui/format-usd.ts';
import { StateMark } from '../ui/state-mark.tsx';
import type { CapChange, CapChanges } from './cap-changes.ts';
import { raisedByPercent } from './cap-entry.ts';
import { capNoun } from './cap-standing.ts';
import type { CapTarget } from './cap-target.ts';
import classes from './cap-outcome.module.css';

export interface CapOutcomeProps {
  change: CapChange | null;
  changes: CapChanges;
  target: CapTarget;
  /** The button that takes it back, as long as that can be done. */
  undo: ReactNode;
}

/** How a change of a cap ended, in its place, with what can be done now. */
export function CapOutcome({ change, changes, target, undo }: CapOutcomeProps): ReactNode {
  const { capId } = target;
  if (change === null) return null;
  if (change.state === 'pending') {
    return (
      <output className={classes['outcome']}>
        <StateMark shape="dashed" tone="idle" />
        <span>Asking the database…</span>
      </output>
    );
  }
  if (change.state === 'done') return <Done change={change} target={target} undo={undo} />;
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

interface DoneProps {
  change: CapChange & { state: 'done' };
  target: CapTarget;
  undo: ReactNode;
}

function Done({ change, target, undo }: DoneProps): ReactNode {
  const { warning, waiting } = change.result;
  if (waiting !== null) {
    return (
      <div className={classes['outcome']}>
        <StateMark shape="dashed" tone="warn" />
        <output>
          {formatUsd(waiting.amountNanoUsd)} more passes your limit of 24 hours, so it waits for a second person until{' '}
          {formatInZone(waiting.expiresAt, target.timeZone)}. The cap is unchanged.
        </output>
      </div>
    );
  }
  return (
    <div className={classes['outcome']}>
      <StateMark shape={warning === null ? 'circle' : 'triangle'} tone={warning === null ? 'calm' : 'warn'} />
      <span>
        <output>
          <DoneWords change={change} target={target} />
          {warning === null
            ? ''
            : ` More than that is committed: every call is refused until a raise or the ${target.period === 'day' ? 'day' : 'period'}’s end.`}
        </output>{' '}
        {undo}
      </span>
    </div>
  );
}

function DoneWords({ change, target }: Omit<DoneProps, 'undo'>): ReactNode {
  const { intent, result } = change;
  const { previousLimitNanoUsd: before, limitNanoUsd: after, overrideNanoUsd, endsAt } = result;
  const inForce = <b>{formatUsd(after + overrideNanoUsd)}</b>;
  if (intent.kind === 'override') {
    const ends = endsAt ? formatInZone(endsAt, target.timeZone) : 'it is removed';
    return (
      <>
        Raised by {formatUsd(intent.amountNanoUsd)} until {ends}: {inForce} now.
      </>
    );
  }
  if (intent.kind === 'remove') {
    return (
      <>
        Temporary raise of {formatUsd(intent.amountNanoUsd)} removed: {inForce} now.
      </>
    );
  }
  const percent = formatChange(before, after);
  const noun = capNoun(target.period);
  return (
    <>
      {intent.kind === 'undo' ? `Undone: ${noun}` : noun.replace(/^./, (first) => first.toUpperCase())}{' '}
      {formatUsd(before)} → <b>{formatUsd(after)}</b>
      {percent === null ? '' : `, ${percent}`}.
    </>
  );
}

interface ConflictProps {
  change: CapChange & { state: 'conflict' };
  changes: CapChanges;
  capId: string;
}

function Conflict({ change, changes, capId }: ConflictProps): ReactNode {
  const { theirs, seen, intent } = change;
  return (
    <>
      <p>
        {theirs.by ?? 'Another operator'} changed this cap{theirs.at ? ` at ${formatSince(theirs.at)}` : ''}: it is{' '}
        <b>{capText(theirs)}</b> now. You saw {capText(seen)} and asked for {wish(intent)}.
      </p>
      <div className={classes['choices']}>
        <button type="button" className="td-button" onClick={() => changes.dismiss(capId)}>
          Keep {capText(theirs)}
        </button>
        <button type="button" className="td-button" onClick={() => changes.applyMine(capId)}>
          {mine(intent, theirs.limitNanoUsd)}
        </button>
      </div>
    </>
  );
}

type Contested = (CapChange & { state: 'conflict' })['intent'];

/** "$25.00", "$25.00 and $5.00 for a time". */
function capText({ limitNanoUsd, overrideNanoUsd }: { limitNanoUsd: bigint; overrideNanoUsd: bigint }): string {
  return `${formatUsd(limitNanoUsd)}${overrideNanoUsd === 0n ? '' : ` and ${formatUsd(overrideNanoUsd)} for a time`}`;
}

function wish(intent: Contested): string {
  if (intent.kind === 'set') return formatUsd(intent.limitNanoUsd);
  return intent.kind === 'percent' ? `+${intent.percent} %` : `${formatUsd(intent.amountNanoUsd)} more for a time`;
}

function mine(intent: Contested, theirLimit: bigint): string {
  if (intent.kind === 'set') return `Set to ${formatUsd(intent.limitNanoUsd)}`;
  if (intent.kind === 'percent') return `${wish(intent)}, to ${formatUsd(raisedByPercent(theirLimit, intent.percent))}`;
  return `Raise by ${formatUsd(intent.amountNanoUsd)} all the same`;
}

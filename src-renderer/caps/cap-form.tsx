import { SegmentedControl } from '@mantine/core';
import { useId, useState, type ReactNode } from 'react';
import type { OverrideEnd } from '../../src-main/contract/caps.ts';
import { formatChange, formatUsd } from '../ui/format-usd.ts';
import { useLiveValue } from '../ui/live-value.ts';
import type { CapChanges, CapIntent } from './cap-changes.ts';
import { raisedByPercent, readCapEntry, type CapEntry, type EntryMode } from './cap-entry.ts';
import { CapOutcome } from './cap-outcome.tsx';
import type { CapPermission } from './cap-permission.ts';
import type { CapTarget } from './cap-target.ts';
import { capNoun } from './cap-standing.ts';
import { OverrideEndField } from './override-end.tsx';
import { UndoButton } from './undo-button.tsx';
import classes from './cap-form.module.css';

export interface CapFormProps {
  target: CapTarget;
  changes: CapChanges;
  permission: CapPermission;
  /** Committed now; asked when needed, so that live figures don't redraw the form. */
  committed: () => bigint | null;
  takeFocus?: boolean;
}

/** Every way to change a cap: by 10 or 25 percent, by an amount, for a time, to a new value. The same on the row and in the panel. */
export function CapForm({ target, changes, permission, committed, takeFocus = false }: CapFormProps): ReactNode {
  const change = useLiveValue(changes.of(target.capId));
  const [mode, setMode] = useState<EntryMode>('new');
  const [end, setEnd] = useState<OverrideEnd>({ until: 'period_end' });
  const [text, setText] = useState('');
  const [asked, setAsked] = useState(false);
  const [tried, setTried] = useState(false);
  const helpId = useId();
  const reasonId = useId();
  const busy = change?.state === 'pending';

  const { limitNanoUsd, overrideNanoUsd } = target;
  const entry = readCapEntry(text, mode, { limitNanoUsd, overrideNanoUsd, committedNanoUsd: committed() }, end);
  const lowers = entry.kind === 'valid' && entry.limitNanoUsd < target.limitNanoUsd;
  const forbidden = lowers ? permission.lower : permission.raise;
  const blocked = permission.raise !== null && permission.lower !== null ? permission.raise : null;

  function send(intent: CapIntent): void {
    if (changes.change(target, intent)) {
      setText('');
      setAsked(false);
      setTried(false);
    }
  }

  function submit(): void {
    setTried(true);
    if (busy || blocked !== null || entry.kind === 'invalid' || forbidden !== null) return;
    if (entry.confirm !== null && !asked) setAsked(true);
    else send(entry.intent);
  }

  return (
    <form
      className={classes['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className={classes['quick']}>
        {[10, 25].map((percent) => (
          <button
            key={percent}
            type="button"
            className="td-button"
            aria-disabled={busy || permission.raise !== null}
            aria-describedby={permission.raise === null ? undefined : reasonId}
            onClick={(event) => {
              if (permission.raise === null && event.detail < 2) send({ kind: 'percent', percent });
            }}
          >
            +{percent} %<small>{formatUsd(raisedByPercent(target.limitNanoUsd, percent))}</small>
            <span className="td-unseen">
              : raise {capNoun(target.period)} of {target.clientName}
            </span>
          </button>
        ))}
      </div>
      <div className={classes['entry']}>
        <SegmentedControl
          size="xs"
          aria-label="What the amount means"
          value={mode}
          disabled={blocked !== null}
          onChange={(value) => {
            setMode(MODES.find((known) => known.value === value)?.value ?? 'new');
            setAsked(false);
          }}
          data={MODES}
        />
        <span className={classes['amount']}>
          <span aria-hidden="true">$</span>
          <input
            type="text"
            inputMode="decimal"
            autoComplete="off"
            aria-label={amountLabel(mode, target)}
            aria-invalid={tried && entry.kind === 'invalid'}
            aria-describedby={helpId}
            disabled={blocked !== null}
            data-autofocus={takeFocus || undefined}
            value={text}
            onKeyDown={(event) => {
              // Neither a held key nor a double click answers the question that the first one asked.
              if (event.key === 'Enter' && event.repeat) event.preventDefault();
            }}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setAsked(false);
              setTried(false);
            }}
          />
        </span>
        <button
          type="submit"
          className="td-button"
          data-weight={asked ? undefined : 'strong'}
          data-asked={asked}
          onClick={(event) => {
            if (event.detail > 1) event.preventDefault();
          }}
          aria-disabled={busy || blocked !== null}
        >
          {asked && entry.kind === 'valid' && entry.confirm !== null ? entry.confirm.button : SUBMIT[mode]}
        </button>
      </div>
      {mode === 'time' ? (
        <OverrideEndField target={target} end={end} disabled={blocked !== null} onEnd={setEnd} />
      ) : null}
      <p
        id={helpId}
        className={classes['help']}
        aria-live="polite"
        data-kind={helpKind(tried, asked, entry.kind, forbidden)}
      >
        {help()}
      </p>
      {blocked === null && permission.raise === null ? null : (
        <p id={reasonId} className={classes['reason']}>
          {permission.raise}
        </p>
      )}
      <CapOutcome
        change={change}
        changes={changes}
        target={target}
        undo={<UndoButton target={target} changes={changes} />}
      />
    </form>
  );

  function help(): string {
    if (text.trim() === '' && !tried) {
      const more = overrideNanoUsd === 0n ? '' : ` and ${formatUsd(overrideNanoUsd)} for a time`;
      return `Now ${formatUsd(limitNanoUsd)} a ${target.period}${more}. The gateway obeys within a quarter of a second.`;
    }
    if (entry.kind === 'invalid') return tried || /^\s*[-−]/.test(text) ? entry.sentence : 'An amount in US dollars.';
    if (forbidden !== null) return forbidden;
    return preview(entry, target);
  }
}

const MODES: { value: EntryMode; label: string }[] = [
  { value: 'new', label: 'New cap' },
  { value: 'add', label: 'Raise by' },
  { value: 'time', label: 'Raise for a time' },
];

const SUBMIT: Record<EntryMode, string> = { new: 'Set cap', add: 'Set cap', time: 'Raise' };

function amountLabel(mode: EntryMode, { period, clientName }: CapTarget): string {
  const noun = capNoun(period);
  if (mode === 'new') return `New ${noun} of ${clientName} in USD`;
  return `Raise ${noun} of ${clientName} ${mode === 'time' ? 'for a time ' : ''}by, in USD`;
}

function preview(entry: CapEntry & { kind: 'valid' }, { limitNanoUsd, overrideNanoUsd }: CapTarget): string {
  if (entry.confirm !== null) return entry.confirm.sentence;
  if (entry.intent.kind === 'override') {
    const inForce = limitNanoUsd + overrideNanoUsd + entry.intent.amountNanoUsd;
    return `${formatUsd(inForce)} until it ends. The cap itself stays ${formatUsd(limitNanoUsd)}.`;
  }
  const change = formatChange(limitNanoUsd, entry.limitNanoUsd);
  return `${formatUsd(limitNanoUsd)} → ${formatUsd(entry.limitNanoUsd)}${change === null ? '' : `, ${change}`}`;
}

function helpKind(tried: boolean, asked: boolean, entry: 'invalid' | 'valid', forbidden: string | null): string {
  if (asked) return 'ask';
  return tried && (entry === 'invalid' || forbidden !== null) ? 'wrong' : 'plain';
}

// oxlint-disable jsx-a11y/prefer-tag-over-role -- the dialog is Mantine's popover, placed beside its row
import { Loader, Popover } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { memo, useId, useRef, useState, type ReactNode } from 'react';
import { useLiveValue } from '../ui/live-value.ts';
import type { CapChange, CapChanges } from './cap-changes.ts';
import { CapForm } from './cap-form.tsx';
import { capNoun } from './cap-standing.ts';
import type { CapPermission } from './cap-permission.ts';
import type { CapTarget } from './cap-target.ts';
import classes from './cap-control.module.css';

export interface CapControlProps {
  target: CapTarget;
  changes: CapChanges;
  permission: CapPermission;
  committed: () => bigint | null;
  /** Calls are refused for it now. */
  urgent: boolean;
  /** The same cap stands in the open side panel, which then shows how a change ended. */
  shownElsewhere: boolean;
}

/** The cap control of a row: +10 % at once, everything else one key away. */
export const CapControl = memo(
  function CapControl({ target, changes, permission, committed, urgent, shownElsewhere }: CapControlProps): ReactNode {
    const change = useLiveValue(changes.of(target.capId));
    const [wanted, setWanted] = useState(false);
    const opener = useRef<HTMLButtonElement>(null);
    const reasonId = useId();
    const noun = capNoun(target.period);
    const title = `${target.period === 'day' ? 'Daily cap' : 'Cap'} of ${target.clientName}`;
    const busy = change?.state === 'pending';
    const needsAnswer = isOpenQuestion(change) && !shownElsewhere;

    // A change that ended in a question opens the dialog by itself; closing it takes what the database has.
    const opened = wanted || needsAnswer;
    const setOpened = (open: boolean): void => {
      setWanted(open);
      if (open) return;
      if (needsAnswer) changes.dismiss(target.capId);
      // Back to where it was opened, unless the operator has gone elsewhere by a click.
      requestAnimationFrame(() => {
        if (document.activeElement === document.body) opener.current?.focus();
      });
    };

    return (
      <span className={classes['control']}>
        <button
          type="button"
          className="td-button"
          aria-label={`Raise ${noun} of ${target.clientName} by 10 %`}
          aria-busy={busy}
          data-weight={urgent && permission.raise === null ? 'strong' : undefined}
          aria-disabled={busy || permission.raise !== null}
          aria-describedby={permission.raise === null ? undefined : reasonId}
          title={permission.raise ?? undefined}
          onClick={(event) => {
            if (permission.raise === null && event.detail < 2) changes.change(target, { kind: 'percent', percent: 10 });
          }}
        >
          {busy ? <Loader size={12} color="var(--td-accent)" aria-hidden="true" /> : '+10 %'}
        </button>
        <button
          ref={opener}
          type="button"
          className="td-button"
          aria-label={`Change ${noun} of ${target.clientName}`}
          aria-haspopup="dialog"
          aria-expanded={opened}
          data-alert={isOpenQuestion(change) || undefined}
          onClick={() => setOpened(!opened)}
        >
          <IconChevronDown size={14} aria-hidden="true" />
        </button>
        {permission.raise === null ? null : (
          <span id={reasonId} className="td-unseen">
            {permission.raise}
          </span>
        )}
        {opened ? (
          <Popover
            opened
            onChange={setOpened}
            position="bottom-end"
            width={330}
            withRoles={false}
            trapFocus

            shadow="md"
          >
            <Popover.Target>
              <span className={classes['anchor']} />
            </Popover.Target>
            <Popover.Dropdown role="dialog" aria-label={title}>
              <h2 className={classes['title']}>{title}</h2>
              <CapForm target={target} changes={changes} permission={permission} committed={committed} takeFocus />
            </Popover.Dropdown>
          </Popover>
        ) : null}
      </span>
    );
  },
  (a, b) =>
    a.target.capId === b.target.capId &&
    a.target.period === b.target.period &&
    a.target.version === b.target.version &&
    a.target.clientName === b.target.clientName &&
    a.target.limitNanoUsd === b.target.limitNanoUsd &&
    a.target.overrideNanoUsd === b.target.overrideNanoUsd &&
    a.target.timeZone === b.target.timeZone &&
    a.target.periodEnd.getTime() === b.target.periodEnd.getTime() &&
    a.changes === b.changes &&
    a.permission === b.permission &&
    a.committed === b.committed &&
    a.urgent === b.urgent &&
    a.shownElsewhere === b.shownElsewhere,
);

/** Ended so that the operator has to decide something. */
function isOpenQuestion(change: CapChange | null): boolean {
  return change?.state === 'conflict' || change?.state === 'refused' || change?.state === 'unanswered';
}

import { useQuery } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import type { RemoveCapInput, ScopedCap } from '../../src-main/contract/limits.ts';
import { ChangeQuestion } from '../ui/change-form.tsx';
import { formatInZone } from '../ui/format-instant.ts';
import { formatUsd } from '../ui/format-usd.ts';
import { OpenButton } from '../ui/open-button.tsx';
import { PanelSection } from '../ui/panel-section.tsx';
import { useSubmitter } from '../ui/submission.ts';
import { WhenRead } from '../ui/when-read.tsx';
import panel from '../ui/panel-section.module.css';
import { AddCapForm } from './add-cap-form.tsx';
import type { LimitSheetProps } from './limit-sheet.ts';
import { scopedCapName } from './limit-words.ts';
import { scopedCapsQuery } from './limits-queries.ts';
import { StillGauge } from './still-gauge.tsx';
import classes from './limits.module.css';

export interface ScopedCapsProps extends LimitSheetProps {
  timeZone: string;
  workflows: readonly { workflowId: string; name: string }[];
  /** The client's keys that work; empty for who may not see them. */
  keys: readonly { keyId: string; name: string }[];
  /** The client has a daily cap of its own already. */
  hasDayCap: boolean;
  /** The ways to change one of these caps. */
  control: (cap: ScopedCap, name: string) => ReactNode;
}

/** Caps of a client's keys and workflows, each with its gauge and the ways to change it; one more, one less. */
export function ScopedCaps(props: ScopedCapsProps): ReactNode {
  const { tenantId, clientName, calls, permission } = props;
  const query = useQuery(scopedCapsQuery(calls, tenantId));
  const [adding, setAdding] = useState(false);
  const forbidding = { forbidden: permission.add, reasonId: useId() };
  return (
    <PanelSection
      label={`Caps of keys and workflows of ${clientName}`}
      title="Caps of keys and workflows"
      {...forbidding}
      aside={
        <OpenButton opened={adding} onOpen={setAdding} {...forbidding}>
          Add cap
        </OpenButton>
      }
    >
      {adding ? <AddCapForm {...props} onClose={() => setAdding(false)} /> : null}
      <WhenRead query={query} coming="Caps are on their way" rows={2} unread="These caps can’t be read">
        {({ caps }) =>
          caps.length === 0 ? (
            <p className={panel['quiet']}>None: the client’s own cap is all that limits its keys and workflows.</p>
          ) : (
            <ul className={panel['list']}>
              {caps.map((cap) => (
                <CapLine key={cap.capId} {...props} cap={cap} />
              ))}
            </ul>
          )
        }
      </WhenRead>
    </PanelSection>
  );
}

function CapLine(props: ScopedCapsProps & { cap: ScopedCap }): ReactNode {
  const { tenantId, cap, calls, newKey, control, permission, timeZone, onChanged } = props;
  const [asked, setAsked] = useState(false);
  const name = scopedCapName(cap);
  const inForce = cap.limitNanoUsd + cap.overrideNanoUsd;
  const { state, submit, again } = useSubmitter({
    newKey,
    send: (input: Omit<RemoveCapInput, 'idempotencyKey'>, idempotencyKey) =>
      calls.removeCap({ ...input, idempotencyKey }),
    onDone: onChanged,
  });
  return (
    <li className={classes['line']}>
      <span className={panel['what']}>
        <bdi className={panel['name']}>{name}</bdi>
        <small>
          {cap.committedNanoUsd === null ? 'committed is unknown' : formatUsd(cap.committedNanoUsd)} of{' '}
          {formatUsd(inForce)} {cap.period === 'day' ? 'today' : 'this period'}
          {cap.overrideNanoUsd === 0n ? '' : `, ${formatUsd(cap.overrideNanoUsd)} of it for a time`} · resets{' '}
          {formatInZone(cap.periodEnd, timeZone)}
        </small>
      </span>
      <span className={panel['choices']}>
        {control(cap, name)}
        <button
          type="button"
          className="td-button"
          aria-expanded={asked}
          aria-disabled={permission.remove !== null}
          title={permission.remove ?? undefined}
          onClick={() => {
            if (permission.remove === null) setAsked(!asked);
          }}
        >
          Remove…
          <span className="td-unseen"> cap of {name}</span>
        </button>
      </span>
      <span className={classes['gauge']}>
        <StillGauge
          label={`Committed of the cap of ${name}`}
          used={cap.committedNanoUsd}
          limit={inForce}
          ticks={cap.thresholds}
        />
      </span>
      {asked ? (
        <ChangeQuestion
          submission={state}
          harmless="changes nothing more"
          onAgain={again}
          label="Remove this cap"
          onYes={() => submit({ tenantId, capId: cap.capId, expectedVersion: cap.version })}
          onNo={() => setAsked(false)}
        >
          Nothing but the client’s own cap limits <bdi>{name}</bdi> then.
        </ChangeQuestion>
      ) : null}
    </li>
  );
}

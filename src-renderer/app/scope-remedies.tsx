import type { ReactNode } from 'react';
import type { RefusalScope } from '../../src-main/contract/tenants.ts';
import type { CapChanges, CapIntent } from '../caps/cap-changes.ts';
import { raisedByPercent } from '../caps/cap-entry.ts';
import { CapOutcome } from '../caps/cap-outcome.tsx';
import type { CapPermission } from '../caps/cap-permission.ts';
import type { CapTarget } from '../caps/cap-target.ts';
import { UndoButton } from '../caps/undo-button.tsx';
import { formatUsd } from '../ui/format-usd.ts';
import { useLiveValue } from '../ui/live-value.ts';
import classes from './scope-remedies.module.css';

export interface ScopeRemediesProps {
  tenantId: string;
  clientName: string;
  timeZone: string;
  scope: RefusalScope;
  capName: string;
  changes: CapChanges;
  permission: CapPermission;
  /** The panel's own cap form tells how a change of this cap ended. */
  outcomeElsewhere: boolean;
}

/** The clicks that let a refused call pass: the raise that is just enough, and the usual one. */
export function ScopeRemedies(props: ScopeRemediesProps): ReactNode {
  const { tenantId, clientName, timeZone, scope, capName, changes, permission, outcomeElsewhere } = props;
  const change = useLiveValue(changes.of(scope.capId));
  const { now } = scope;
  if (now === null) return null;
  const { capId, period, periodEnd } = scope;
  const { version, limitNanoUsd } = now;
  const overrideNanoUsd = now.inForceNanoUsd - limitNanoUsd;
  const target: CapTarget = {
    tenantId,
    clientName,
    timeZone,
    period,
    periodEnd,
    capId,
    version,
    limitNanoUsd,
    overrideNanoUsd,
  };
  const tenPercent = raisedByPercent(now.limitNanoUsd, 10);
  const enough = now.raiseToNanoUsd;
  const busy = change?.state === 'pending';

  const button = (intent: CapIntent, text: string, more: string, strong: boolean): ReactNode => (
    <button
      type="button"
      className="td-button"
      data-weight={strong && permission.raise === null ? 'strong' : undefined}
      aria-disabled={busy || permission.raise !== null}
      onClick={(event) => {
        if (permission.raise === null && event.detail < 2) changes.change(target, intent);
      }}
    >
      {text}
      <small>{more}</small>
      <span className="td-unseen">
        : {capName} of {clientName}
      </span>
    </button>
  );

  return (
    <div className={classes['remedies']}>
      <span className={classes['buttons']}>
        {enough === null
          ? null
          : button({ kind: 'set', limitNanoUsd: enough }, `Raise to ${formatUsd(enough)}`, 'just enough', true)}
        {button(
          { kind: 'percent', percent: 10 },
          '+10 %',
          `${formatUsd(tenPercent)}${enough !== null && tenPercent < enough ? ', not enough' : ''}`,
          false,
        )}
      </span>
      {permission.raise === null ? null : <p>{permission.raise}</p>}
      {outcomeElsewhere ? null : (
        <CapOutcome
          change={change}
          changes={changes}
          target={target}
          undo={<UndoButton target={target} changes={changes} />}
        />
      )}
    </div>
  );
}

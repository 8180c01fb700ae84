import { useEffect, useRef, type ReactNode } from 'react';
import type { AcknowledgeAlertInput, Alert, AlertList as Alerts } from '../../src-main/contract/alerts.ts';
import { formatExactly, formatSince } from '../ui/format-instant.ts';
import { RefusalNote } from '../ui/refusal-note.tsx';
import { StateMark } from '../ui/state-mark.tsx';
import { useSubmitter } from '../ui/submission.ts';
import { alertMark, alertWords } from './alert-words.ts';
import classes from './alert-list.module.css';

export interface AlertListProps {
  /** Null: not heard yet. */
  alerts: Alerts | null;
  /** The alert that a link elsewhere asked for: it is brought into sight. */
  asked: string | null;
  acknowledge: (input: AcknowledgeAlertInput) => Promise<unknown>;
  newKey: () => string;
  /** Why this operator can't say that they have seen to it; null: they can. */
  forbidden: string | null;
  tenantLink: (alert: Alert) => ReactNode;
}

/** Caps that passed a threshold or will not last, the newest first; nothing when there is none. */
export function AlertList(props: AlertListProps): ReactNode {
  const open = props.alerts?.alerts ?? [];
  if (open.length === 0) return null;
  return (
    <section className={classes['alerts']} aria-label="Alerts">
      <h2>
        Alerts <small>{open.length}</small>
      </h2>
      <ul>
        {open.map((alert) => (
          <AlertLine key={alert.alertId} {...props} alert={alert} />
        ))}
      </ul>
    </section>
  );
}

function AlertLine({
  alert,
  asked,
  acknowledge,
  newKey,
  forbidden,
  tenantLink,
}: AlertListProps & { alert: Alert }): ReactNode {
  const { tenantId, alertId } = alert;
  const line = useRef<HTMLLIElement>(null);
  const wanted = asked === alertId;
  useEffect(() => {
    if (wanted) line.current?.scrollIntoView({ block: 'nearest' });
  }, [wanted]);
  const { state, submit, again } = useSubmitter({
    newKey,
    send: (input: Omit<AcknowledgeAlertInput, 'idempotencyKey'>, idempotencyKey) =>
      acknowledge({ ...input, idempotencyKey }),
  });
  return (
    <li ref={line} data-asked={wanted}>
      <StateMark {...alertMark(alert)} />
      <span className={classes['what']}>
        <b>{tenantLink(alert)}</b> {alertWords(alert)}
      </span>
      <time dateTime={formatExactly(alert.raisedAt)}>{formatSince(alert.raisedAt)}</time>
      <button
        type="button"
        className="td-button"
        aria-disabled={forbidden !== null || state.state === 'pending'}
        title={forbidden ?? undefined}
        onClick={() => {
          if (forbidden === null) submit({ tenantId, alertId });
        }}
      >
        Seen
        <span className="td-unseen">: alert of {alert.tenantName}</span>
      </button>
      <RefusalNote submission={state} harmless="changes nothing more" onAgain={again} />
    </li>
  );
}

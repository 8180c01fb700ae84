import type { ReactNode } from 'react';
import { formatInZone } from '../ui/format-instant.ts';
import { formatUsd } from '../ui/format-usd.ts';
import { StateMark } from '../ui/state-mark.tsx';
import type { Decisions, ItemDecision } from './decisions.ts';
import classes from './approval-card.module.css';

/** How a decision stands, where it was made. */
export function DecisionState({
  decision,
  decisions,
}: {
  decision: ItemDecision | null;
  decisions: Decisions;
}): ReactNode {
  if (decision === null) return null;
  if (decision.state === 'pending') {
    return (
      <output className={classes['outcome']}>
        <StateMark shape="dashed" tone="idle" />
        <span>Asking the database…</span>
      </output>
    );
  }
  if (decision.state === 'done') {
    return (
      <output className={classes['outcome']}>
        <StateMark
          shape={decision.result.outcome === 'waiting' ? 'dashed' : 'circle'}
          tone={decision.result.outcome === 'waiting' ? 'warn' : 'calm'}
        />
        <span>{doneWords(decision)}</span>
      </output>
    );
  }
  return (
    <div className={classes['outcome']} role="alert">
      <StateMark shape={decision.state === 'unanswered' ? 'dashed' : 'triangle'} tone="warn" />
      {decision.state === 'unanswered' ? (
        <span>
          The line broke before the answer came. Asking again can’t decide it twice.{' '}
          <button type="button" className="td-button" onClick={() => decisions.sendAgain(decision.item.id)}>
            Ask again
          </button>
        </span>
      ) : (
        <span>
          {decision.sentence}{' '}
          <button type="button" className="td-link" onClick={() => decisions.dismiss(decision.item.id)}>
            Understood
          </button>
        </span>
      )}
    </div>
  );
}

/** What the database agreed to, in a sentence. */
export function doneWords({ item, result }: ItemDecision & { state: 'done' }): string {
  const { tenantName, timeZone } = item;
  const unchanged = `the cap of ${tenantName} is unchanged.`;
  if (result.outcome === 'approved') {
    const inForce = result.cap?.inForceNanoUsd ?? item.cap.inForceNanoUsd;
    return `${tenantName} may now spend ${formatUsd(inForce)}; its next call passes.`;
  }
  if (result.outcome === 'waiting') {
    const end = result.expiresAt === null ? '' : ` until ${formatInZone(result.expiresAt, timeZone)}`;
    return `Waits for a second person${end}: ${unchanged}`;
  }
  if (result.outcome === 'declined') return `Declined; ${tenantName} reads why.`;
  return `${result.outcome === 'rejected' ? 'Rejected' : 'Taken back'}: ${unchanged}`;
}

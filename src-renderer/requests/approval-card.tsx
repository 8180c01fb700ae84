import { useRef, useState, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import type { InboxItem } from '../../src-main/contract/requests.ts';
import { formatInZone } from '../ui/format-instant.ts';
import { formatUsd } from '../ui/format-usd.ts';
import { KeyHint } from '../ui/key-hint.tsx';
import { useLiveValue } from '../ui/live-value.ts';
import { parseUsd } from '../ui/parse-usd.ts';
import { useShortcuts } from '../ui/shortcuts.ts';
import { BurnChart } from './burn-chart.tsx';
import { DecisionState } from './decision-state.tsx';
import type { Decisions } from './decisions.ts';
import { runsOut } from './runs-out.ts';
import { capWords, outWords, askerWords } from './request-words.ts';
import classes from './approval-card.module.css';

export interface ApprovalCardProps {
  item: InboxItem;
  decisions: Decisions;
  /** Its calls are refused at this moment. */
  refusing: boolean;
  now: Date;
  /** Why nothing can be changed now; null when it can. */
  changesOff: string | null;
  /** The client's margin to date, forecast, and with so much more used up. */
  margin: (item: InboxItem, amountNanoUsd: bigint) => ReactNode;
  tenantLink: ReactNode;
}

type Entry = 'none' | 'amount' | 'reason';

/** Who asks for how much and why, what it would mean, and the decision: one keystroke each. */
export function ApprovalCard(props: ApprovalCardProps): ReactNode {
  const { item, decisions, refusing, now, changesOff, margin, tenantLink } = props;
  const decision = useLiveValue(decisions.of(item.id));
  const [entry, setEntry] = useState<Entry>('none');
  const [text, setText] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const request = item.kind === 'request';
  const blocked = changesOff ?? item.whyNot;
  const busy = decision?.state === 'pending' || decision?.state === 'done';
  const typed = entry === 'amount' ? parseUsd(text) : null;
  const amount = typed?.ok === true && typed.nanoUsd > 0n ? typed.nanoUsd : item.amountNanoUsd;
  const raised = item.cap.inForceNanoUsd + amount;
  // Taking one's own back is nobody else's to allow.
  const mayTakeBack = item.mine && changesOff === null;

  function open(next: Entry): void {
    // At once: the next key is the first letter.
    flushSync(() => {
      setEntry(next);
      setText('');
    });
    field.current?.focus();
  }
  function approve(): void {
    if (blocked !== null || busy) return;
    decisions.decide(item, request ? { kind: 'approve' } : { kind: 'confirm' });
  }
  function decline(): void {
    if ((blocked !== null && !mayTakeBack) || busy) return;
    if (request) open('reason');
    else decisions.decide(item, { kind: 'reject' });
  }
  function submit(): void {
    if (busy) return;
    if (entry === 'amount' && typed?.ok === true && typed.nanoUsd > 0n) {
      decisions.decide(item, { kind: 'approve', amountNanoUsd: typed.nanoUsd });
    } else if (entry === 'reason' && text.trim() !== '') {
      decisions.decide(item, { kind: 'decline', reason: text.trim() });
    } else {
      return;
    }
    setEntry('none');
  }
  useShortcuts({
    a: approve,
    o: () => {
      if (request && blocked === null && !busy) open('amount');
    },
    d: decline,
  });

  return (
    <article className={classes['card']} aria-label={`Decision about ${item.tenantName}`}>
      <header className={classes['head']}>
        <h2>
          {tenantLink} <span className={classes['asks']}>{askerWords(item)}</span>{' '}
          <b>{formatUsd(item.amountNanoUsd)} more</b>
        </h2>
        {item.reason === null ? null : <p className={classes['why']}>“{item.reason}”</p>}
        {item.cap.changed ? (
          <p className={classes['note']}>
            The cap was changed since this was asked. The figures below are as it is now.
          </p>
        ) : null}
      </header>
      <BurnChart item={item} amountNanoUsd={amount} now={now} />
      <dl className={classes['facts']}>
        <div>
          <dt>{capWords(item.cap)}</dt>
          <dd>
            {formatUsd(item.cap.inForceNanoUsd)} → <b>{formatUsd(raised)}</b>
          </dd>
        </div>
        <div>
          <dt>Committed</dt>
          <dd>{formatUsd(item.cap.committedNanoUsd)}</dd>
        </div>
        <div>
          <dt>Burn, last 7 days</dt>
          <dd>{formatUsd(item.burnNanoUsdPerDay)} a day</dd>
        </div>
        <div>
          <dt>Runs out now</dt>
          <dd>{refusing ? 'refusing now' : outWords(runsOut(item, item.cap.inForceNanoUsd, now), item)}</dd>
        </div>
        <div>
          <dt>Runs out after</dt>
          <dd>{outWords(runsOut(item, raised, now), item)}</dd>
        </div>
        <div>
          <dt>{item.newLimitNanoUsd === null ? 'Holds until' : 'Holds'}</dt>
          <dd>{holdsWords(item)}</dd>
        </div>
      </dl>
      {margin(item, amount)}
      <div className={classes['decision']}>
        <div className={classes['actions']}>
          <button
            type="button"
            className="td-button"
            data-weight="strong"
            aria-disabled={blocked !== null || busy}
            onClick={approve}
          >
            {request ? 'Approve' : 'Confirm'} {formatUsd(item.amountNanoUsd)} <KeyHint keys="A" />
          </button>
          {request ? (
            <button
              type="button"
              className="td-button"
              aria-disabled={blocked !== null || busy}
              onClick={() => blocked === null && !busy && open('amount')}
            >
              Other amount <KeyHint keys="O" />
            </button>
          ) : null}
          <button
            type="button"
            className="td-button"
            aria-disabled={(blocked !== null && !mayTakeBack) || busy}
            onClick={decline}
          >
            {item.mine ? 'Take back' : request ? 'Decline' : 'Reject'} <KeyHint keys="D" />
          </button>
        </div>
        {entry === 'none' ? null : (
          <form
            className={classes['entry']}
            onSubmit={(event) => {
              event.preventDefault();
              submit();
            }}
          >
            <input
              ref={field}
              type="text"
              autoComplete="off"
              maxLength={500}
              inputMode={entry === 'amount' ? 'decimal' : 'text'}
              aria-label={
                entry === 'amount'
                  ? `Other amount for ${item.tenantName}, in USD`
                  : `Why ${item.tenantName} gets no increase`
              }
              placeholder={entry === 'amount' ? 'How much more, in USD' : 'Why not: the client reads it'}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Escape') {
                  event.stopPropagation();
                  setEntry('none');
                }
                if (event.key === 'Enter' && event.repeat) event.preventDefault();
              }}
            />
            <button type="submit" className="td-button" data-weight="strong">
              {entry === 'amount'
                ? `Approve${typed?.ok === true ? ` ${formatUsd(amount)}` : ''}`
                : item.mine
                  ? 'Take back'
                  : 'Decline'}
            </button>
            <button type="button" className="td-link" onClick={() => setEntry('none')}>
              Cancel
            </button>
            {entry === 'amount' && text !== '' && typed?.ok === false ? (
              <p className={classes['wrong']}>{typed.sentence}</p>
            ) : null}
          </form>
        )}
        {blocked === null ? (
          item.needsSecond && request ? (
            <p className={classes['note']}>
              It passes your limit of 24 hours: your approval then waits for a second person.
            </p>
          ) : null
        ) : (
          <p className={classes['note']}>{blocked}</p>
        )}
        <DecisionState decision={decision} decisions={decisions} />
      </div>
    </article>
  );
}

function holdsWords({ newLimitNanoUsd, until, endsAt, cap, timeZone }: InboxItem): string {
  if (newLimitNanoUsd !== null) return `for good: the cap becomes ${formatUsd(newLimitNanoUsd)}`;
  if (until === 'removed') return 'somebody removes it';
  return formatInZone(endsAt ?? cap.periodEnd, timeZone);
}

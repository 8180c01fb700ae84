import { useEffect, useMemo, useState, type ReactNode } from 'react';
import type { Inbox, InboxItem } from '../../src-main/contract/requests.ts';
import { AgeOf } from '../ui/age-of.tsx';
import { formatSince, formatToTheSecond } from '../ui/format-instant.ts';
import { formatUsd } from '../ui/format-usd.ts';
import { useLiveValue } from '../ui/live-value.ts';
import { useShortcuts } from '../ui/shortcuts.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { SkeletonRows, StaleLine, StatePanel } from '../ui/state-panel.tsx';
import page from '../ui/page.module.css';
import { ApprovalCard, type ApprovalCardProps } from './approval-card.tsx';
import { doneWords } from './decision-state.tsx';
import type { Decisions } from './decisions.ts';
import { askedWords, outWords } from './request-words.ts';
import { byUrgency, runsOut } from './runs-out.ts';
import classes from './inbox-page.module.css';

export interface InboxPageProps {
  inbox: Inbox | null;
  decisions: Decisions;
  /** Ids of the clients whose calls are refused at this moment. */
  refusing: ReadonlySet<string>;
  /** The item whose card is shown; null: the most urgent. */
  selected: string | null;
  onSelect: (itemId: string) => void;
  /** Why the list may be old; null when it is not. */
  stale: string | null;
  changesOff: string | null;
  /** Now by the platform's clock. */
  platformNow: () => Date;
  margin: ApprovalCardProps['margin'];
  tenantLink: (item: InboxItem) => ReactNode;
  /** Asks for leave to notify; null: nothing to ask for. */
  notices: ReactNode;
  tabs: ReactNode;
  /** What was decided, shown instead of what waits; null: what waits. */
  decided: ReactNode;
  /** What somebody should look at, below what waits or in its place. */
  alerts: ReactNode;
  /** Why this operator has no inbox; null: they have. */
  forbidden: string | null;
}

/** How often dates of running out are reckoned anew. */
const TICK_MS = 10_000;

/** What waits for a decision, the most urgent first, one card at a time. */
export function InboxPage(props: InboxPageProps): ReactNode {
  const { inbox, decisions, refusing, selected, onSelect, stale, changesOff, margin, tenantLink } = props;
  const { notices, tabs, decided, alerts, forbidden, platformNow } = props;
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const items = useMemo(() => byUrgency(inbox?.items ?? [], refusing, now), [inbox, refusing, now]);
  const at = Math.max(
    0,
    items.findIndex(({ id }) => id === selected),
  );
  const item = items[at];
  const last = useLiveValue(decisions.last);
  const step = (by: number): void => {
    const next = items[at + by];
    if (next && decided === null) onSelect(next.id);
  };
  useShortcuts({ j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1) });

  return (
    <div className={page['page']}>
      <header className={page['head']}>
        <h1>Inbox</h1>
        {forbidden === null ? tabs : null}
        <span className={classes['count']}>
          {inbox === null || inbox.asOf === null ? '' : countWords(items.length)}
        </span>
        {notices}
        <span className={classes['age']}>
          {inbox?.asOf ? (
            <>
              as of {formatToTheSecond(inbox.asOf)} · <AgeOf asOf={inbox.asOf} now={platformNow} />
            </>
          ) : null}
        </span>
      </header>
      {stale === null ? null : <StaleLine>{stale}</StaleLine>}
      {last === null || last.item.id === item?.id ? null : (
        <output className={classes['last']}>
          <StateMark
            shape={last.result.outcome === 'waiting' ? 'dashed' : 'circle'}
            tone={last.result.outcome === 'waiting' ? 'warn' : 'calm'}
          />
          {doneWords(last)}
        </output>
      )}
      {forbidden !== null ? (
        <div className={classes['whole']}>
          {alerts}
          <StatePanel kind="empty" title="Not for your role">
            {forbidden}
          </StatePanel>
        </div>
      ) : decided !== null ? (
        decided
      ) : inbox === null || inbox.asOf === null ? (
        <SkeletonRows rows={6} label="Requests are on their way" />
      ) : item === undefined ? (
        <div className={classes['whole']}>
          {alerts}
          <StatePanel kind="empty" title="Nothing waits for a decision">
            When a client asks for a higher cap, or a raise needs a second person, it stands here.
          </StatePanel>
        </div>
      ) : (
        // Alerts beside the card, not above it: the decision stays on the screen however many there are.
        <div className={classes['middle']}>
          <div className={classes['side']}>
            <ul className={classes['list']} aria-label="Waiting for a decision, the most urgent first">
              {items.map((one) => (
                <li key={one.id}>
                  <button
                    type="button"
                    className={classes['row']}
                    aria-current={one.id === item.id ? 'true' : undefined}
                    onClick={() => onSelect(one.id)}
                  >
                    <StateMark {...markOf(one, refusing, now)} />
                    <span className={classes['who']}>
                      <b>{one.tenantName}</b>
                      <small>{askedWords(one, formatSince(one.requestedAt, now))}</small>
                    </span>
                    <span className={classes['much']}>
                      <b>+{formatUsd(one.amountNanoUsd)}</b>
                      <small>
                        {refusing.has(one.tenantId)
                          ? 'refusing now'
                          : outWords(runsOut(one, one.cap.inForceNanoUsd, now), one)}
                      </small>
                    </span>
                  </button>
                </li>
              ))}
            </ul>
            {alerts}
          </div>
          <div className={classes['detail']}>
            <ApprovalCard
              key={item.id}
              item={item}
              decisions={decisions}
              refusing={refusing.has(item.tenantId)}
              now={now}
              changesOff={changesOff}
              margin={margin}
              tenantLink={tenantLink(item)}
            />
          </div>
        </div>
      )}
    </div>
  );
}

function countWords(count: number): string {
  return count === 0 ? 'nothing waits' : `${count} waiting`;
}

function markOf(
  item: InboxItem,
  refusing: ReadonlySet<string>,
  now: Date,
): { shape: 'square' | 'dashed' | 'circle'; tone: 'alarm' | 'warn' | 'idle' } {
  if (refusing.has(item.tenantId) || runsOut(item, item.cap.inForceNanoUsd, now) === 'now') {
    return { shape: 'square', tone: 'alarm' };
  }
  return item.kind === 'raise' ? { shape: 'dashed', tone: 'warn' } : { shape: 'circle', tone: 'idle' };
}

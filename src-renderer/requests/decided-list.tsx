import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { PastRequest } from '../../src-main/contract/requests.ts';
import { formatExactly, formatInZone, formatSince } from '../ui/format-instant.ts';
import { formatUsd } from '../ui/format-usd.ts';
import { SkeletonRows, StatePanel, UnreadPanel } from '../ui/state-panel.tsx';
import { StateMark } from '../ui/state-mark.tsx';
import { isDecided, outcomeWords, type DecidedRequest } from './outcome-words.ts';
import classes from './decided-list.module.css';

export interface DecidedListProps {
  fetchRequests: (signal: AbortSignal) => Promise<{ requests: PastRequest[] }>;
  /** When the inbox was looked at last: requests are read again after each look. */
  asOf: Date | null;
  tenantLink: (request: DecidedRequest) => ReactNode;
}

/** The last requests that ended, the newest first: who asked for what, how it ended, by whom and why. */
export function DecidedList({ fetchRequests, asOf, tenantLink }: DecidedListProps): ReactNode {
  const query = useQuery({
    queryKey: ['requests', 'decided', asOf?.getTime() ?? 0],
    queryFn: ({ signal }) => fetchRequests(signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  if (query.data === undefined) {
    if (!query.isError) return <SkeletonRows rows={6} label="Requests are on their way" />;
    return <UnreadPanel title="Former requests can’t be read" query={query} />;
  }
  const decided = query.data.requests.filter(isDecided);
  if (decided.length === 0) {
    return (
      <StatePanel kind="empty" title="Nothing was decided yet">
        Requests that were approved, declined, withdrawn or expired stand here, with who decided and why.
      </StatePanel>
    );
  }
  return (
    <ul className={classes['list']} aria-label="Decided, the newest first">
      {decided.map((request) => (
        <li key={request.requestId} className={classes['row']}>
          <StateMark {...MARKS[request.status]} />
          <span>
            <b>{tenantLink(request)}</b>
            <small>
              {request.requestedBy ?? 'The client'} asked for {formatUsd(request.amountNanoUsd)} more on{' '}
              {formatInZone(request.requestedAt, request.timeZone)}
            </small>
            <q>{request.reason}</q>
          </span>
          <span>
            <b>{outcomeWords(request)}</b>
            <small>
              {request.decidedBy === null ? '' : `${request.decidedBy} · `}
              <time dateTime={formatExactly(request.decidedAt)} title={formatExactly(request.decidedAt)}>
                {formatSince(request.decidedAt)}
              </time>
            </small>
            {request.decisionReason === null ? null : <q>{request.decisionReason}</q>}
          </span>
        </li>
      ))}
    </ul>
  );
}

const MARKS = {
  approved: { shape: 'circle', tone: 'calm' },
  declined: { shape: 'triangle', tone: 'warn' },
  withdrawn: { shape: 'dashed', tone: 'idle' },
  expired: { shape: 'dashed', tone: 'idle' },
} as const;

import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { SkeletonRows, UnreadPanel } from './state-panel.tsx';

export interface WhenReadProps<Data> {
  query: UseQueryResult<Data>;
  /** "Keys are on their way" */
  coming: string;
  /** How many grey lines stand there until then. */
  rows: number;
  /** "Keys can’t be read" */
  unread: string;
  children: (data: Data) => ReactNode;
}

/** What a query has brought; until then what stands in its place. Data read before stay when they can't be read again. */
export function WhenRead<Data>({ query, coming, rows, unread, children }: WhenReadProps<Data>): ReactNode {
  if (query.data !== undefined) return children(query.data);
  return query.isError ? <UnreadPanel title={unread} query={query} /> : <SkeletonRows rows={rows} label={coming} />;
}

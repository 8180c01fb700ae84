import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { AuditEntry } from '../../src-main/contract/audit.ts';
import { formatExactly, formatToTheSecond, zoneName } from '../ui/format-instant.ts';
import { SkeletonRows, StaleLine, StatePanel, UnreadPanel } from '../ui/state-panel.tsx';
import { auditChange } from './audit-change.ts';
import { auditQuery, type FetchAudit } from './audit-queries.ts';
import { whoWords } from './audit-words.ts';
import { auditFilter, isNarrowed, type AuditSearch } from './audit-search.ts';
import classes from './audit-page.module.css';

export interface AuditEntriesProps {
  fetchAudit: FetchAudit;
  search: AuditSearch;
  /** The filters, and what else stands above the entries. */
  filters: ReactNode;
  tools: ReactNode;
}

/** Who changed what, newest first. */
export function AuditEntries({ fetchAudit, search, filters, tools }: AuditEntriesProps): ReactNode {
  const query = useInfiniteQuery(auditQuery(fetchAudit, auditFilter(search)));
  const entries = query.data?.pages.flatMap((page) => page.entries) ?? [];
  const asOf = query.data?.pages[0]?.asOf;

  return (
    <>
      <div className={classes['tools']}>{filters}</div>
      <div className={classes['tools']}>
        {tools}
        <span className={classes['age']}>{asOf === undefined ? '' : `as of ${formatToTheSecond(asOf)}`}</span>
      </div>
      {query.isError && query.data ? (
        <StaleLine>The newest entries can’t be read: {query.error.message} Shown is what was read before.</StaleLine>
      ) : null}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by the keyboard */}
      <section className={classes['scroller']} tabIndex={0} aria-label="Entries">
        {query.data ? (
          entries.length === 0 ? (
            <StatePanel kind="empty" title={isNarrowed(search) ? 'No such entry' : 'No entry yet'}>
              {isNarrowed(search)
                ? 'Nothing in the audit log that you may see fits these filters.'
                : 'Each change of a cap, a key or a client stands here, with who made it and what it was before.'}
            </StatePanel>
          ) : (
            <EntryTable entries={entries} withClient={search.client === undefined} />
          )
        ) : query.isError ? (
          <UnreadPanel title="The audit log can’t be read" query={query} />
        ) : (
          <SkeletonRows rows={10} label="Entries are on their way" />
        )}
        {query.hasNextPage ? (
          <div className={classes['more']}>
            <button
              type="button"
              className="td-button"
              aria-disabled={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              {query.isFetchingNextPage ? 'Reading…' : 'Older entries'}
            </button>
          </div>
        ) : null}
      </section>
    </>
  );
}

function EntryTable({ entries, withClient }: { entries: readonly AuditEntry[]; withClient: boolean }): ReactNode {
  const zone = entries[0] ? zoneName(entries[0].at) : '';
  return (
    <table className={classes['table']} aria-label="Audit entries, newest first">
      <thead>
        <tr>
          <th scope="col">When ({zone})</th>
          {withClient ? <th scope="col">Client</th> : null}
          <th scope="col">What</th>
          <th scope="col">Before → after</th>
          <th scope="col">Who</th>
          <th scope="col">Reason</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => {
          const { what, change, more } = auditChange(entry);
          return (
            <tr key={entry.id.toString()}>
              <td className={classes['when']}>
                <time
                  dateTime={formatExactly(entry.at)}
                  title={`${formatExactly(entry.at)}, entry ${entry.seq} of its chain`}
                >
                  {formatToTheSecond(entry.at)}
                </time>
              </td>
              {withClient ? <td className={classes['client']}>{entry.tenantName ?? 'platform'}</td> : null}
              <td
                className={classes['what']}
                title={`${entry.action}${entry.target === null ? '' : ` ${entry.target}`}`}
              >
                {what}
              </td>
              <td className={classes['change']}>
                {change}
                {more === null ? null : <small>{more}</small>}
              </td>
              <td className={classes['who']} title={entry.login}>
                {whoWords(entry)}
              </td>
              <td className={classes['reason']}>{entry.reason ?? ''}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

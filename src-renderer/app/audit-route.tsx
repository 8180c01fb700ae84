import { Link, Outlet, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, type ReactNode } from 'react';
import { AuditFrame } from '../audit/audit-frame.tsx';
import type { AuditRequest } from '../audit/audit-queries.ts';
import { useBoardRow } from '../board/board-store.ts';
import { TabBar } from '../ui/tab-bar.tsx';
import { useConsole } from './console-context.ts';

const AuditEntries = lazy(async () => ({ default: (await import('../audit/audit-entries.tsx')).AuditEntries }));

/** The tabs of the page; the route of each stands in routes.tsx. */
const TABS = [{ to: '/audit', label: 'Entries' }] as const;

/** What all tabs share: the heading, the tabs, and whose entries they are about. */
export function AuditRoute(): ReactNode {
  const { board } = useConsole();
  const { client: tenantId } = useSearch({ from: '/audit' });
  const row = useBoardRow(board, tenantId ?? '');
  const tabs = (
    <TabBar label="Audit">
      {TABS.map(({ to, label }) => (
        <Link
          key={to}
          to={to}
          search={(search) => search}
          activeOptions={{ exact: true, includeSearch: false }}
          activeProps={{ 'aria-current': 'page' }}
        >
          {label}
        </Link>
      ))}
    </TabBar>
  );
  return (
    <AuditFrame
      of={tenantId === undefined ? null : (row?.name ?? 'one client')}
      tabs={tabs}
      allLink={<Link to="/audit">all clients</Link>}
    >
      <Suspense fallback={null}>
        <Outlet />
      </Suspense>
    </AuditFrame>
  );
}

export function AuditEntriesRoute(): ReactNode {
  const { client } = useConsole();
  const { client: tenantId } = useSearch({ from: '/audit' });
  const fetchAudit = useCallback(
    (request: AuditRequest, signal: AbortSignal) => client.audit.list(request, { signal }),
    [client],
  );
  return <AuditEntries fetchAudit={fetchAudit} tenantId={tenantId} />;
}

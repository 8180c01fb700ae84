import { Link, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, type ReactNode } from 'react';
import { useBoardRow } from '../board/board-store.ts';
import { auditPermission } from '../audit/audit-permission.ts';
import type { AuditRequest } from '../audit/audit-queries.ts';
import { useLiveValue } from '../ui/live-value.ts';
import { StatePanel } from '../ui/state-panel.tsx';
import { useConsole } from './console-context.ts';

const AuditPage = lazy(async () => ({ default: (await import('../audit/audit-page.tsx')).AuditPage }));

export function AuditRoute(): ReactNode {
  const { client, board, session } = useConsole();
  const forbidden = auditPermission(useLiveValue(session)?.operator ?? null);
  const { client: tenantId } = useSearch({ from: '/audit' });
  const row = useBoardRow(board, tenantId ?? '');
  const fetchAudit = useCallback(
    (request: AuditRequest, signal: AbortSignal) => client.audit.list(request, { signal }),
    [client],
  );
  if (forbidden !== null) {
    return (
      <StatePanel kind="empty" title="The audit log is not for your role">
        {forbidden}
      </StatePanel>
    );
  }
  return (
    <Suspense fallback={null}>
      <AuditPage
        fetchAudit={fetchAudit}
        tenantId={tenantId}
        tenantName={row?.name}
        allLink={<Link to="/audit">all clients</Link>}
      />
    </Suspense>
  );
}

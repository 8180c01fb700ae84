import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useMemo, type ReactNode } from 'react';
import { auditPermission } from '../audit/audit-permission.ts';
import { AuditExport, type ExportFormat } from '../audit/audit-export.tsx';
import { AuditFilters } from '../audit/audit-filters.tsx';
import { AuditFrame } from '../audit/audit-frame.tsx';
import { auditChoicesQuery, type AuditRequest } from '../audit/audit-queries.ts';
import { auditFilter, isNarrowed, type AuditSearch } from '../audit/audit-search.ts';
import { useBoardRow, type BoardStore } from '../board/board-store.ts';
import { useLiveValue } from '../ui/live-value.ts';
import { StatePanel } from '../ui/state-panel.tsx';
import { TabBar } from '../ui/tab-bar.tsx';
import { useConsole } from './console-context.ts';

const AuditEntries = lazy(async () => ({ default: (await import('../audit/audit-entries.tsx')).AuditEntries }));
const AuditVerify = lazy(async () => ({ default: (await import('../audit/audit-verify.tsx')).AuditVerify }));

/** The tabs of the page; the route of each stands in routes.tsx. */
const TABS = [
  { to: '/audit', label: 'Entries' },
  { to: '/audit/verify', label: 'Verify' },
  { to: '/audit/isolation', label: 'Isolation check' },
] as const;

/** What all tabs share: the heading, the tabs, and whose entries they are about. */
export function AuditRoute(): ReactNode {
  const { session } = useConsole();
  const forbidden = auditPermission(useLiveValue(session)?.operator ?? null);
  const search = useSearch({ from: '/audit' });
  const name = useChainName(search);
  const tabs = (
    <TabBar label="Audit">
      {TABS.map(({ to, label }) => (
        <Link
          key={to}
          to={to}
          search={search}
          activeOptions={{ exact: true, includeSearch: false }}
          activeProps={{ 'aria-current': 'page' }}
        >
          {label}
        </Link>
      ))}
    </TabBar>
  );
  if (forbidden !== null) {
    return (
      <StatePanel kind="empty" title="The audit log is not for your role">
        {forbidden}
      </StatePanel>
    );
  }
  return (
    <AuditFrame of={name} tabs={tabs} allLink={<Link to=".">all clients</Link>}>
      <Suspense fallback={null}>
        <Outlet />
      </Suspense>
    </AuditFrame>
  );
}

/** The one chain the address names, in words; null: all of them. */
function useChainName({ client }: AuditSearch): string | null {
  const row = useBoardRow(useConsole().board, client ?? '');
  if (client === undefined) return null;
  return client === 'platform' ? 'the platform' : (row?.name ?? 'one client');
}

export function AuditEntriesRoute(): ReactNode {
  const { client, board, auditExport } = useConsole();
  const search = useSearch({ from: '/audit' });
  const navigate = useNavigate();
  const of = useChainName(search);
  const fetchAudit = useCallback(
    (request: AuditRequest, signal: AbortSignal) => client.audit.list(request, { signal }),
    [client],
  );
  const choices = useQuery(auditChoicesQuery((signal) => client.audit.choices(undefined, { signal })));
  const clients = useClients(board);
  const startExport = (format: ExportFormat): void => {
    const wish = { format, filter: auditFilter(search), idempotencyKey: crypto.randomUUID() };
    auditExport.start((options) => client.audit.export(wish, options));
  };
  return (
    <AuditEntries
      fetchAudit={fetchAudit}
      search={search}
      filters={
        <AuditFilters
          search={search}
          clients={clients}
          choices={choices.data}
          onSearch={(next) => void navigate({ to: '/audit', search: next, replace: true })}
        />
      }
      tools={
        <AuditExport
          work={auditExport}
          what={`${isNarrowed(search) ? 'what the filters leave' : 'everything'}${of === null ? '' : ` of ${of}`}`}
          onStart={startExport}
        />
      }
    />
  );
}

/** The board's clients by name; drawn again when there are more or fewer, not with each frame. */
function useClients(board: BoardStore): readonly { id: string; name: string }[] {
  const count = useLiveValue(
    useMemo(() => ({ subscribe: board.data.subscribe, get: () => board.data.get()?.rows.size ?? 0 }), [board]),
  );
  return useMemo(() => {
    const rows = count === 0 ? [] : [...(board.data.get()?.rows.values() ?? [])];
    return rows.map(({ tenantId, name }) => ({ id: tenantId, name })).toSorted((a, b) => a.name.localeCompare(b.name));
  }, [board, count]);
}

export function AuditVerifyRoute(): ReactNode {
  const { client, session, auditCheck, auditMemory } = useConsole();
  const search = useSearch({ from: '/audit' });
  const role = useLiveValue(session)?.operator?.role;
  const of = useChainName(search);
  const chain = search.client;
  return (
    <AuditVerify
      work={auditCheck}
      memory={useLiveValue(auditMemory)}
      what={of ?? 'everything'}
      forbidden={role === 'viewer' ? 'Your role, viewer, does not read the audit log.' : null}
      onStart={() => auditCheck.start((options) => client.audit.verify(chain === undefined ? {} : { chain }, options))}
      accept={(which) => client.audit.accept({ chain: which })}
    />
  );
}

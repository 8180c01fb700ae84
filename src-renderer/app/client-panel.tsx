import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import type { BoardRow, CapPeriod } from '../../src-main/contract/board.ts';
import type { RefusalScope, TenantActivity } from '../../src-main/contract/tenants.ts';
import { auditPermission } from '../audit/audit-permission.ts';
import { useBoardRow } from '../board/board-store.ts';
import { TenantGauge } from '../board/tenant-gauge.tsx';
import { TenantState } from '../board/tenant-state.tsx';
import { CapForm } from '../caps/cap-form.tsx';
import type { CapPermission } from '../caps/cap-permission.ts';
import { capNoun, capStanding, type CapStanding } from '../caps/cap-standing.ts';
import { capTarget } from '../caps/cap-target.ts';
import { OverrideList } from '../caps/override-list.tsx';
import { OrphanedGrantList } from '../grants/orphaned-grants.tsx';
import { releasePermission } from '../grants/release-permission.ts';
import { keyPermission } from '../keys/key-permission.ts';
import { KeysSection } from '../keys/keys-section.tsx';
import type { KeyCalls } from '../keys/keys-queries.ts';
import { AskIncrease } from '../requests/ask-increase.tsx';
import { mayAsk } from '../requests/ask-permission.ts';
import { CapSection } from '../tenants/cap-section.tsx';
import { clientPermission } from '../tenants/client-permission.ts';
import { ClientStatus } from '../tenants/client-status.tsx';
import { TenantPanel } from '../tenants/tenant-panel.tsx';
import { tenantDetailQuery, type FetchExplanation, type FetchTenantDetail } from '../tenants/tenants-queries.ts';
import { useLiveValue } from '../ui/live-value.ts';
import { ClientLimits } from './client-limits.tsx';
import type { ConsoleClient } from './connect.ts';
import type { Console } from './console.ts';
import { ScopeRemedies } from './scope-remedies.tsx';
import { useFollowed } from './use-followed.ts';

export interface ClientPanelProps {
  console: Console;
  tenantId: string;
  permission: CapPermission;
  /** Why no change can be made now; null when one can. */
  changesOff: string | null;
  /** What is committed now of a client's cap of that period. */
  committed: (tenantId: string, period: CapPeriod) => () => bigint | null;
  onClose: () => void;
}

/** A client's side panel, put together from what the features show of it. */
export function ClientPanel(props: ClientPanelProps): ReactNode {
  const { console, tenantId, permission, changesOff, committed, onClose } = props;
  const { board, capChanges, client, grantReleases } = console;
  const row = useBoardRow(board, tenantId);
  const calls = useMemo(() => callsOf(client), [client]);
  const session = useLiveValue(console.session);
  const allOrphaned = useLiveValue(console.orphaned);
  const orphaned = useMemo(() => allOrphaned.filter((grant) => grant.tenantId === tenantId), [allOrphaned, tenantId]);
  const watch = useCallback<Parameters<typeof useFollowed<TenantActivity>>[0]>(
    (options) => client.tenants.watch({ tenantId }, options),
    [client, tenantId],
  );
  const activity = useFollowed(watch);
  const detail = useQuery(tenantDetailQuery(calls.fetchDetail, { tenantId, status: row?.status ?? 'active' }));
  const { tab } = useSearch({ strict: false });
  const navigate = useNavigate();
  const operator = session?.operator ?? null;
  const clientName = row?.name ?? '';
  const timeZone = row?.timeZone ?? 'UTC';
  const panelCaps = [row?.cap?.capId, row?.dayCap?.capId].join(' ');
  // The cap that matters first, as it was when the panel was opened: nothing changes places under the hand.
  const [first] = useState<CapPeriod>(row?.binding ?? 'month');
  const remedies = useCallback(
    (scope: RefusalScope, capName: string) => (
      <ScopeRemedies
        tenantId={tenantId}
        clientName={clientName}
        timeZone={timeZone}
        scope={scope}
        capName={capName}
        changes={capChanges}
        permission={permission}
        outcomeElsewhere={panelCaps.split(' ').includes(scope.capId)}
      />
    ),
    [tenantId, clientName, timeZone, capChanges, permission, panelCaps],
  );
  if (!row) return null;
  const periods: readonly CapPeriod[] = first === 'day' ? ['day', 'month'] : ['month', 'day'];
  const caps = periods.flatMap((period) => capStanding(row, period) ?? []);

  function formOf(standing: CapStanding, tenant: BoardRow): ReactNode {
    const target = capTarget(tenant, standing);
    const shared = { target, changes: capChanges, permission, committed: committed(tenantId, standing.period) };
    return (
      <>
        <CapForm {...shared} />
        <OverrideList {...shared} fetchOverrides={calls.fetchOverrides} />
        {mayAsk(operator) ? (
          <AskIncrease
            tenantId={tenantId}
            capId={target.capId}
            capName={`${capNoun(target.period)} of ${clientName}`}
            ask={(input) => client.requests.ask(input)}
            newKey={console.newKey}
            off={changesOff}
            inboxLink={<Link to="/inbox">inbox</Link>}
          />
        ) : null}
      </>
    );
  }

  return (
    <TenantPanel
      row={row}
      detail={detail}
      fetchExplanation={calls.fetchExplanation}
      activity={activity}
      remedies={remedies}
      orphaned={
        <OrphanedGrantList
          grants={orphaned}
          releases={grantReleases}
          forbidden={releasePermission(operator, changesOff)}
          now={() => new Date()}
        />
      }
      state={<TenantState row={row} />}
      status={
        <ClientStatus
          row={row}
          version={detail.data?.status === row.status ? detail.data.version : null}
          permission={clientPermission(operator, changesOff)}
          asked={console.statusAsked}
          setStatus={calls.setStatus}
          newKey={console.newKey}
          onChanged={console.changed}
        />
      }
      keys={
        <KeysSection
          tenantId={tenantId}
          clientName={row.name}
          calls={calls.keys}
          newKey={console.newKey}
          permission={keyPermission(operator, changesOff)}
          workflows={detail.data?.workflows ?? []}
          onChanged={console.changed}
        />
      }
      limits={
        <ClientLimits
          console={console}
          row={row}
          permission={permission}
          changesOff={changesOff}
          keyCalls={calls.keys}
          workflows={detail.data?.workflows ?? []}
        />
      }
      now={console.platformNow}
      tab={tab}
      onTab={(next) =>
        void navigate({ to: '/board/$tenantId', params: { tenantId }, search: { tab: next }, replace: true })
      }
      caps={caps.map((standing) => (
        <CapSection
          key={standing.period}
          standing={standing}
          timeZone={row.timeZone}
          among={caps.length}
          gauge={
            <TenantGauge store={board} tenantId={tenantId} name={row.name} period={standing.period} size="large" />
          }
          form={formOf(standing, row)}
        />
      ))}
      auditLink={
        auditPermission(operator) === null ? (
          <Link to="/audit" search={{ client: tenantId }}>
            All changes of {row.name}
          </Link>
        ) : null
      }
      onClose={onClose}
    />
  );
}

interface Calls {
  fetchDetail: FetchTenantDetail;
  fetchExplanation: FetchExplanation;
  setStatus: Parameters<typeof ClientStatus>[0]['setStatus'];
  keys: KeyCalls;
  fetchOverrides: Parameters<typeof OverrideList>[0]['fetchOverrides'];
}

function callsOf(client: ConsoleClient): Calls {
  return {
    fetchOverrides: (cap, signal) => client.caps.overrides(cap, { signal }),
    fetchDetail: (tenantId, signal) => client.tenants.detail({ tenantId }, { signal }),
    fetchExplanation: (of, signal) => client.tenants.explainRefusal(of, { signal }),
    setStatus: (input) => client.tenants.setStatus(input),
    keys: {
      list: (tenantId, signal) => client.keys.list({ tenantId }, { signal }),
      issue: (input) => client.keys.issue(input),
      rotate: (input) => client.keys.rotate(input),
      revoke: (input) => client.keys.revoke(input),
    },
  };
}

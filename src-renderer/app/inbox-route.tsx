import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useMemo, useSyncExternalStore, type ReactNode } from 'react';
import type { Alert } from '../../src-main/contract/alerts.ts';
import type { InboxItem } from '../../src-main/contract/requests.ts';
import { AlertList } from '../alerts/alert-list.tsx';
import { alertPermission } from '../alerts/alert-permission.ts';
import { MarginOutlook } from '../margins/margin-outlook.tsx';
import { marginPermission } from '../margins/margin-words.ts';
import { DecidedList } from '../requests/decided-list.tsx';
import { useLiveValue } from '../ui/live-value.ts';
import { TabBar } from '../ui/tab-bar.tsx';
import { useConsole } from './console-context.ts';
import type { Console } from './console.ts';
import { NotifyMe } from './notify-me.tsx';
import { useConsoleState } from './use-console-state.ts';

const InboxPage = lazy(async () => ({ default: (await import('../requests/inbox-page.tsx')).InboxPage }));

export function InboxRoute(): ReactNode {
  const console = useConsole();
  const { stale, changesOff } = useConsoleState(console);
  const inbox = useLiveValue(console.inbox);
  const alerts = useLiveValue(console.alerts);
  const session = useLiveValue(console.session);
  const notifies = useLiveValue(console.shell)?.notifies ?? true;
  const { item, alert, show } = useSearch({ from: '/inbox' });
  const navigate = useNavigate();
  const select = useCallback(
    (itemId: string) => void navigate({ to: '/inbox', search: { item: itemId }, replace: true }),
    [navigate],
  );
  const tenantLink = useCallback(
    (of: { tenantId: string; tenantName: string }) => (
      <Link to="/board/$tenantId" params={{ tenantId: of.tenantId }}>
        {of.tenantName}
      </Link>
    ),
    [],
  );
  const alertLink = useCallback(
    (of: Alert) => (
      <Link to="/board/$tenantId" params={{ tenantId: of.tenantId }}>
        {of.tenantName}
      </Link>
    ),
    [],
  );
  const refusing = useRefusing(console);
  const operator = session?.operator ?? null;
  const margin = useCallback(
    ({ tenantId, cap }: InboxItem, amountNanoUsd: bigint) => (
      <MarginOutlook
        fetchOutlook={(of, signal) => console.client.margins.outlook(of, { signal })}
        tenantId={tenantId}
        extraNanoUsd={cap.scope === 'tenant' && cap.period === 'month' ? amountNanoUsd : 0n}
        forbidden={marginPermission(operator, null).see}
      />
    ),
    [console, operator],
  );
  const viewer = session?.operator?.role === 'viewer';
  return (
    <Suspense fallback={null}>
      <InboxPage
        inbox={inbox}
        decisions={console.decisions}
        refusing={refusing}
        selected={item ?? null}
        onSelect={select}
        stale={stale}
        changesOff={changesOff}
        platformNow={console.platformNow}
        margin={margin}
        tenantLink={tenantLink}
        notices={notifies ? null : <NotifyMe />}
        tabs={<InboxTabs decided={show === 'decided'} />}
        decided={
          show === 'decided' ? (
            <DecidedList
              fetchRequests={(signal) => console.client.requests.history({}, { signal })}
              asOf={inbox?.asOf ?? null}
              tenantLink={tenantLink}
            />
          ) : null
        }
        alerts={
          <AlertList
            alerts={alerts}
            asked={alert ?? null}
            acknowledge={(input) => console.client.alerts.acknowledge(input)}
            newKey={console.newKey}
            forbidden={alertPermission(operator?.role ?? null, changesOff)}
            tenantLink={alertLink}
          />
        }
        forbidden={viewer ? 'Viewers look at the board; operators decide about raises.' : null}
      />
    </Suspense>
  );
}

const EXACTLY = { exact: true, includeSearch: true };

/** Not by the router's own mark of the active link alone: an item that is chosen is part of the address. */
function InboxTabs({ decided }: { decided: boolean }): ReactNode {
  return (
    <TabBar label="Inbox">
      <Link to="/inbox" activeOptions={EXACTLY} aria-current={decided ? undefined : 'page'}>
        Waiting
      </Link>
      <Link
        to="/inbox"
        search={{ show: 'decided' }}
        activeOptions={EXACTLY}
        aria-current={decided ? 'page' : undefined}
      >
        Decided
      </Link>
    </TabBar>
  );
}

/** Ids of the clients that the board shows refusing; the same set until they are others. */
function useRefusing({ board }: Console): ReadonlySet<string> {
  const ids = useSyncExternalStore(board.data.subscribe, () =>
    [...(board.data.get()?.rows.values() ?? [])]
      .filter(({ refusingSince }) => refusingSince !== null)
      .map(({ tenantId }) => tenantId)
      .join(' '),
  );
  return useMemo(() => new Set(ids.split(' ')), [ids]);
}

import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useMemo, type ReactNode } from 'react';
import type { MarginsState } from '../../src-main/contract/margins.ts';
import { marginPermission } from '../margins/margin-words.ts';
import { useLiveValue } from '../ui/live-value.ts';
import { useConsole } from './console-context.ts';
import type { Console } from './console.ts';
import { useConsoleState } from './use-console-state.ts';
import { useFollowed } from './use-followed.ts';

/** With its charts: none of it is loaded before somebody looks at margins. */
const MarginsPage = lazy(async () => ({ default: (await import('../margins/margins-page.tsx')).MarginsPage }));

export function MarginsRoute(): ReactNode {
  const console = useConsole();
  const { stale, changesOff } = useConsoleState(console);
  const operator = useLiveValue(console.session)?.operator ?? null;
  const permission = useMemo(() => marginPermission(operator, changesOff), [operator, changesOff]);
  const known = operator !== null;
  if (!known || permission.see !== null) {
    return (
      <Page console={console} state={null} stale={stale} permission={permission} month={undefined} client={null} />
    );
  }
  return <Followed console={console} stale={stale} permission={permission} />;
}

type Shown = { console: Console; stale: string | null; permission: ReturnType<typeof marginPermission> };

/** Only who may see margins asks for them. */
function Followed({ console, stale, permission }: Shown): ReactNode {
  const { client } = console;
  const { month, client: opened } = useSearch({ from: '/margins' });
  const watch = useCallback<Parameters<typeof useFollowed<MarginsState>>[0]>(
    (options) => client.margins.watch({ month: month ?? 'running' }, options),
    [client, month],
  );
  const state = useFollowed(watch);
  return (
    <Page console={console} state={state} stale={stale} permission={permission} month={month} client={opened ?? null} />
  );
}

function Page(
  props: Shown & { state: MarginsState | null; month: string | undefined; client: string | null },
): ReactNode {
  const { console, state, stale, permission, month, client: opened } = props;
  const navigate = useNavigate();
  const calls = useMemo(() => callsOf(console), [console]);
  const open = useCallback(
    (tenantId: string | null) => {
      void navigate({ to: '/margins', search: { month, ...(tenantId === null ? {} : { client: tenantId }) } });
    },
    [navigate, month],
  );
  return (
    <Suspense fallback={null}>
      <MarginsPage
        {...calls}
        state={state}
        stale={stale}
        now={console.platformNow}
        permission={permission}
        opened={opened}
        onOpen={open}
        onMonth={(chosen) =>
          void navigate({
            to: '/margins',
            search: { month: chosen, ...(opened === null ? {} : { client: opened }) },
          })
        }
        links={
          opened === null ? null : (
            <>
              <Link to="/board/$tenantId" params={{ tenantId: opened }}>
                On the board
              </Link>
              <Link to="/audit" search={{ client: opened }}>
                All its changes
              </Link>
            </>
          )
        }
      />
    </Suspense>
  );
}

function callsOf({ client, queries }: Console) {
  const forget = (): void => {
    void queries.invalidateQueries({ queryKey: ['margins'] });
    void queries.invalidateQueries({ queryKey: ['audit'] });
  };
  return {
    fetchDrivers: (of: { tenantId: string; month: string }, signal: AbortSignal) =>
      client.margins.drivers(of, { signal }),
    fetchContracts: (tenantId: string, signal: AbortSignal) => client.margins.contracts({ tenantId }, { signal }),
    fetchRates: (signal: AbortSignal) => client.margins.rates(undefined, { signal }),
    sendContract: (change: Omit<Parameters<typeof client.margins.setContract>[0], 'idempotencyKey'>) =>
      client.margins.setContract({ ...change, idempotencyKey: crypto.randomUUID() }).finally(forget),
    sendRate: (change: Omit<Parameters<typeof client.margins.setRate>[0], 'idempotencyKey'>) =>
      client.margins.setRate({ ...change, idempotencyKey: crypto.randomUUID() }).finally(forget),
  };
}

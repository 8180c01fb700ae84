import { useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useMemo, type ReactNode } from 'react';
import type { BoardRow, CapPeriod } from '../../src-main/contract/board.ts';
import { BoardPage } from '../board/board-page.tsx';
import { CapControl } from '../caps/cap-control.tsx';
import { CapNote } from '../caps/cap-note.tsx';
import { capPermission } from '../caps/cap-permission.ts';
import { bindingCap, capStanding, otherCap } from '../caps/cap-standing.ts';
import { capTarget } from '../caps/cap-target.ts';
import { limitInForce } from '../caps/cap-words.ts';
import { OrphanedSummary } from '../grants/orphaned-grants.tsx';
import { UnpricedModels } from '../prices/unpriced-models.tsx';
import { BoardMargin } from '../margins/board-margin.tsx';
import { formatUsd } from '../ui/format-usd.ts';
import { clientPermission } from '../tenants/client-permission.ts';
import { NewClientButton } from '../tenants/new-client-button.tsx';
import { useLiveValue } from '../ui/live-value.ts';
import { StaleLine } from '../ui/state-panel.tsx';
import { useConsole } from './console-context.ts';
import type { Console } from './console.ts';
import { FirstSteps } from './first-steps.tsx';
import { InboxMark } from './inbox-mark.tsx';
import { raiseByTen, undoLastChange } from './raise-by-ten.ts';
import { useConsoleState } from './use-console-state.ts';

/** What is committed now of a client's cap of that period. */
type ReadCommitted = (tenantId: string, period: CapPeriod) => () => bigint | null;

const ClientPanel = lazy(async () => ({ default: (await import('./client-panel.tsx')).ClientPanel }));

/** The board, with the cap control in its rows and a client's panel beside it. */
export function BoardRoute(): ReactNode {
  const console = useConsole();
  const { board, capChanges, client, cursor, nowMs } = console;
  const { stale, notice, changesOff } = useConsoleState(console);
  const session = useLiveValue(console.session);
  const orphaned = useLiveValue(console.orphaned);
  const opened = useParams({ strict: false }).tenantId ?? null;
  const navigate = useNavigate();

  const operator = session?.operator ?? null;
  const permission = useMemo(() => capPermission(operator, changesOff), [operator, changesOff]);
  const committedOf = useMemo(() => createCommittedReaders(console), [console]);

  const capControl = useCallback(
    (row: BoardRow) => {
      const standing = bindingCap(row);
      // Keyed by the cap: what is half typed for one is never sent to the other.
      return standing === null ? null : (
        <CapControl
          key={standing.cap.capId}
          target={capTarget(row, standing)}
          changes={capChanges}
          permission={permission}
          committed={committedOf(row.tenantId, standing.period)}
          urgent={row.attention === 'refusing'}
          shownElsewhere={opened === row.tenantId}
        />
      );
    },
    [capChanges, permission, committedOf, opened],
  );
  const capNote = useCallback(
    (row: BoardRow) => {
      const standing = bindingCap(row);
      return standing === null ? null : (
        <CapNote
          key={standing.cap.capId}
          clientName={row.name}
          standing={standing}
          other={otherCap(row)}
          rest={otherCapText(row)}
          timeZone={row.timeZone}
          changes={capChanges}
          nowMs={nowMs}
        />
      );
    },
    [capChanges, nowMs],
  );
  const margin = useCallback(
    // Of the database: while it is away they are of then.
    (tenantId: string) => <BoardMargin margins={console.margins} tenantId={tenantId} old={changesOff !== null} />,
    [console.margins, changesOff],
  );
  const mark = useCallback(
    ({ tenantId, name }: BoardRow) => <InboxMark console={console} tenantId={tenantId} name={name} />,
    [console],
  );
  const open = useCallback(
    (tenantId: string) => {
      cursor.set(tenantId);
      void navigate({ to: '/board/$tenantId', params: { tenantId } });
    },
    [cursor, navigate],
  );
  const raise = useCallback((tenantId: string) => raiseByTen(console, permission, tenantId), [console, permission]);
  const undo = useCallback((tenantId: string) => undoLastChange(console, tenantId), [console]);
  const fetchUnpriced = useCallback((signal: AbortSignal) => client.prices.unpriced(undefined, { signal }), [client]);
  const close = useCallback(() => void navigate({ to: '/board' }), [navigate]);

  return (
    <BoardPage
      store={board}
      nowMs={nowMs}
      cursor={cursor}
      opened={opened}
      stale={stale}
      capControl={capControl}
      capNote={capNote}
      margin={margin}
      mark={mark}
      onOpen={open}
      onClose={close}
      onRaise={raise}
      newClient={
        <NewClientButton
          forbidden={clientPermission(operator, changesOff).create}
          onOpen={() => console.newClient.set(true)}
        />
      }
      notice={
        <>
          <FirstSteps console={console} />
          {notice === null ? null : <StaleLine>{notice}</StaleLine>}
          {session?.keptTrouble ? <StaleLine>{session.keptTrouble}</StaleLine> : null}
          <OrphanedSummary grants={orphaned} onOpen={open} />
          <UnpricedModels fetchUnpriced={fetchUnpriced} onOpen={open} />
        </>
      }
      onUndo={undo}
      panel={
        opened === null ? null : (
          <Suspense fallback={null}>
            <ClientPanel
              key={opened}
              console={console}
              tenantId={opened}
              permission={permission}
              changesOff={changesOff}
              committed={committedOf}
              onClose={close}
            />
          </Suspense>
        )
      }
    />
  );
}

/** "a day" beside a daily cap that the row is about, "$5.00 a day" of one beside the monthly cap; null without one. */
function otherCapText(row: BoardRow): string | null {
  if (row.binding === 'day') return 'a day';
  const day = otherCap(row);
  return day === null ? null : `${formatUsd(limitInForce(day.cap))} a day`;
}

/** For each cap one function that reads what is committed now: the same one each time, so that controls keep still. */
function createCommittedReaders({ board }: Console): ReadCommitted {
  const readers = new Map<string, () => bigint | null>();
  return (tenantId, period) => {
    const key = `${tenantId} ${period}`;
    const known = readers.get(key);
    if (known) return known;
    const reader = (): bigint | null => {
      const row = board.data.get()?.rows.get(tenantId);
      return row ? (capStanding(row, period)?.committedNanoUsd ?? null) : null;
    };
    readers.set(key, reader);
    return reader;
  };
}

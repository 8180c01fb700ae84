import { useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useMemo, type ReactNode } from 'react';
import type { BoardRow } from '../../src-main/contract/board.ts';
import { BoardPage } from '../board/board-page.tsx';
import { CapControl } from '../caps/cap-control.tsx';
import { CapNote } from '../caps/cap-note.tsx';
import { capPermission } from '../caps/cap-permission.ts';
import { capTarget } from '../caps/cap-target.ts';
import { OrphanedSummary } from '../grants/orphaned-grants.tsx';
import { clientPermission } from '../tenants/client-permission.ts';
import { NewClientButton } from '../tenants/new-client-button.tsx';
import { useLiveValue } from '../ui/live-value.ts';
import { useConsole } from './console-context.ts';
import type { Console } from './console.ts';
import { raiseByTen, undoLastChange } from './raise-by-ten.ts';
import { useConsoleState } from './use-console-state.ts';

const ClientPanel = lazy(async () => ({ default: (await import('./client-panel.tsx')).ClientPanel }));

/** The board, with the cap control in its rows and a client's panel beside it. */
export function BoardRoute(): ReactNode {
  const console = useConsole();
  const { board, capChanges, cursor, nowMs } = console;
  const { stale, changesOff } = useConsoleState(console);
  const session = useLiveValue(console.session);
  const orphaned = useLiveValue(console.orphaned);
  const opened = useParams({ strict: false }).tenantId ?? null;
  const navigate = useNavigate();

  const operator = session?.operator ?? null;
  const permission = useMemo(() => capPermission(operator, changesOff), [operator, changesOff]);
  const committedOf = useMemo(() => createCommittedReaders(console), [console]);

  const capControl = useCallback(
    (row: BoardRow) => {
      const target = capTarget(row);
      return target === null ? null : (
        <CapControl
          target={target}
          changes={capChanges}
          permission={permission}
          committed={committedOf(row.tenantId)}
          urgent={row.attention === 'refusing'}
          shownElsewhere={opened === row.tenantId}
        />
      );
    },
    [capChanges, permission, committedOf, opened],
  );
  const capNote = useCallback(
    (row: BoardRow) =>
      row.cap === null ? null : (
        <CapNote clientName={row.name} cap={row.cap} timeZone={row.timeZone} changes={capChanges} nowMs={nowMs} />
      ),
    [capChanges, nowMs],
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
      onOpen={open}
      onClose={close}
      onRaise={raise}
      newClient={
        <NewClientButton
          forbidden={clientPermission(operator, changesOff).create}
          onOpen={() => console.newClient.set(true)}
        />
      }
      notice={<OrphanedSummary grants={orphaned} onOpen={open} />}
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
              committed={committedOf(opened)}
              onClose={close}
            />
          </Suspense>
        )
      }
    />
  );
}

/** For each client one function that reads what is committed now: the same one each time, so that controls keep still. */
function createCommittedReaders({ board }: Console): (tenantId: string) => () => bigint | null {
  const readers = new Map<string, () => bigint | null>();
  return (tenantId) => {
    const known = readers.get(tenantId);
    if (known) return known;
    const reader = (): bigint | null => board.data.get()?.rows.get(tenantId)?.committedNanoUsd ?? null;
    readers.set(tenantId, reader);
    return reader;
  };
}

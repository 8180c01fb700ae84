import { useCallback, useMemo, useRef, useState, type ReactNode } from 'react';
import type { BoardRow } from '../../src-main/contract/board.ts';
import { AgeStamp } from '../ui/age-stamp.tsx';
import { useLiveValue, type SettableLiveValue } from '../ui/live-value.ts';
import { useShortcuts } from '../ui/shortcuts.ts';
import { SkeletonRows, StaleLine, StatePanel } from '../ui/state-panel.tsx';
import { parseFilter } from './board-filter.ts';
import { BoardTable } from './board-table.tsx';
import type { BoardStore } from './board-store.ts';
import { FilterField } from './filter-field.tsx';
import { SummaryStrip } from './summary-strip.tsx';
import { useBoardOrder } from './use-board-order.ts';
import { useWorkHold } from './work-hold.ts';
import classes from './board-page.module.css';

export interface BoardPageProps {
  store: BoardStore;
  nowMs: () => number;
  /** The client under the operator's hand; shared with the palette and the shortcuts. */
  cursor: SettableLiveValue<string | null>;
  /** The client whose panel is open. */
  opened: string | null;
  /** Why the figures are old or not whole; null when live. */
  stale: string | null;
  capControl: (row: BoardRow) => ReactNode;
  capNote: (row: BoardRow) => ReactNode;
  margin: (tenantId: string) => ReactNode;
  mark: (row: BoardRow) => ReactNode;
  onOpen: (tenantId: string) => void;
  onClose: () => void;
  /** Raise that client's cap by 10 %. */
  onRaise: (tenantId: string) => void;
  /** What else the operator has to know of the whole board. */
  notice: ReactNode;
  /** The way to a further client. */
  newClient: ReactNode;
  /** Take the last change of that client's cap back, while that can be done. */
  onUndo: (tenantId: string) => void;
  panel: ReactNode;
}

/** Every client, what needs attention on top. */
export function BoardPage(props: BoardPageProps): ReactNode {
  const { store, nowMs, cursor, opened, stale, capControl, capNote, margin, mark, onOpen, onClose } = props;
  const { onRaise, onUndo, notice, newClient, panel } = props;
  const [text, setText] = useState('');
  const filter = useMemo(() => parseFilter(text), [text]);
  const hold = useWorkHold(nowMs);
  const order = useBoardOrder(store, filter, hold.isHeld);
  const at = useLiveValue(cursor);
  const loaded = useLiveValue(useMemo(() => ({ subscribe: store.data.subscribe, get: () => countOf(store) }), [store]));
  const kept = useLiveValue(useMemo(() => ({ subscribe: store.data.subscribe, get: () => isKept(store) }), [store]));
  const field = useRef<HTMLInputElement>(null);
  const [focusRequest, setFocusRequest] = useState(0);

  const tools = useMemo(
    () => ({ store, capControl, capNote, margin, mark }),
    [store, capControl, capNote, margin, mark],
  );
  const age = useCallback(() => {
    const data = store.data.get();
    if (data === null) return null;
    const sinceFrame = nowMs() - data.receivedMs;
    return data.keptAsOf === null ? sinceFrame : data.at.getTime() - data.keptAsOf.getTime() + sinceFrame;
  }, [store, nowMs]);

  const moveTo = useCallback(
    (id: string | undefined) => {
      if (id === undefined) return;
      cursor.set(id);
      setFocusRequest((count) => count + 1);
      if (opened !== null && opened !== id) onOpen(id);
    },
    [cursor, opened, onOpen],
  );
  const step = (by: number): void => {
    const from = at === null ? -1 : order.ids.indexOf(at);
    moveTo(order.ids[Math.min(order.ids.length - 1, Math.max(0, from + by))]);
  };

  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    PageDown: () => step(10),
    PageUp: () => step(-10),
    Home: () => moveTo(order.ids[0]),
    End: () => moveTo(order.ids.at(-1)),
    '/': () => field.current?.select(),
    // Only what can be seen in the list is changed by a key.
    '+': () => {
      if (at !== null && order.ids.includes(at)) onRaise(at);
    },
    u: () => {
      if (at !== null && order.ids.includes(at)) onUndo(at);
    },
    s: order.sortNow,
    Escape: () => {
      if (opened === null) return;
      onClose();
      setFocusRequest((count) => count + 1);
    },
  });

  return (
    <div className={classes['page']}>
      <div className={classes['board']}>
        <h1 className="td-unseen">Board</h1>
        <SummaryStrip store={store} onFilter={setText} />
        <div className={classes['bar']}>
          <FilterField
            field={field}
            text={text}
            filter={filter}
            onText={setText}
            onLeave={() => moveTo(at !== null && order.ids.includes(at) ? at : order.ids[0])}
          />
          {order.waiting ? (
            <button
              type="button"
              className="td-link"
              onClick={order.sortNow}
              title="Rows keep their places while you work in the table"
            >
              order changed, sort now (S)
            </button>
          ) : null}
          <span className={classes['count']}>
            {countText(order.ids.length, loaded, text !== '')}
            {loaded === null ? null : <span aria-hidden="true"> · </span>}
            <AgeStamp ageMs={age} oldAfterMs={3_000} say={kept ? keptSince : updated} />
          </span>
          {newClient}
        </div>
        {stale === null ? null : <StaleLine>{stale}</StaleLine>}
        {notice}
        {loaded === null ? (
          <SkeletonRows rows={14} label="Clients are on their way" />
        ) : loaded === 0 ? (
          <StatePanel kind="empty" title="No clients yet">
            This platform has no client that you may see. They appear here by themselves, as soon as an admin makes one
            or one is assigned to you.
          </StatePanel>
        ) : order.ids.length === 0 ? (
          <StatePanel
            kind="empty"
            title={`No client matches “${text.trim()}”`}
            action={
              <button type="button" className="td-button" onClick={() => setText('')}>
                Clear the filter
              </button>
            }
          />
        ) : (
          <BoardTable
            old={stale !== null}
            order={order}
            tools={tools}
            cursor={at}
            opened={opened}
            focusRequest={focusRequest}
            hold={hold}
            onOpen={onOpen}
            onSelect={cursor.set}
          />
        )}
      </div>
      {panel}
    </div>
  );
}

function countOf(store: BoardStore): number | null {
  return store.data.get()?.rows.size ?? null;
}

function isKept(store: BoardStore): boolean {
  return Boolean(store.data.get()?.keptAsOf);
}

function countText(shown: number, all: number | null, filtered: boolean): string {
  if (all === null) return '';
  const clients = `${all.toLocaleString('en-US')} ${all === 1 ? 'client' : 'clients'}`;
  return filtered ? `${shown.toLocaleString('en-US')} of ${clients}` : clients;
}

function keptSince(age: string): string {
  return `figures ${age} old`;
}

function updated(age: string): string {
  return `updated ${age} ago`;
}

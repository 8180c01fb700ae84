import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { BoardRow } from '../../src-main/contract/board.ts';
import { matches, type BoardFilter } from './board-filter.ts';
import { keepOrder, orderBoard, sameOrder, type BoardOrder } from './board-order.ts';
import type { BoardData, BoardStore } from './board-store.ts';

const SORT_EVERY_MS = 2_000;
const NOBODY: BoardOrder = { ids: [], attentionCount: 0 };

export interface ShownOrder extends BoardOrder {
  /** The figures ask for another order, held back because somebody works in the table. */
  waiting: boolean;
  sortNow: () => void;
}

/**
 * The order of the rows. It follows the figures at most every two seconds, and not while `isHeld()`: a row never jumps
 * away under the pointer or the focus. A changed filter sorts at once.
 */
export function useBoardOrder(store: BoardStore, filter: BoardFilter, isHeld: () => boolean): ShownOrder {
  const [order, setOrder] = useState<BoardOrder>(() => wantedOrder(store.data.get(), filter));
  const [waiting, setWaiting] = useState(false);
  const shown = useRef(order);

  const show = useCallback((next: BoardOrder, wanted: BoardOrder) => {
    setWaiting(!sameOrder(next, wanted));
    if (sameOrder(shown.current, next)) return;
    shown.current = next;
    setOrder(next);
  }, []);

  const sort = useCallback(
    (held: boolean) => {
      const wanted = wantedOrder(store.data.get(), filter);
      show(held ? keepOrder(shown.current, wanted) : wanted, wanted);
    },
    [store, filter, show],
  );

  useEffect(() => {
    sort(false);
    const timer = setInterval(() => sort(isHeld()), SORT_EVERY_MS);
    return () => clearInterval(timer);
  }, [sort, isHeld]);

  // Who came or went shows at once; nobody else moves while the table is held.
  useEffect(() => {
    let membership = store.data.get()?.membership;
    return store.data.subscribe(() => {
      const now = store.data.get()?.membership;
      if (now !== membership) sort(isHeld() && shown.current.ids.length > 0);
      membership = now;
    });
  }, [store, sort, isHeld]);

  const sortNow = useCallback(() => sort(false), [sort]);
  return useMemo(() => ({ ...order, waiting, sortNow }), [order, waiting, sortNow]);
}

function wantedOrder(data: BoardData | null, filter: BoardFilter): BoardOrder {
  if (!data) return NOBODY;
  const rows: Iterable<BoardRow> = data.rows.values();
  return orderBoard(filter.tests.length === 0 ? rows : Array.from(rows).filter((row) => matches(row, filter)));
}

// oxlint-disable jsx-a11y/prefer-tag-over-role -- virtual rows are placed one by one, which a <table> doesn't allow
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useTable } from '@tanstack/react-table';
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef, type ReactNode } from 'react';
import {
  BOARD_COLUMNS,
  boardColumns,
  boardFeatures,
  gridTemplate,
  leastWidth,
  visibleColumns,
  type CellTools,
  type ColumnId,
} from './board-columns.tsx';
import type { BoardOrder } from './board-order.ts';
import { BoardRowView } from './board-row.tsx';
import type { WorkHold } from './work-hold.ts';
import classes from './board-table.module.css';

const ROW_PX = 40;
const DIVIDER_PX = 26;

export interface BoardTableProps {
  order: BoardOrder;
  tools: CellTools;
  cursor: string | null;
  opened: string | null;
  /** Raised each time the cursor was moved by a key: the row then takes the focus. */
  focusRequest: number;
  /** The figures are not live: the colours step back. */
  old: boolean;
  hold: WorkHold;
  onOpen: (tenantId: string) => void;
  onSelect: (tenantId: string) => void;
}

/** All clients; only the rows on the screen are in the page. The divider takes a place of its own between the groups. */
export function BoardTable(props: BoardTableProps): ReactNode {
  const { order, tools, cursor, opened, focusRequest, old, hold, onOpen, onSelect } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: sizeRef, width } = useElementSize<HTMLDivElement>();
  const frame = useMergedRef(scroller, sizeRef);

  const beside = opened !== null;
  const columnVisibility = useMemo(() => visibleColumns(width === 0 ? 1280 : width, beside), [width, beside]);
  const data = useMemo(() => order.ids.map((tenantId) => ({ tenantId })), [order.ids]);
  const table = useTable({
    features: boardFeatures,
    columns: boardColumns,
    data,
    getRowId: (row) => row.tenantId,
    state: { columnVisibility },
  });
  const columns = useMemo(
    () => table.getVisibleLeafColumns().map(({ id }) => id as ColumnId),
    // eslint-disable-next-line react/exhaustive-deps -- the table object stays the same while its columns change
    [table, columnVisibility],
  );

  const dividerAt = order.attentionCount > 0 && order.attentionCount < order.ids.length ? order.attentionCount : -1;
  const count = order.ids.length + (dividerAt === -1 ? 0 : 1);
  const idAt = useCallback(
    (index: number) =>
      index === dividerAt ? null : order.ids[dividerAt !== -1 && index > dividerAt ? index - 1 : index],
    [order.ids, dividerAt],
  );
  const cursorIndex = useMemo(() => {
    const at = cursor === null ? -1 : order.ids.indexOf(cursor);
    return dividerAt !== -1 && at >= dividerAt ? at + 1 : at;
  }, [order.ids, cursor, dividerAt]);

  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (index === dividerAt ? DIVIDER_PX : ROW_PX),
    getItemKey: (index) => idAt(index) ?? 'divider',
    overscan: 6,
    scrollPaddingStart: 30,
    // The row that has the focus stays in the page wherever it is scrolled to.
    rangeExtractor: (range: Range) => {
      const shown = defaultRangeExtractor(range);
      if (cursorIndex < 0 || shown.includes(cursorIndex)) return shown;
      return [...shown, cursorIndex].toSorted((a, b) => a - b);
    },
  });

  useEffect(() => {
    virtual.measure();
  }, [virtual, dividerAt, count]);

  useEffect(() => {
    if (focusRequest === 0 || cursorIndex < 0) return;
    virtual.scrollToIndex(cursorIndex, { align: 'auto' });
    scroller.current?.querySelector<HTMLElement>(`[role=row][tabindex="0"]`)?.focus({ preventScroll: true });
    // eslint-disable-next-line react/exhaustive-deps -- a key moved the cursor, not the figures
  }, [focusRequest]);

  const template = { gridTemplateColumns: gridTemplate(columns) };
  return (
    <div ref={frame} className={classes['scroller']} {...hold.handlers} data-board="true" data-old={old}>
      <div
        role="grid"
        aria-label="Clients"
        aria-rowcount={count + 1}
        className={classes['table']}
        style={{ minWidth: leastWidth(columns) }}
      >
        <div role="row" aria-rowindex={1} className={classes['head']} style={template}>
          {columns.map((id) => (
            <div key={id} role="columnheader" className={classes['cell']} data-numeric={BOARD_COLUMNS[id].numeric}>
              {BOARD_COLUMNS[id].header}
            </div>
          ))}
        </div>
        <div role="rowgroup" className={classes['body']} style={{ ...template, height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const tenantId = idAt(item.index);
            if (tenantId === undefined) return null;
            if (tenantId === null) {
              return (
                <div
                  key={item.key}
                  role="row"
                  aria-rowindex={item.index + 2}
                  className={classes['divider']}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <div role="gridcell" aria-colspan={columns.length}>
                    All others, by share of cap
                  </div>
                </div>
              );
            }
            return (
              <BoardRowView
                key={item.key}
                tenantId={tenantId}
                columns={columns}
                tools={tools}
                ariaRowIndex={item.index + 2}
                top={item.start}
                reachable={tenantId === cursor || (cursorIndex < 0 && item.index === 0)}
                underHand={tenantId === cursor}
                opened={tenantId === opened}
                onOpen={onOpen}
                onSelect={onSelect}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

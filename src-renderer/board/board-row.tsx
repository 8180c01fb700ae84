// oxlint-disable jsx-a11y/prefer-tag-over-role -- virtual rows are placed one by one, which a <table> doesn't allow
import { memo, type ReactNode } from 'react';
import { BOARD_COLUMNS, CELLS, type CellTools, type ColumnId } from './board-columns.tsx';
import { useBoardRow } from './board-store.ts';
import classes from './board-table.module.css';

export interface BoardRowProps {
  tenantId: string;
  columns: readonly ColumnId[];
  tools: CellTools;
  /** Position in the whole table, the header being 1. */
  ariaRowIndex: number;
  top: number;
  /** Reached by Tab. */
  reachable: boolean;
  /** Under the operator's hand: the keys act on it. */
  underHand: boolean;
  opened: boolean;
  onOpen: (tenantId: string) => void;
  onSelect: (tenantId: string) => void;
}

/** One client. Only rows on the screen exist. */
export const BoardRowView = memo(function BoardRowView(props: BoardRowProps): ReactNode {
  const { tenantId, columns, tools, ariaRowIndex, top, reachable, underHand, opened, onOpen, onSelect } = props;
  const row = useBoardRow(tools.store, tenantId);
  if (!row) return null;
  return (
    <div
      role="row"
      aria-label={row.name}
      aria-rowindex={ariaRowIndex}
      aria-selected={opened}
      tabIndex={reachable ? 0 : -1}
      className={classes['row']}
      data-tenant={tenantId}
      data-hand={underHand}
      data-attention={row.attention}
      style={{ transform: `translateY(${top}px)` }}
      onFocus={() => onSelect(tenantId)}
      onClick={(event) => {
        if (event.target instanceof Element && event.target.closest('[data-control]') === null) onOpen(tenantId);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || event.target !== event.currentTarget) return;
        event.preventDefault();
        onOpen(tenantId);
      }}
    >
      {columns.map((id) => (
        <div
          key={id}
          role="gridcell"
          className={classes['cell']}
          data-numeric={BOARD_COLUMNS[id].numeric}
          data-control={id === 'control' ? true : undefined}
        >
          {CELLS[id](row, tools)}
        </div>
      ))}
    </div>
  );
});

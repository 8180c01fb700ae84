import { createColumnHelper, columnVisibilityFeature, tableFeatures } from '@tanstack/react-table';
import type { ReactNode } from 'react';
import type { BoardRow } from '../../src-main/contract/board.ts';
import { bindingCap } from '../caps/cap-standing.ts';
import { limitInForce } from '../caps/cap-words.ts';
import { formatExactly } from '../ui/format-instant.ts';
import { Count, Latency, Money, SuccessRate } from '../ui/figure.tsx';
import type { BoardStore } from './board-store.ts';
import { TenantGauge } from './tenant-gauge.tsx';
import { TenantState } from './tenant-state.tsx';
import classes from './board-table.module.css';

export type ColumnId =
  | 'client'
  | 'state'
  | 'gauge'
  | 'committed'
  | 'cap'
  | 'burn'
  | 'margin'
  | 'calls'
  | 'success'
  | 'p95'
  | 'refused'
  | 'control';

interface BoardColumn {
  header: string;
  /** Grid track: the least width in px, and its part of what is left over. */
  width: number;
  grow: number;
  /** The table's least width in px at which the column is shown. */
  from: number;
  numeric: boolean;
}

export const BOARD_COLUMNS: Record<ColumnId, BoardColumn> = {
  client: { header: 'Client', width: 154, grow: 4, from: 0, numeric: false },
  state: { header: 'State', width: 162, grow: 0, from: 0, numeric: false },
  gauge: { header: 'Committed and held, of cap', width: 150, grow: 4, from: 0, numeric: false },
  committed: { header: 'Committed', width: 88, grow: 0, from: 760, numeric: true },
  cap: { header: 'Cap', width: 92, grow: 0, from: 0, numeric: true },
  burn: { header: 'Burn / day', width: 82, grow: 0, from: 1020, numeric: true },
  margin: { header: 'Margin, forecast', width: 114, grow: 0, from: 1100, numeric: true },
  calls: { header: 'Calls / min', width: 78, grow: 0, from: 940, numeric: true },
  success: { header: 'OK, today', width: 72, grow: 0, from: 1200, numeric: true },
  p95: { header: 'p95, today', width: 76, grow: 0, from: 1110, numeric: true },
  refused: { header: 'Refused, 1 h', width: 86, grow: 0, from: 850, numeric: true },
  control: { header: 'Raise cap', width: 104, grow: 0, from: 0, numeric: true },
};

export const boardFeatures = tableFeatures({ columnVisibilityFeature });

/** Rows of the table are the ids alone: figures reach the cells past it, so that they don't rebuild the table. */
export interface BoardTableRow {
  tenantId: string;
}

const helper = createColumnHelper<typeof boardFeatures, BoardTableRow>();

export const COLUMN_IDS = Object.keys(BOARD_COLUMNS) as ColumnId[];

export const boardColumns = helper.columns(
  COLUMN_IDS.map((id) => helper.display({ id, header: BOARD_COLUMNS[id].header })),
);

/** Below this the cap control leaves the rows while a client's panel stands beside them with its own. */
const CONTROL_BESIDE_PANEL = 660;

/** Which columns have room in a table of that width. `beside`: a client's panel is open. */
export function visibleColumns(width: number, beside: boolean): Record<ColumnId, boolean> {
  const entries = COLUMN_IDS.map((id) => {
    const from = id === 'control' && beside ? CONTROL_BESIDE_PANEL : BOARD_COLUMNS[id].from;
    return [id, width >= from] as const;
  });
  return Object.fromEntries(entries) as Record<ColumnId, boolean>;
}

export function gridTemplate(ids: readonly ColumnId[]): string {
  return ids
    .map((id) => {
      const { width, grow } = BOARD_COLUMNS[id];
      return grow === 0 ? `${width}px` : `minmax(${width}px, ${grow}fr)`;
    })
    .join(' ');
}

/** Below this the table scrolls sideways. */
export function leastWidth(ids: readonly ColumnId[]): number {
  return ids.reduce((sum, id) => sum + BOARD_COLUMNS[id].width, 0);
}

export interface CellTools {
  store: BoardStore;
  capControl: (row: BoardRow) => ReactNode;
  capNote: (row: BoardRow) => ReactNode;
  /** The forecast of its calendar month's margin. */
  margin: (tenantId: string) => ReactNode;
  /** What the inbox holds of it. */
  mark: (row: BoardRow) => ReactNode;
}

const SILENT = 'unknown: no live figures';

function noCallToday(row: BoardRow): string {
  return row.callsToday === null ? 'unknown' : 'no answered call today';
}

export const CELLS: Record<ColumnId, (row: BoardRow, tools: CellTools) => ReactNode> = {
  client: (row, { mark }) => (
    <>
      <span className={classes['client']}>
        <span className={classes['name']} title={row.name}>
          {row.name}
        </span>
        <span className={classes['sub']} title={`${row.plan} · ${row.timeZone}`}>
          {row.plan} · {row.timeZone}
        </span>
      </span>
      {mark(row)}
    </>
  ),
  state: (row) => <TenantState row={row} />,
  gauge: (row, { store }) => (
    <>
      {row.binding === 'day' ? <span className={classes['day']}>day</span> : null}
      <TenantGauge store={store} tenantId={row.tenantId} name={row.name} period={row.binding} />
    </>
  ),
  committed: (row) => {
    const standing = bindingCap(row);
    return (
      <span className={classes['stack']} title={row.asOf === null ? undefined : `as of ${formatExactly(row.asOf)}`}>
        <Money
          nanoUsd={standing?.committedNanoUsd ?? null}
          missing={standing === null ? 'no cap, no period' : 'committed is unknown'}
        />
        {row.binding === 'day' ? <span className={classes['sub']}>today</span> : null}
      </span>
    );
  },
  cap: (row, { capNote }) => {
    const standing = bindingCap(row);
    return (
      <span className={classes['stack']}>
        <span className={classes['strong']}>
          {standing === null ? 'none' : <Money nanoUsd={limitInForce(standing.cap)} missing="no cap" />}
        </span>
        {capNote(row)}
      </span>
    );
  },
  burn: (row) => <Money nanoUsd={row.burnNanoUsdPerDay} missing="burn rate is unknown" />,
  margin: (row, { margin }) => margin(row.tenantId),
  calls: (row) => <Count value={row.callsLastMinute} missing={SILENT} />,
  success: (row) => <SuccessRate calls={row.callsToday} failed={row.failedToday} missing={noCallToday(row)} />,
  p95: (row) => <Latency ms={row.p95TodayMs} missing={noCallToday(row)} />,
  refused: (row) => (
    <span className={row.attention === 'refusing' ? classes['alarm'] : undefined}>
      <Count value={row.refusedLastHour} missing={SILENT} />
    </span>
  ),
  control: (row, { capControl }) => capControl(row),
};

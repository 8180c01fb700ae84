// oxlint-disable jsx-a11y/prefer-tag-over-role -- virtual rows are placed one by one, which a <table> doesn't allow
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef, type ReactNode } from 'react';
import type { MarginRow } from '../../src-main/contract/margins.ts';
import { Money, Missing } from '../ui/figure.tsx';
import { formatPoints } from '../ui/format-money.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { Amount, Margin } from './margin-figure.tsx';
import { HistoryLine } from './history-line.tsx';
import { marginState } from './margin-words.ts';
import classes from './margin-table.module.css';

const ROW_PX = 36;

export interface MarginTableProps {
  rows: readonly MarginRow[];
  /** The month goes on: figures are to date and forecasts. */
  running: boolean;
  /** The row under the operator's hand. */
  cursor: string | null;
  opened: string | null;
  /** Raised each time a key moved the cursor: its row then takes the focus. */
  focusRequest: number;
  onOpen: (tenantId: string) => void;
  onSelect: (tenantId: string) => void;
}

/** Every client's month, the largest loss first. Only the rows on the screen are in the page. */
export function MarginTable(props: MarginTableProps): ReactNode {
  const { rows, running, cursor, opened, focusRequest, onOpen, onSelect } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => rows[index]?.tenantId ?? index,
    overscan: 6,
    scrollPaddingStart: 30,
  });
  const at = rows.findIndex(({ tenantId }) => tenantId === cursor);
  useEffect(() => {
    if (focusRequest === 0 || at < 0) return;
    virtual.scrollToIndex(at, { align: 'auto' });
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>('[role=row][tabindex="0"]')?.focus({ preventScroll: true }),
    );
    // eslint-disable-next-line react/exhaustive-deps -- a key moved the cursor, not the figures
  }, [focusRequest]);
  const headers = running ? RUNNING_HEADERS : FINAL_HEADERS;
  return (
    <div ref={scroller} className={classes['scroller']}>
      <div role="grid" aria-label="Margins by client" aria-rowcount={rows.length + 1} className={classes['table']}>
        <div role="row" aria-rowindex={1} className={classes['head']} data-running={running}>
          {headers.map(({ text, numeric }) => (
            <div key={text} role="columnheader" className={classes['cell']} data-numeric={numeric}>
              {text}
            </div>
          ))}
        </div>
        <div role="rowgroup" className={classes['body']} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ key, index, start }) => {
            const row = rows[index];
            return row ? (
              <Row
                key={key}
                row={row}
                running={running}
                index={index}
                top={start}
                reachable={index === Math.max(0, at)}
                opened={row.tenantId === opened}
                onOpen={onOpen}
                onSelect={onSelect}
              />
            ) : null;
          })}
        </div>
      </div>
    </div>
  );
}

const numeric = (text: string) => ({ text, numeric: true });
const words = (text: string) => ({ text, numeric: false });
const ENDS = [numeric('Target'), words('Against target'), numeric('Month before'), words('13 months')];
const RUNNING_HEADERS = [
  words('Client'),
  words('State'),
  numeric('Revenue, forecast'),
  numeric('AI cost to date'),
  numeric('AI cost, forecast'),
  numeric('Other, forecast'),
  numeric('Margin to date'),
  numeric('Margin, forecast'),
  ...ENDS,
];
const FINAL_HEADERS = [
  words('Client'),
  words('State'),
  numeric('Revenue, final'),
  numeric('AI cost, final'),
  numeric('Other, final'),
  numeric('Margin, final'),
  ...ENDS,
];

interface RowProps {
  row: MarginRow;
  running: boolean;
  index: number;
  top: number;
  reachable: boolean;
  opened: boolean;
  onOpen: (tenantId: string) => void;
  onSelect: (tenantId: string) => void;
}

const Row = memo(function Row(props: RowProps): ReactNode {
  const { row, running, index, top, reachable, opened, onOpen, onSelect } = props;
  const { contract, whole, toDate, range } = row;
  const state = marginState(row);
  const bp = whole?.marginBp ?? null;
  const against = bp === null || contract === null ? null : bp - BigInt(contract.targetMarginBp);
  const reason = state.word;
  return (
    <div
      role="row"
      aria-label={row.name}
      aria-rowindex={index + 2}
      aria-selected={opened}
      tabIndex={reachable ? 0 : -1}
      className={classes['row']}
      data-running={running}
      data-tenant={row.tenantId}
      style={{ transform: `translateY(${top}px)` }}
      onFocus={() => onSelect(row.tenantId)}
      onClick={() => onOpen(row.tenantId)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return;
        event.preventDefault();
        onOpen(row.tenantId);
      }}
    >
      <Cell>
        <b className={classes['name']} title={row.name}>
          {row.name}
        </b>
      </Cell>
      <Cell>
        <span className={classes['state']} data-tone={state.tone}>
          <StateMark shape={state.shape} tone={state.tone} />
          {state.word}
        </span>
      </Cell>
      <Cell numeric>
        <Amount minor={whole?.revenueMinor ?? null} money={contract} missing={reason} />
      </Cell>
      {running ? (
        <Cell numeric>
          <Cost row={row} minor={toDate?.aiCostMinor ?? null} nanoUsd={row.aiCostNanoUsd} />
        </Cell>
      ) : null}
      <Cell numeric>
        <Cost row={row} minor={whole?.aiCostMinor ?? null} nanoUsd={row.forecastNanoUsd ?? row.aiCostNanoUsd} />
      </Cell>
      <Cell numeric dim>
        <Amount minor={whole?.otherCostMinor ?? null} money={contract} missing={reason} />
      </Cell>
      {running ? (
        <Cell numeric dim>
          <Margin bp={toDate?.marginBp ?? null} missing={reason} />
        </Cell>
      ) : null}
      <Cell numeric>
        <span
          className={classes['margin']}
          data-alarm={bp !== null && bp < 0n}
          title={range ? `8 of 10 end in ${range.lowBp}–${range.highBp} basis points` : undefined}
        >
          <Margin bp={bp} missing={reason} />
        </span>
      </Cell>
      <Cell numeric dim>
        {contract === null ? <Missing reason={reason} /> : `${contract.targetMarginBp / 100} %`}
      </Cell>
      <Cell>
        <AgainstTarget bp={against} />
      </Cell>
      <Cell numeric dim>
        <Margin bp={row.before} missing="no margin in the month before" />
      </Cell>
      <Cell>
        <HistoryLine history={row.history} />
      </Cell>
    </div>
  );
});

function Cell({
  numeric: isNumeric = false,
  dim = false,
  children,
}: {
  numeric?: boolean;
  dim?: boolean;
  children: ReactNode;
}): ReactNode {
  return (
    <div role="gridcell" className={classes['cell']} data-numeric={isNumeric} data-dim={dim}>
      {children}
    </div>
  );
}

/** In the contract's currency; without one in the dollars that were spent. */
function Cost({ row, minor, nanoUsd }: { row: MarginRow; minor: bigint | null; nanoUsd: bigint }): ReactNode {
  return minor === null ? (
    <Money nanoUsd={nanoUsd} missing="unknown" />
  ) : (
    <Amount minor={minor} money={row.contract} missing="unknown" />
  );
}

/** A bar to the left of the middle line is below the target. */
function AgainstTarget({ bp }: { bp: bigint | null }): ReactNode {
  if (bp === null) return <span className={classes['noBar']} />;
  const size = Math.min(50, Math.abs(Number(bp)) / 60);
  return (
    <span className={classes['against']}>
      <span className={classes['bar']} aria-hidden="true">
        <i data-below={bp < 0n} style={{ width: `${size}%`, [bp < 0n ? 'right' : 'left']: '50%' }} />
      </span>
      <span>{formatPoints(bp)}</span>
    </span>
  );
}

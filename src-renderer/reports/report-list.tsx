// oxlint-disable jsx-a11y/prefer-tag-over-role -- virtual rows are placed one by one, which a <table> doesn't allow
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef, type ReactNode } from 'react';
import type { ReportEntry, ReportList as Listed } from '../../src-main/contract/reports.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { entryState } from './report-words.ts';
import classes from './reports-page.module.css';

const ROW_PX = 36;

export interface ReportListProps {
  entries: readonly ReportEntry[];
  source: Listed['source'];
  /** Against which ages are told. */
  now: Date;
  chosen: ReadonlySet<string>;
  /** The client whose preview is shown. */
  opened: string | null;
  /** Raised each time a key moved the preview: its row then takes the focus. */
  focusRequest: number;
  onOpen: (tenantId: string) => void;
  onChoose: (tenantId: string, chosen: boolean) => void;
}

/** Clients of a month by name, each with its box. Only the rows on the screen are in the page. */
export function ReportList(props: ReportListProps): ReactNode {
  const { entries, source, now, chosen, opened, focusRequest, onOpen, onChoose } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => entries[index]?.tenantId ?? index,
    overscan: 6,
  });
  const at = entries.findIndex(({ tenantId }) => tenantId === opened);
  useEffect(() => {
    if (at < 0) return;
    virtual.scrollToIndex(at, { align: 'auto' });
    if (focusRequest === 0) return;
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>('[role=row][tabindex="0"]')?.focus({ preventScroll: true }),
    );
    // eslint-disable-next-line react/exhaustive-deps -- a key or a link moved the preview, not the figures
  }, [focusRequest, opened]);
  return (
    <div ref={scroller} className={classes['scroller']}>
      <div
        role="grid"
        aria-label="Clients"
        aria-multiselectable="true"
        aria-rowcount={entries.length}
        className={classes['rows']}
        style={{ height: virtual.getTotalSize() }}
      >
        {virtual.getVirtualItems().map(({ key, index, start }) => {
          const entry = entries[index];
          return entry ? (
            <Row
              key={key}
              entry={entry}
              source={source}
              now={now}
              index={index}
              top={start}
              chosen={chosen.has(entry.tenantId)}
              opened={index === at}
              reachable={index === Math.max(0, at)}
              onOpen={onOpen}
              onChoose={onChoose}
            />
          ) : null;
        })}
      </div>
    </div>
  );
}

interface RowProps extends Pick<ReportListProps, 'source' | 'now' | 'onOpen' | 'onChoose'> {
  entry: ReportEntry;
  index: number;
  top: number;
  chosen: boolean;
  opened: boolean;
  reachable: boolean;
}

const Row = memo(function Row(props: RowProps): ReactNode {
  const { entry, source, now, index, top, chosen, opened, reachable, onOpen, onChoose } = props;
  const { tenantId, name, calls } = entry;
  const state = entryState(entry, source, now);
  return (
    <div
      role="row"
      aria-label={name}
      aria-rowindex={index + 1}
      aria-selected={chosen}
      data-opened={opened}
      tabIndex={reachable ? 0 : -1}
      className={classes['row']}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(tenantId)}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return;
        if (event.key === 'Enter') onOpen(tenantId);
        else if (event.key === ' ' && state.can) onChoose(tenantId, !chosen);
        else return;
        event.preventDefault();
      }}
    >
      <div role="gridcell" className={classes['cell']}>
        <input
          type="checkbox"
          aria-label={`Export ${name}`}
          checked={chosen}
          disabled={!state.can}
          tabIndex={-1}
          onClick={(event) => event.stopPropagation()}
          onChange={(event) => onChoose(tenantId, event.currentTarget.checked)}
        />
      </div>
      <div role="gridcell" className={classes['cell']}>
        <i className={classes['colour']} style={{ background: entry.colour }} />
        <b className={classes['name']} title={name}>
          {name}
        </b>
      </div>
      <div role="gridcell" className={classes['cell']} data-numeric="true">
        {calls === null ? '—' : `${calls.toLocaleString('en-US')} calls`}
      </div>
      <div role="gridcell" className={classes['cell']} data-dim="true">
        <StateMark shape={state.shape} tone={state.tone} />
        {state.word}
      </div>
    </div>
  );
});

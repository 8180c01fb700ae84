import type { ReactNode } from 'react';
import { useLiveValue } from '../ui/live-value.ts';
import { StateMark, type StateShape, type Tone } from '../ui/state-mark.tsx';
import { Count, Money } from '../ui/figure.tsx';
import type { BoardData, BoardStore } from './board-store.ts';
import classes from './summary-strip.module.css';

export interface SummaryStripProps {
  store: BoardStore;
  onFilter: (text: string) => void;
}

/** All clients in six figures. What could not be counted is said, never left out silently. */
export function SummaryStrip({ store, onFilter }: SummaryStripProps): ReactNode {
  const data = useLiveValue(store.data);
  const summary = data?.summary;
  const gaps = data === null ? null : countGaps(data);
  const waiting = 'no figures yet';
  return (
    <section className={classes['strip']} aria-label="All clients together">
      <Tile label="Committed this period" note={partly(gaps?.committed)}>
        <Money nanoUsd={knownSum(summary?.committedNanoUsd, gaps?.committed, gaps?.all)} missing={waiting} />
      </Tile>
      <Tile label="Spent today" note={partly(gaps?.spentToday) ?? 'in each client’s own day'}>
        <Money nanoUsd={knownSum(summary?.spentTodayNanoUsd, gaps?.spentToday, gaps?.all)} missing={waiting} />
      </Tile>
      <Tile label="Calls / min">
        <Count value={summary?.callsLastMinute ?? null} missing="unknown: no live figures" />
      </Tile>
      <Tile
        label="Refused, last hour"
        onFilter={() => onFilter('refused')}
        filterName="Show clients with refused calls"
      >
        <Count value={summary?.refusedLastHour ?? null} missing="unknown: no live figures" />
      </Tile>
      <Tile
        label="Refusing now"
        note={summary ? plural(summary.refusingTenants, 'client', 'clients') : undefined}
        mark={summary && summary.refusingTenants > 0 ? { shape: 'square', tone: 'alarm' } : undefined}
        onFilter={() => onFilter('state:refusing')}
        filterName="Show clients that are refused now"
      >
        <Count value={summary?.refusingTenants ?? null} missing={waiting} />
      </Tile>
      <Tile
        label="Need attention"
        note={summary ? `of ${plural(summary.tenants, 'client', 'clients', true)}` : undefined}
        mark={summary && summary.needAttention > 0 ? { shape: 'triangle', tone: 'warn' } : undefined}
        onFilter={() => onFilter('attention')}
        filterName="Show clients that need attention"
      >
        <Count value={summary?.needAttention ?? null} missing={waiting} />
      </Tile>
    </section>
  );
}

interface TileProps {
  label: string;
  note?: string | undefined;
  mark?: { shape: StateShape; tone: Tone } | undefined;
  onFilter?: () => void;
  filterName?: string;
  children: ReactNode;
}

function Tile({ label, note, mark, onFilter, filterName, children }: TileProps): ReactNode {
  const body = (
    <>
      <span className={classes['label']}>{label}</span>
      <span className={classes['figure']} data-tone={mark?.tone}>
        {mark ? <StateMark {...mark} /> : null}
        <span>{children}</span>
        {note === undefined ? null : <small>{note}</small>}
      </span>
    </>
  );
  if (!onFilter) return <div className={classes['tile']}>{body}</div>;
  return (
    <button type="button" className={classes['tile']} title={filterName} onClick={onFilter}>
      {body}
    </button>
  );
}

interface Gaps {
  all: number;
  committed: number;
  spentToday: number;
}

function countGaps(data: BoardData): Gaps {
  const gaps = { all: data.rows.size, committed: 0, spentToday: 0 };
  for (const row of data.rows.values()) {
    if (row.cap !== null && row.committedNanoUsd === null) gaps.committed += 1;
    if (row.spentTodayNanoUsd === null) gaps.spentToday += 1;
  }
  return gaps;
}

/** A sum to which nobody contributed is not zero but unknown. */
function knownSum(sum: bigint | undefined, gaps = 0, all = 0): bigint | null {
  return sum === undefined || (all > 0 && gaps === all) ? null : sum;
}

function partly(gaps: number | undefined): string | undefined {
  return gaps === undefined || gaps === 0 ? undefined : `without ${plural(gaps, 'client', 'clients', true)} unknown`;
}

function plural(count: number, one: string, many: string, withCount = false): string {
  const word = count === 1 ? one : many;
  return withCount ? `${count.toLocaleString('en-US')} ${word}` : word;
}

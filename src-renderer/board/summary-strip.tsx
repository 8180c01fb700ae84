import type { ReactNode } from 'react';
import { formatSince } from '../ui/format-instant.ts';
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
  const coverage = data === null ? undefined : coverageOf(data);
  const asOf = data?.keptAsOf ? `as of ${formatSince(data.keptAsOf)}` : undefined;
  const waiting = data === null ? 'no figures yet' : 'unknown: nothing vouches for it';
  return (
    <section className={classes['strip']} aria-label="All clients together">
      <Tile label="Committed this period" note={asOf ?? partly(coverage?.committed)}>
        <Money nanoUsd={known(summary?.committedNanoUsd, coverage?.committed)} missing={waiting} />
      </Tile>
      <Tile label="Spent today" hint="in each client’s own day" note={asOf ?? partly(coverage?.spentToday)}>
        <Money nanoUsd={known(summary?.spentTodayNanoUsd, coverage?.spentToday)} missing={waiting} />
      </Tile>
      <Tile label="Calls / min" note={asOf}>
        <Count value={summary?.callsLastMinute ?? null} missing="unknown: no live figures" />
      </Tile>
      <Tile
        label="Refused, last hour"
        note={asOf}
        onFilter={() => onFilter('refused')}
        filterName="Show clients with refused calls"
      >
        <Count value={summary?.refusedLastHour ?? null} missing="unknown: no live figures" />
      </Tile>
      <Tile
        label={asOf === undefined ? 'Refusing now' : 'Were refusing'}
        note={
          asOf ??
          partly(coverage?.refusing) ??
          (summary ? plural(summary.refusingTenants, 'client', 'clients') : undefined)
        }
        mark={
          asOf === undefined && summary && summary.refusingTenants > 0 ? { shape: 'square', tone: 'alarm' } : undefined
        }
        onFilter={() => onFilter('state:refusing')}
        filterName="Show clients that are refused now"
      >
        <Count value={known(summary?.refusingTenants, coverage?.refusing)} missing={waiting} />
      </Tile>
      <Tile
        label="Need attention"
        note={asOf ?? (summary ? `of ${plural(summary.tenants, 'client', 'clients', true)}` : undefined)}
        mark={
          asOf === undefined && summary && summary.needAttention > 0 ? { shape: 'triangle', tone: 'warn' } : undefined
        }
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
  hint?: string;
  note?: string | undefined;
  mark?: { shape: StateShape; tone: Tone } | undefined;
  onFilter?: () => void;
  filterName?: string;
  children: ReactNode;
}

function Tile({ label, hint, note, mark, onFilter, filterName, children }: TileProps): ReactNode {
  const body = (
    <>
      <span className={classes['label']} title={hint}>
        {label}
      </span>
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

/** How many clients a sum holds, and how many it would hold if everything were known. */
interface Coverage {
  known: number;
  missing: number;
}

interface Coverages {
  committed: Coverage;
  spentToday: Coverage;
  refusing: Coverage;
}

function coverageOf(data: BoardData): Coverages {
  const all: Coverages = {
    committed: { known: 0, missing: 0 },
    spentToday: { known: 0, missing: 0 },
    refusing: { known: 0, missing: 0 },
  };
  for (const row of data.rows.values()) {
    if (row.cap !== null) count(all.committed, row.committedNanoUsd !== null);
    count(all.spentToday, row.spentTodayNanoUsd !== null);
    // Without live figures only a cap that is used up tells: no refusal heard is not the same as none.
    const heard = row.callsLastMinute !== null || row.attention === 'refusing';
    if (row.status === 'active') count(all.refusing, heard);
  }
  return all;
}

function count(coverage: Coverage, known: boolean): void {
  if (known) coverage.known += 1;
  else coverage.missing += 1;
}

/** A sum to which nobody contributed though somebody should have is not zero but unknown. */
function known<T>(sum: T | undefined, coverage: Coverage | undefined): T | null {
  return sum === undefined || coverage === undefined || (coverage.known === 0 && coverage.missing > 0) ? null : sum;
}

function partly(coverage: Coverage | undefined): string | undefined {
  if (coverage === undefined || coverage.missing === 0 || coverage.known === 0) return undefined;
  return `without ${coverage.missing.toLocaleString('en-US')} unknown`;
}

function plural(count: number, one: string, many: string, withCount = false): string {
  const word = count === 1 ? one : many;
  return withCount ? `${count.toLocaleString('en-US')} ${word}` : word;
}

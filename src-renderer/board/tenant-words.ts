import type { BoardRow } from '../../src-main/contract/board.ts';
import { limitInForce, overrideWords } from '../caps/cap-words.ts';
import { formatDay, formatInZone, formatSince } from '../ui/format-instant.ts';
import { formatUsd } from '../ui/format-usd.ts';
import type { GaugeReading, GaugeShape } from '../ui/gauge-geometry.ts';
import type { StateShape, Tone } from '../ui/state-mark.tsx';
import { shareOfCap } from './board-order.ts';

/** A client's state: a shape and a word besides the colour. `detail`: what follows from it, or null. */
export interface TenantWords {
  shape: StateShape;
  tone: Tone;
  text: string;
  detail: string | null;
}

type Say = (row: BoardRow, now: Date) => TenantWords;

const SAY: Record<BoardRow['attention'], Say> = {
  suspended: () => ({ shape: 'pause', tone: 'idle', text: 'suspended', detail: 'calls are refused' }),
  refusing: (row, now) => ({ shape: 'square', tone: 'alarm', text: refusingText(row, now), detail: resets(row) }),
  near_cap: (row) => ({ shape: 'triangle', tone: 'warn', text: `near cap ${percentOf(row)} %`, detail: left(row) }),
  runs_out: (row) => ({ shape: 'triangle', tone: 'warn', text: runsOutText(row), detail: left(row) }),
  unknown: () => ({ shape: 'dashed', tone: 'idle', text: 'unknown', detail: 'no figures to vouch for' }),
  normal: (row) => ({ shape: 'circle', tone: 'calm', text: 'normal', detail: normalDetail(row) }),
};

/** `now`: this machine's clock, to tell today's times from older ones. */
export function tenantWords(row: BoardRow, now = new Date()): TenantWords {
  if (row.status === 'archived') return { shape: 'pause', tone: 'idle', text: 'archived', detail: null };
  return SAY[row.attention](row, now);
}

/** What the gauge of a client shows. */
export function gaugeReading(row: BoardRow): GaugeReading {
  return {
    committed: row.committedNanoUsd,
    held: row.heldNanoUsd,
    limit: row.cap === null ? null : limitInForce(row.cap),
    ticks: row.cap?.thresholds ?? [],
    tone: row.status === 'active' ? tenantWords(row, new Date(0)).tone : 'idle',
  };
}

/** The gauge in words: "87 % of $25.00 committed, $0.12 held". */
export function gaugeText({ held, limit }: GaugeReading, { kind, percent }: GaugeShape): string {
  if (kind === 'unlimited' || limit === null) return 'no cap';
  if (kind === 'unknown' || percent === null) return `committed unknown, cap ${formatUsd(limit)}`;
  return `${percent} % of ${formatUsd(limit)} committed, ${held === null ? 'held unknown' : `${formatUsd(held)} held`}`;
}

function refusingText(row: BoardRow, now: Date): string {
  return row.refusingSince === null ? 'refusing: cap reached' : `refusing since ${formatSince(row.refusingSince, now)}`;
}

function runsOutText(row: BoardRow): string {
  return row.runsOutAt === null ? 'runs out' : `runs out ${formatDay(row.runsOutAt, row.timeZone)}`;
}

function percentOf(row: BoardRow): string {
  const share = shareOfCap(row);
  return share === null ? '—' : String(Math.floor(share / 10));
}

function resets(row: BoardRow): string | null {
  return row.cap === null ? null : `resets ${formatInZone(row.cap.periodEnd, row.timeZone)}`;
}

function left(row: BoardRow): string | null {
  if (row.cap === null || row.committedNanoUsd === null) return null;
  const rest = limitInForce(row.cap) - row.committedNanoUsd;
  return rest <= 0n ? null : `${formatUsd(rest)} left`;
}

function normalDetail(row: BoardRow): string | null {
  if (row.cap === null) return 'no cap';
  return row.source === 'ledger' ? 'from the ledger' : overrideWords(row.cap, row.timeZone);
}

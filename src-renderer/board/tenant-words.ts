import type { BoardRow, CapPeriod } from '../../src-main/contract/board.ts';
import { bindingCap, capStanding } from '../caps/cap-standing.ts';
import { limitInForce, overrideWords } from '../caps/cap-words.ts';
import { formatClock, formatDay, formatInZone, formatSince } from '../ui/format-instant.ts';
import { formatUsd } from '../ui/format-usd.ts';
import { percentFigure, type GaugeReading, type GaugeShape } from '../ui/gauge-geometry.ts';
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
  near_cap: (row) => ({
    shape: 'triangle',
    tone: 'warn',
    text: `near ${nearWhat(row)} ${percentOf(row)} %`,
    detail: left(row),
  }),
  runs_out: (row) => ({ shape: 'triangle', tone: 'warn', text: runsOutText(row), detail: left(row) }),
  unknown: () => ({ shape: 'dashed', tone: 'idle', text: 'unknown', detail: 'no figures to vouch for' }),
  normal: (row) => ({ shape: 'circle', tone: 'calm', text: 'normal', detail: normalDetail(row) }),
};

/** `now`: this machine's clock, to tell today's times from older ones. */
export function tenantWords(row: BoardRow, now = new Date()): TenantWords {
  if (row.status === 'archived') return { shape: 'pause', tone: 'idle', text: 'archived', detail: null };
  const words = SAY[row.attention](row, now);
  if (row.source !== 'kept' || row.asOf === null || row.attention === 'unknown') return words;
  // Of then, not of now: no colour that asks for a hand.
  return { ...words, shape: 'dashed', tone: 'idle', detail: `as of ${formatSince(row.asOf, now)}` };
}

/** What the gauge of one of a client's caps shows. The row's state is that of the cap it is about. */
export function gaugeReading(row: BoardRow, period: CapPeriod = row.binding): GaugeReading {
  const standing = capStanding(row, period);
  const tone = period === row.binding ? tenantWords(row, new Date(0)).tone : 'calm';
  return {
    committed: standing?.committedNanoUsd ?? null,
    held: standing?.heldNanoUsd ?? null,
    limit: standing === null ? null : limitInForce(standing.cap),
    ticks: standing?.cap.thresholds ?? [],
    tone: row.status === 'active' ? tone : 'idle',
    keptAsOf: row.source === 'kept' ? row.asOf : null,
  };
}

/** The gauge in words: "87 % of $25.00 committed, $0.12 held", and ", as of 14:02" when that is from before. */
export function gaugeText({ held, limit, keptAsOf }: GaugeReading, shape: GaugeShape): string {
  if (shape.kind === 'unlimited' || limit === null) return 'no cap';
  if (shape.kind === 'unknown') return `committed unknown, cap ${formatUsd(limit)}`;
  return `${percentFigure(shape)} of ${formatUsd(limit)} committed, ${held === null ? 'held unknown' : `${formatUsd(held)} held`}${
    keptAsOf ? `, as of ${formatSince(keptAsOf)}` : ''
  }`;
}

/** The same for a daily cap: "today 87 % of $5.00 committed, $0.12 held". */
export function dayGaugeText(reading: GaugeReading, shape: GaugeShape): string {
  return `today ${gaugeText(reading, shape)}`;
}

function nearWhat(row: BoardRow): string {
  return row.binding === 'day' ? 'daily cap' : 'cap';
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
  const standing = bindingCap(row);
  if (standing === null) return null;
  const { periodEnd } = standing.cap;
  return standing.period === 'day'
    ? `daily cap until ${formatClock(periodEnd, row.timeZone)}`
    : `resets ${formatInZone(periodEnd, row.timeZone)}`;
}

function left(row: BoardRow): string | null {
  const standing = bindingCap(row);
  if (standing === null || standing.committedNanoUsd === null) return null;
  const rest = limitInForce(standing.cap) - standing.committedNanoUsd;
  if (rest <= 0n) return null;
  return `${formatUsd(rest)} left${standing.period === 'day' ? ' today' : ''}`;
}

function normalDetail(row: BoardRow): string | null {
  const standing = bindingCap(row);
  if (standing === null) return 'no cap';
  return row.source === 'ledger' ? 'from the ledger' : overrideWords(standing.cap, row.timeZone);
}

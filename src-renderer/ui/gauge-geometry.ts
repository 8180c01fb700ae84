/** What a gauge shows. Amounts in one unit; null: unknown, which is never drawn as zero. */
export interface GaugeReading {
  committed: bigint | null;
  held: bigint | null;
  limit: bigint | null;
  /** Percent of the limit at which there is a tick. */
  ticks: readonly number[];
  /** What the fill says besides its length. */
  tone: 'calm' | 'warn' | 'alarm' | 'idle';
  /** When that was told, if it is not of now. */
  keptAsOf?: Date | null;
}

/** Lengths in per mille of the bar. `over`: more is committed than the limit allows. */
export interface GaugeShape {
  kind: 'known' | 'unknown' | 'unlimited';
  committed: number;
  heldUntil: number;
  /** Committed of the limit in whole percent, rounded down so that 100 means reached; null when unknown. */
  percent: number | null;
  over: boolean;
}

const FULL = 1000n;

/**
 * Committed is rounded to the nearest per mille but never drawn as full before it is, and never as empty when something
 * was spent; held is stacked on top of it and ends at the bar's end.
 */
export function gaugeShape({ committed, held, limit }: GaugeReading): GaugeShape {
  if (limit === null) return { kind: 'unlimited', committed: 0, heldUntil: 0, percent: null, over: false };
  if (committed === null) return { kind: 'unknown', committed: 0, heldUntil: 0, percent: null, over: false };
  if (limit <= 0n) return { kind: 'known', committed: 1000, heldUntil: 1000, percent: 100, over: committed > 0n };
  const solid = perMille(committed, limit);
  const heldUntil = Math.max(solid, perMille(committed + (held ?? 0n), limit));
  return {
    kind: 'known',
    committed: solid,
    heldUntil,
    percent: Number((committed * 100n) / limit),
    over: committed > limit,
  };
}

function perMille(part: bigint, whole: bigint): number {
  if (part <= 0n) return 0;
  if (part >= whole) return 1000;
  const rounded = Number((part * FULL + whole / 2n) / whole);
  return Math.min(999, Math.max(1, rounded));
}

/** The share as a figure: "87 %", "<1 %" where something was spent but less than a percent, "—" when unknown. */
export function percentFigure({ percent, committed }: Pick<GaugeShape, 'percent' | 'committed'>): string {
  if (percent === null) return '—';
  return percent === 0 && committed > 0 ? '<1 %' : `${percent} %`;
}

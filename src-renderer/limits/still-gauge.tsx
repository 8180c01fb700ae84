import { useMemo, type ReactNode } from 'react';
import { Gauge } from '../ui/gauge.tsx';
import type { GaugeReading, GaugeShape } from '../ui/gauge-geometry.ts';

export interface StillGaugeProps {
  label: string;
  /** Null: unknown. */
  used: bigint | null;
  /** Null: nothing limits it. */
  limit: bigint | null;
  /** Percent of the limit. */
  ticks: readonly number[];
}

const NEVER = (): (() => void) => () => undefined;
const WARN_FROM = 80;

/** A gauge of a figure that is read now and then, not streamed. */
export function StillGauge({ label, used, limit, ticks }: StillGaugeProps): ReactNode {
  const marks = ticks.join(' ');
  const source = useMemo(() => {
    const near = used !== null && limit !== null && limit > 0n && used * 100n >= limit * BigInt(WARN_FROM);
    const reading: GaugeReading = {
      committed: used,
      held: 0n,
      limit,
      ticks: marks === '' ? [] : marks.split(' ').map(Number),
      tone: near ? 'warn' : 'calm',
    };
    return { read: () => reading, subscribe: NEVER };
  }, [used, limit, marks]);
  return <Gauge source={source} label={label} describe={words} size="row" />;
}

function words(_reading: GaugeReading, { kind, percent }: GaugeShape): string {
  if (kind === 'unlimited') return 'no limit';
  return kind === 'unknown' || percent === null ? 'not known' : `${percent} % used`;
}

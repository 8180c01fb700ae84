import { memo, useLayoutEffect, useRef, type ReactNode } from 'react';
import type { GaugeReading } from './gauge-geometry.ts';
import { createGaugePainter, type GaugeDescription } from './gauge-painter.ts';
import classes from './gauge.module.css';

/** Where a gauge reads; `read` is called at most once a frame, after `subscribe` told of a change. */
export interface GaugeSource {
  read: () => GaugeReading;
  subscribe: (listener: () => void) => () => void;
}

export interface GaugeProps {
  source: GaugeSource;
  /** What it measures, for those who don't see where it stands. */
  label: string;
  describe: GaugeDescription;
  size?: 'row' | 'large';
}

/**
 * A bar: solid part, hatched part on top of it, ticks; dashed when unknown, and the percentage beside it. React draws the
 * frame once, the readings are painted without it.
 */
// oxlint-disable jsx-a11y/prefer-tag-over-role -- <meter> can show neither held amounts nor ticks
export const Gauge = memo(function Gauge({ source, label, describe, size = 'row' }: GaugeProps): ReactNode {
  const meter = useRef<HTMLDivElement>(null);
  const solid = useRef<HTMLDivElement>(null);
  const hatched = useRef<HTMLDivElement>(null);
  const ticks = useRef<HTMLDivElement>(null);
  const percent = useRef<HTMLSpanElement>(null);

  useLayoutEffect(() => {
    if (!meter.current || !solid.current || !hatched.current || !ticks.current) return undefined;
    const paint = createGaugePainter(
      {
        meter: meter.current,
        solid: solid.current,
        hatched: hatched.current,
        ticks: ticks.current,
        label: percent.current,
      },
      describe,
    );
    paint(source.read());
    let asked = 0;
    const unsubscribe = source.subscribe(() => {
      if (asked !== 0) return;
      asked = requestAnimationFrame(() => {
        asked = 0;
        paint(source.read());
      });
    });
    return () => {
      unsubscribe();
      cancelAnimationFrame(asked);
    };
  }, [source, describe]);

  return (
    <div className={classes['gauge']} data-size={size}>
      <div
        ref={meter}
        className={classes['bar']}
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuenow={0}
        aria-valuemax={100}
      >
        <div ref={hatched} className={classes['hatched']} />
        <div ref={solid} className={classes['solid']} />
        <div ref={ticks} className={classes['ticks']} />
      </div>
      <span ref={percent} className={classes['percent']} aria-hidden="true" />
    </div>
  );
});

import { useElementSize } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { CartesianGrid, Line, LineChart, ReferenceArea, Tooltip, XAxis, YAxis } from 'recharts';
import type { TrendMonth } from '../../src-main/contract/margins.ts';
import { formatMonth } from '../ui/format-instant.ts';
import { formatPercent } from '../ui/format-money.ts';
import { formatUsd } from '../ui/format-usd.ts';
import { Missing } from '../ui/figure.tsx';
import { BANDS, monthAbbreviation } from './margin-words.ts';
import classes from './margin-charts.module.css';

/** Percent, only to place a point: figures are written from whole numbers. */
const percent = (bp: bigint): number => Number(bp) / 100;

/** The fleet's margin over 13 months between the bands that agencies know; the running month's forecast is dashed. */
export function MarginTrend({ trend }: { trend: readonly TrendMonth[] }): ReactNode {
  const { ref, width, height } = useElementSize<HTMLDivElement>();
  const points = trend.map(({ month, marginBp, basis }, index) => {
    const at = marginBp === null ? null : percent(marginBp);
    const beforeRunning = trend[index + 1]?.basis === 'running';
    return {
      month: monthAbbreviation(month),
      final: basis === 'final' ? at : null,
      forecast: basis === 'running' || beforeRunning ? at : null,
    };
  });
  const known = points.flatMap(({ final, forecast }) => [final, forecast].filter((at) => at !== null));
  const low = Math.min(20, Math.floor(Math.min(...known, 20) / 10) * 10);
  return (
    <figure className={classes['chart']} aria-labelledby="margin-trend-title">
      <figcaption id="margin-trend-title">
        Margin of all clients, 13 months
        <small>
          {BANDS.shared.words}; {BANDS.custom.words}; dashed: forecast
        </small>
      </figcaption>
      <div ref={ref} className={classes['plot']} aria-hidden="true">
        {width === 0 || height === 0 ? null : (
          <LineChart
            width={width}
            height={height}
            data={points}
            margin={{ top: 6, right: 14, bottom: 0, left: 0 }}
            accessibilityLayer={false}
          >
            <CartesianGrid stroke="var(--td-line-soft)" vertical={false} />
            <ReferenceArea {...band(BANDS.shared)} fill="var(--td-calm-fill)" fillOpacity={0.16} ifOverflow="hidden" />
            <ReferenceArea {...band(BANDS.custom)} fill="var(--td-warn-fill)" fillOpacity={0.13} ifOverflow="hidden" />
            <XAxis dataKey="month" stroke="var(--td-line-strong)" tick={TICK} tickLine={false} interval={0} />
            <YAxis
              domain={[low, 100]}
              ticks={ticksFrom(low)}
              width={46}
              stroke="transparent"
              tick={TICK}
              tickFormatter={(value: number) => `${value}\u00a0%`}
            />
            <Tooltip
              isAnimationActive={false}
              cursor={{ stroke: 'var(--td-line-strong)' }}
              contentStyle={TOOLTIP}
              formatter={(value, name) => [`${Number(value).toFixed(1)} %`, name]}
            />
            <Line dataKey="final" name="final" {...LINE} dot={{ r: 2.5, fill: 'var(--td-accent)' }} />
            <Line dataKey="forecast" name="forecast" {...LINE} strokeDasharray="4 4" dot={{ r: 2.5 }} />
          </LineChart>
        )}
      </div>
      <details className={classes['numbers']}>
        <summary>As a table</summary>
        <TrendTable trend={trend} />
      </details>
    </figure>
  );
}

function TrendTable({ trend }: { trend: readonly TrendMonth[] }): ReactNode {
  return (
    <table aria-label="Margin of all clients by month">
      <thead>
        <tr>
          <th scope="col">Month</th>
          <th scope="col">Margin</th>
          <th scope="col">Revenue (USD)</th>
          <th scope="col">Cost (USD)</th>
          <th scope="col">Contracts</th>
        </tr>
      </thead>
      <tbody>
        {trend.map(({ month, marginBp, basis, revenueNanoUsd, costNanoUsd, clients }) => (
          <tr key={month}>
            <th scope="row">
              {formatMonth(month)}
              {basis === 'running' ? ', forecast' : ''}
            </th>
            <td>{marginBp === null ? <Missing reason="no revenue in this month" /> : formatPercent(marginBp)}</td>
            <td>{formatUsd(revenueNanoUsd)}</td>
            <td>{formatUsd(costNanoUsd)}</td>
            <td>{clients}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const TICK = { fill: 'var(--td-dim)', fontSize: 11 };
const LINE = {
  stroke: 'var(--td-accent)',
  strokeWidth: 2,
  isAnimationActive: false,
  connectNulls: false,
  type: 'linear',
} as const;
const TOOLTIP = {
  background: 'var(--td-raised)',
  border: '1px solid var(--td-line-strong)',
  borderRadius: 4,
  fontSize: 12,
};

const band = ({ from, to }: { from: bigint; to: bigint }): { y1: number; y2: number } => ({
  y1: percent(from),
  y2: percent(to),
});

function ticksFrom(low: number): number[] {
  const step = 100 - low > 100 ? 50 : 20;
  return Array.from({ length: Math.floor((100 - low) / step) + 1 }, (_, index) => 100 - index * step).toReversed();
}

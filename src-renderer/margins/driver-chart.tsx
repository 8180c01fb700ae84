import { useElementSize } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Bar, BarChart, Cell, LabelList, ReferenceLine, XAxis, YAxis } from 'recharts';
import type { MarginDrivers } from '../../src-main/contract/margins.ts';
import { formatPercent, formatPoints } from '../ui/format-money.ts';
import { sum } from './driver-table.tsx';
import { monthAbbreviation, monthBefore } from './margin-words.ts';
import classes from './margin-panel.module.css';

const SHORT = {
  contract: 'contract',
  retainer: 'retainer',
  overage: 'overage',
  otherCost: 'other',
  fx: 'rate',
} as const;

/** The steps as a waterfall. The table below says the same in words. */
export function DriverChart({ drivers, month }: { drivers: MarginDrivers; month: string }): ReactNode {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const { beforeBp, afterBp, steps, items } = drivers;
  if (beforeBp === null || afterBp === null) return null;
  const moves = [
    ...steps.filter(({ bp }) => bp !== 0n).map(({ kind, bp }) => ({ name: SHORT[kind], bp })),
    { name: 'volume', bp: sum(items.map(({ volumeBp }) => volumeBp)) },
    { name: 'per call', bp: sum(items.map(({ unitCostBp }) => unitCostBp)) },
  ];
  let at = beforeBp;
  const bars = [
    {
      name: monthAbbreviation(monthBefore(month)),
      span: spanOf(0n, beforeBp),
      label: formatPercent(beforeBp),
      kind: 'whole',
    },
    ...moves.map(({ name, bp }) => {
      const from = at;
      at += bp;
      return { name, span: spanOf(from, at), label: formatPoints(bp), kind: bp < 0n ? 'down' : 'up' };
    }),
    { name: monthAbbreviation(month), span: spanOf(0n, afterBp), label: formatPercent(afterBp), kind: 'whole' },
  ];
  const below = bars.some(({ span }) => Math.min(...span) < 0);
  return (
    <div ref={ref} className={classes['waterfall']} aria-hidden="true">
      {width === 0 ? null : (
        <BarChart
          width={width}
          height={150}
          data={bars}
          margin={{ top: 16, right: 4, bottom: 0, left: 4 }}
          accessibilityLayer={false}
          barCategoryGap="18%"
        >
          <XAxis
            dataKey="name"
            stroke="var(--td-line-strong)"
            tick={{ fill: 'var(--td-dim)', fontSize: 11 }}
            tickLine={false}
            interval={0}
          />
          {/* The label of a bar below zero stands under it, above the names. */}
          <YAxis hide domain={['dataMin', 'dataMax']} padding={{ bottom: below ? 16 : 0 }} />
          <ReferenceLine y={0} stroke="var(--td-line-strong)" />
          <Bar dataKey="span" isAnimationActive={false}>
            {bars.map(({ name, kind }) => (
              <Cell key={name} fill={FILLS[kind] ?? FILLS['whole']} />
            ))}
            <LabelList dataKey="label" position="top" fill="var(--td-text)" fontSize={11} />
          </Bar>
        </BarChart>
      )}
    </div>
  );
}

const FILLS: Record<string, string> = {
  whole: 'var(--td-idle-fill)',
  up: 'var(--td-calm-fill)',
  down: 'var(--td-warn-fill)',
};

/** In percent, for the length of a bar only. */
function spanOf(from: bigint, to: bigint): [number, number] {
  return [Number(from) / 100, Number(to) / 100];
}

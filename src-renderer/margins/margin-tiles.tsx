import type { ReactNode } from 'react';
import type { FleetMargin, MarginFigures, MarginsState } from '../../src-main/contract/margins.ts';
import { formatMinor, formatMinorShort, formatPercent } from '../ui/format-money.ts';
import { formatMonth } from '../ui/format-instant.ts';
import { Missing } from '../ui/figure.tsx';
import classes from './margin-tiles.module.css';

/** The fleet's month in six figures; each says whether it is to date, a forecast or final. */
export function MarginTiles({ state, fleet }: { state: MarginsState; fleet: FleetMargin }): ReactNode {
  const running = fleet.toDate !== null;
  const basis = running ? 'forecast' : 'final';
  const at = state.trend.findIndex(({ month }) => month === state.month);
  const beforeBp = at < 1 ? null : (state.trend[at - 1]?.marginBp ?? null);
  const toDateBp = fleet.toDate?.marginBp ?? null;
  const money = (minor: bigint | null): ReactNode =>
    minor === null ? (
      <Missing reason="no client has a margin" />
    ) : (
      <span title={formatMinor(minor, fleet.currency, fleet.minorDigits)}>
        {formatMinorShort(minor, fleet.currency, fleet.minorDigits)}
      </span>
    );
  const toDate = (pick: (figures: MarginFigures) => bigint | null): string => {
    const minor = fleet.toDate === null ? null : pick(fleet.toDate);
    return minor === null ? '' : `to date ${formatMinorShort(minor, fleet.currency, fleet.minorDigits)}`;
  };
  return (
    <section className={classes['strip']} aria-label={`All clients, ${formatMonth(state.month)}`}>
      <Tile label={`Revenue, ${basis}`} note={toDate(({ revenueMinor }) => revenueMinor)}>
        {money(fleet.whole.revenueMinor)}
      </Tile>
      <Tile label={`AI cost, ${basis}`} note={toDate(({ aiCostMinor }) => aiCostMinor)}>
        {money(fleet.whole.aiCostMinor)}
      </Tile>
      <Tile label={`Other direct cost, ${basis}`} note={toDate(({ otherCostMinor }) => otherCostMinor)}>
        {money(fleet.whole.otherCostMinor)}
      </Tile>
      <Tile
        label={`Margin, ${basis}`}
        note={[
          fleet.range ? `${formatPercent(fleet.range.lowBp)} – ${formatPercent(fleet.range.highBp)}` : '',
          toDateBp === null ? '' : `to date ${formatPercent(toDateBp)}`,
          running || beforeBp === null ? '' : `before ${formatPercent(beforeBp)}`,
        ]
          .filter(Boolean)
          .join(' · ')}
        tone={fleet.whole.marginBp !== null && fleet.whole.marginBp < 0n ? 'alarm' : undefined}
      >
        {fleet.whole.marginBp === null ? (
          <Missing reason="no revenue in this month" />
        ) : (
          formatPercent(fleet.whole.marginBp)
        )}
      </Tile>
      <Tile
        label={`Below target, ${basis}`}
        note={
          fleet.losing === 0 ? 'none loses money' : `${fleet.losing} ${fleet.losing === 1 ? 'loses' : 'lose'} money`
        }
        tone={fleet.losing > 0 ? 'losing' : undefined}
      >
        {fleet.belowTarget} <small>of {fleet.clients}</small>
      </Tile>
      <Tile
        label={`Cost per client, ${basis}`}
        note={fleet.currency === 'INR' ? 'shared platforms ₹2,500–4,500' : 'AI and other direct cost'}
      >
        {money(fleet.costPerClientMinor)}
      </Tile>
    </section>
  );
}

function Tile({
  label,
  note,
  tone,
  children,
}: {
  label: string;
  note: string;
  /** `losing`: its note alone is red. */
  tone?: 'alarm' | 'losing' | undefined;
  children: ReactNode;
}): ReactNode {
  return (
    <div className={classes['tile']} data-tone={tone}>
      <span className={classes['label']}>{label}</span>
      <span className={classes['figure']}>{children}</span>
      <span className={classes['note']} title={note}>
        {note}
      </span>
    </div>
  );
}

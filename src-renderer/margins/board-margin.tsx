import { useCallback, useSyncExternalStore, type ReactNode } from 'react';
import type { MarginColumn } from '../../src-main/contract/margins.ts';
import { Missing } from '../ui/figure.tsx';
import { formatSince } from '../ui/format-instant.ts';
import { formatPercent } from '../ui/format-money.ts';
import type { LiveValue } from '../ui/live-value.ts';
import { StateMark } from '../ui/state-mark.tsx';
import classes from './board-margin.module.css';

/** What the board's column shows. Null: nothing heard; a sentence: why this operator sees none. */
export type BoardMargins = { of: ReadonlyMap<string, MarginColumn['margins'][number]>; asOf: Date } | string | null;

/** One client's forecast in the board's row; drawn again only when its own figure changed. */
export function BoardMargin({
  margins,
  tenantId,
  old,
}: {
  margins: LiveValue<BoardMargins>;
  tenantId: string;
  /** The figures are of then, not of now: no colour asks for a hand. */
  old: boolean;
}): ReactNode {
  const read = useCallback(() => {
    const all = margins.get();
    return all === null || typeof all === 'string' ? all : all.of.get(tenantId);
  }, [margins, tenantId]);
  const margin = useSyncExternalStore(margins.subscribe, read);
  if (margin === null) return <Missing reason="margins are on their way" />;
  if (margin === undefined) return <Missing reason="no margin: no contract, rate or revenue" />;
  if (typeof margin === 'string') return <Missing reason={margin} />;
  const { forecastBp, targetBp } = margin;
  const state = forecastBp < 0n ? 'losing' : forecastBp < BigInt(targetBp) ? 'below' : 'fine';
  const seen = old ? margins.get() : null;
  const then = seen === null || typeof seen === 'string' ? '' : `, as of ${formatSince(seen.asOf)}`;
  const words = { losing: 'loses money', below: 'below its target', fine: 'on target' }[state];
  return (
    <span
      className={classes['margin']}
      data-state={old ? 'old' : state}
      title={`forecast of the calendar month, ${words}${then}`}
    >
      {!old && state === 'losing' ? <StateMark shape="square" tone="alarm" /> : null}
      {!old && state === 'below' ? <StateMark shape="triangle" tone="warn" /> : null}
      {old ? <StateMark shape="dashed" tone="idle" /> : null}
      {formatPercent(forecastBp)}
      <span className="td-unseen">
        , {words}
        {then}
      </span>
    </span>
  );
}

/** Keeps what did not change, so that only rows with another figure are drawn again. */
export function boardMargins(before: BoardMargins, { margins, asOf }: MarginColumn): BoardMargins {
  if (asOf === null) return null;
  const known = before === null || typeof before === 'string' ? undefined : before.of;
  const of = new Map(
    margins.map((margin) => {
      const old = known?.get(margin.tenantId);
      const same = old?.forecastBp === margin.forecastBp && old.targetBp === margin.targetBp;
      return [margin.tenantId, same && old ? old : margin];
    }),
  );
  return { of, asOf };
}

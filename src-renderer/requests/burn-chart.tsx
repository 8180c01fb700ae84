import type { ReactNode } from 'react';
import type { InboxItem } from '../../src-main/contract/requests.ts';
import { formatDay } from '../ui/format-instant.ts';
import { formatUsd } from '../ui/format-usd.ts';
import { runsOut, type RunsOut } from './runs-out.ts';
import classes from './burn-chart.module.css';

const WIDTH = 560;
const HEIGHT = 150;
const DAY_MS = 86_400_000;
/** So far ahead the line is drawn at most. */
const AHEAD_DAYS = 16;

export interface BurnChartProps {
  item: InboxItem;
  /** How much more is looked at. */
  amountNanoUsd: bigint;
  now: Date;
}

/** Committed over the last two weeks and on at the present burn, under the cap as it is and as it would be. */
export function BurnChart({ item, amountNanoUsd, now }: BurnChartProps): ReactNode {
  const { cap, burnNanoUsdPerDay: burn, timeZone } = item;
  const raised = cap.inForceNanoUsd + amountNanoUsd;
  const outNow = runsOut(item, cap.inForceNanoUsd, now);
  const outThen = runsOut(item, raised, now);

  const past = pastOf(item, now);
  const last = Math.min(cap.periodEnd.getTime(), now.getTime() + AHEAD_DAYS * DAY_MS);
  const first = past[0]?.at ?? now.getTime();
  const ahead = cap.committedNanoUsd + (burn * BigInt(Math.round(last - now.getTime()))) / BigInt(DAY_MS);
  const top = [raised, ahead < raised * 2n ? ahead : raised * 2n].reduce((a, b) => (a > b ? a : b));
  const x = (at: number): number => ((at - first) / Math.max(1, last - first)) * WIDTH;
  const y = (amount: bigint): number => HEIGHT - Number((amount * 1_000n) / (top > 0n ? top : 1n)) * (HEIGHT / 1_060);
  const line = past.map(({ at, amount }) => `${x(at).toFixed(1)},${y(amount).toFixed(1)}`).join(' ');
  const here = `${x(now.getTime()).toFixed(1)},${y(cap.committedNanoUsd).toFixed(1)}`;

  return (
    <figure className={classes['figure']}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={classes['chart']} aria-hidden="true" focusable="false">
        <line className={classes['after']} x1={0} x2={WIDTH} y1={y(raised)} y2={y(raised)} />
        <line className={classes['cap']} x1={0} x2={WIDTH} y1={y(cap.inForceNanoUsd)} y2={y(cap.inForceNanoUsd)} />
        <polyline className={classes['spent']} points={`${line} ${here}`} />
        <polyline className={classes['ahead']} points={`${here} ${x(last).toFixed(1)},${y(ahead).toFixed(1)}`} />
        {[outNow, outThen].map((out, index) =>
          out instanceof Date ? (
            <circle
              key={index === 0 ? 'now' : 'then'}
              className={classes['out']}
              cx={x(out.getTime())}
              cy={y(index === 0 ? cap.inForceNanoUsd : raised)}
              r={4}
            />
          ) : null,
        )}
      </svg>
      <figcaption className={classes['axis']}>
        <span>{formatDay(new Date(first), timeZone)}</span>
        <span>
          cap {formatUsd(cap.inForceNanoUsd)}, dashed: {formatUsd(raised)}
        </span>
        <span>{formatDay(new Date(last), timeZone)}</span>
      </figcaption>
      <p className="td-unseen">{words(item, outNow, outThen, amountNanoUsd)}</p>
    </figure>
  );
}

/** Committed at the end of each of the last days of the period, reckoned back from now. */
function pastOf({ cap, days }: InboxItem, now: Date): { at: number; amount: bigint }[] {
  let amount = cap.committedNanoUsd;
  const points: { at: number; amount: bigint }[] = [];
  for (let back = 0; back < days.length; back += 1) {
    amount -= days[days.length - 1 - back] ?? 0n;
    const at = now.getTime() - (back + 1) * DAY_MS;
    if (at < cap.periodStart.getTime() || amount < 0n) {
      points.unshift({ at: Math.max(at, cap.periodStart.getTime()), amount: 0n });
      break;
    }
    points.unshift({ at, amount });
  }
  return points;
}

function words({ cap, burnNanoUsdPerDay, timeZone }: InboxItem, now: RunsOut, then: RunsOut, more: bigint): string {
  const say = (out: RunsOut): string => {
    if (out === 'now') return 'is used up';
    return out === null ? 'lasts until the period ends' : `is used up on ${formatDay(out, timeZone)}`;
  };
  return (
    `${formatUsd(cap.committedNanoUsd)} committed, ${formatUsd(burnNanoUsdPerDay)} a day. ` +
    `The cap of ${formatUsd(cap.inForceNanoUsd)} ${say(now)}; with ${formatUsd(more)} more it ${say(then)}.`
  );
}

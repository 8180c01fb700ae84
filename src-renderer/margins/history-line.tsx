import type { ReactNode } from 'react';
import { formatPercent } from '../ui/format-money.ts';

const WIDTH = 84;
const HEIGHT = 22;

/** A client's margins over 13 months as a line; its words are the first and the last. */
export function HistoryLine({ history }: { history: readonly (bigint | null)[] }): ReactNode {
  const known = history.flatMap((bp) => (bp === null ? [] : bp));
  const [first] = known;
  const last = known.at(-1);
  if (first === undefined || last === undefined || known.length < 2) return null;
  const low = known.reduce((least, bp) => (bp < least ? bp : least));
  const high = known.reduce((most, bp) => (bp > most ? bp : most));
  const span = Number(high - low) || 1;
  const step = WIDTH / (history.length - 1);
  let path = '';
  let pen = 'M';
  for (const [index, bp] of history.entries()) {
    if (bp === null) {
      pen = 'M';
      continue;
    }
    const y = HEIGHT - 3 - (Number(bp - low) / span) * (HEIGHT - 6);
    path += `${pen}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
    pen = 'L';
  }
  const words = `from ${formatPercent(first)} to ${formatPercent(last)}`;
  return (
    <span title={words}>
      <span className="td-unseen">{words}</span>
      <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        <path d={path} fill="none" stroke="var(--td-faint)" strokeWidth="1.4" />
      </svg>
    </span>
  );
}

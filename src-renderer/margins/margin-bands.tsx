import type { ReactNode } from 'react';
import type { MarginRow } from '../../src-main/contract/margins.ts';
import { RANGES } from './margin-words.ts';
import classes from './margin-charts.module.css';

/** How many clients earn what: a table whose bars only repeat its numbers. */
export function MarginBands({ rows, basis }: { rows: readonly MarginRow[]; basis: string }): ReactNode {
  const margins = rows.flatMap(({ whole }) => whole?.marginBp ?? []);
  const counts = RANGES.map(
    ({ from, to }) => margins.filter((bp) => (from === null || bp >= from) && (to === null || bp < to)).length,
  );
  const without = rows.length - margins.length;
  const most = Math.max(1, ...counts, without);
  const all = RANGES.map(({ name, note }, index) => ({ name, note, count: counts[index] ?? 0 }));
  if (without > 0) all.push({ name: 'no margin', note: 'no contract, rate or revenue', count: without });
  return (
    <section className={classes['bands']} aria-labelledby="margin-bands-title">
      <h2 id="margin-bands-title">Clients by margin, {basis}</h2>
      <table>
        <thead className="td-unseen">
          <tr>
            <th scope="col">Margin</th>
            <th scope="col">Share</th>
            <th scope="col">Clients</th>
          </tr>
        </thead>
        <tbody>
          {all.map(({ name, note, count }, index) => (
            <tr key={name} data-alarm={index === 0 && count > 0}>
              <th scope="row">
                {name} <small>{note}</small>
              </th>
              <td aria-hidden="true">
                <i style={{ width: `${Math.round((count * 100) / most)}%` }} data-healthy={name.startsWith('65')} />
              </td>
              <td>{count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

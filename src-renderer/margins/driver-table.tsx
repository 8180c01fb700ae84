import type { ReactNode } from 'react';
import type { MarginDrivers } from '../../src-main/contract/margins.ts';
import { Missing } from '../ui/figure.tsx';
import { formatPercent, formatPoints } from '../ui/format-money.ts';
import { formatUsd } from '../ui/format-usd.ts';
import { STEP_WORDS } from './margin-words.ts';
import classes from './margin-panel.module.css';

const counts = new Intl.NumberFormat('en-US');

/** Every step from the month before to this one. They add up to the last digit. */
export function DriverTable({ drivers }: { drivers: MarginDrivers }): ReactNode {
  const { beforeBp, afterBp, steps, items, running } = drivers;
  const compared = beforeBp !== null && afterBp !== null;
  return (
    <>
      {compared ? (
        <table className={classes['table']} aria-label="Steps from the month before">
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col">Points</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">Month before, final</th>
              <td>{formatPercent(beforeBp)}</td>
            </tr>
            {steps
              .filter(({ bp }) => bp !== 0n)
              .map(({ kind, bp }) => (
                <tr key={kind}>
                  <th scope="row">{STEP_WORDS[kind]}</th>
                  <td>{formatPoints(bp, 2)}</td>
                </tr>
              ))}
            <tr>
              <th scope="row">Volume of calls</th>
              <td>{formatPoints(sum(items.map(({ volumeBp }) => volumeBp)), 2)}</td>
            </tr>
            <tr>
              <th scope="row">Cost per call</th>
              <td>{formatPoints(sum(items.map(({ unitCostBp }) => unitCostBp)), 2)}</td>
            </tr>
            <tr className={classes['sum']}>
              <th scope="row">This month, {running ? 'forecast' : 'final'}</th>
              <td>{formatPercent(afterBp)}</td>
            </tr>
          </tbody>
        </table>
      ) : null}
      {items.length === 0 ? (
        <p className={classes['quiet']}>No call in either month.</p>
      ) : (
        <table className={classes['table']} aria-label="By workflow and model">
          <thead>
            <tr>
              <th scope="col">Workflow, model</th>
              <th scope="col">Cost before → {running ? 'forecast' : 'final'}</th>
              <th scope="col">Volume</th>
              <th scope="col">Per call</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={`${item.workflowName} ${item.model}`}>
                <th scope="row">
                  {item.workflowName ?? 'no workflow'}
                  <small>
                    {item.model ?? 'no model yet'} · {counts.format(item.callsBefore)} →{' '}
                    {counts.format(item.callsAfter)} calls
                  </small>
                </th>
                <td>
                  {formatUsd(item.costBeforeNanoUsd)} → {formatUsd(item.costAfterNanoUsd)}
                </td>
                <td>{points(item.volumeBp)}</td>
                <td>{points(item.unitCostBp)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function points(bp: bigint | null): ReactNode {
  return bp === null ? <Missing reason="nothing to compare" /> : formatPoints(bp, 2);
}

/** The sum of steps; a step that is not known changes nothing. */
export function sum(steps: readonly (bigint | null)[]): bigint {
  return steps.reduce<bigint>((total, bp) => total + (bp ?? 0n), 0n);
}

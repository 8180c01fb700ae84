import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import type { MarginRow, TenantContract } from '../../src-main/contract/margins.ts';
import { formatMonth, formatSince } from '../ui/format-instant.ts';
import { formatMinor, formatPercent } from '../ui/format-money.ts';
import { formatUsd } from '../ui/format-usd.ts';
import { PanelTitle } from '../ui/panel-title.tsx';
import { StateMark } from '../ui/state-mark.tsx';
import { SkeletonRows, StatePanel } from '../ui/state-panel.tsx';
import type { SendContract } from './contract-dialog.tsx';
import { DriverTable } from './driver-table.tsx';
import { DriverChart } from './driver-chart.tsx';
import { Amount, Margin } from './margin-figure.tsx';
import { contractsQuery, driversQuery, type FetchContracts, type FetchDrivers } from './margins-queries.ts';
import { marginState, monthBefore, type MarginPermission } from './margin-words.ts';
import classes from './margin-panel.module.css';

const ContractDialog = lazy(async () => ({ default: (await import('./contract-dialog.tsx')).ContractDialog }));

export interface MarginPanelProps {
  row: MarginRow;
  month: string;
  /** The month that is running now: new contracts begin with it. */
  runningMonth: string;
  permission: MarginPermission;
  fetchDrivers: FetchDrivers;
  fetchContracts: FetchContracts;
  sendContract: SendContract;
  /** To the client on the board and its changes. */
  links: ReactNode;
  onClose: () => void;
}

/** One client's margin: the figures, why they differ from the month before, its contracts. */
export function MarginPanel(props: MarginPanelProps): ReactNode {
  const { row, month, runningMonth, permission, fetchDrivers, fetchContracts, sendContract, onClose } = props;
  const [editing, setEditing] = useState(false);
  const running = row.basis === 'running';
  const drivers = useQuery(driversQuery(fetchDrivers, row.tenantId, month, running));
  const contracts = useQuery(contractsQuery(fetchContracts, row.tenantId));
  const state = marginState(row);
  return (
    <aside className={classes['panel']} aria-label={`Margin of ${row.name}`}>
      <header className={classes['section']}>
        <PanelTitle name={row.name} onClose={onClose} />
        <p className={classes['sub']}>
          {formatMonth(month)} in {row.timeZone}
        </p>
        <p className={classes['state']}>
          <StateMark shape={state.shape} tone={state.tone} /> {state.word}
        </p>
      </header>
      <Figures row={row} />
      <section className={classes['section']} aria-label="What drove the change">
        <h3>
          What drove the change since {formatMonth(monthBefore(month))} <small>in points of margin</small>
        </h3>
        {drivers.data ? (
          drivers.data.beforeBp === null || drivers.data.afterBp === null ? (
            <p className={classes['quiet']}>
              {(row.whole?.marginBp ?? null) === null
                ? 'There is no margin in this month, so nothing to compare. Below: what its calls cost.'
                : `There was no margin in ${formatMonth(monthBefore(month))}, so nothing to compare. Below: what its calls cost.`}
            </p>
          ) : (
            <DriverChart drivers={drivers.data} month={month} />
          )
        ) : null}
        {drivers.data ? (
          <DriverTable drivers={drivers.data} />
        ) : drivers.isError ? (
          <StatePanel kind="error" title="What drove it can’t be read">
            {drivers.error.message}
          </StatePanel>
        ) : (
          <SkeletonRows rows={4} label="What drove the change is on its way" />
        )}
      </section>
      <section className={classes['section']} aria-label="Contracts">
        <h3>Contracts</h3>
        {contracts.data ? (
          <ContractList contracts={contracts.data.contracts} />
        ) : contracts.isError ? (
          <p className={classes['quiet']}>{contracts.error.message}</p>
        ) : (
          <SkeletonRows rows={2} label="Contracts are on their way" />
        )}
        <button
          type="button"
          className="td-button"
          aria-disabled={permission.change !== null || !contracts.data}
          aria-describedby={permission.change === null ? undefined : 'contract-why-not'}
          onClick={() => {
            if (permission.change === null && contracts.data) setEditing(true);
          }}
        >
          {contracts.data?.contracts.length === 0 ? 'Enter a contract' : 'Change the contract'}
        </button>
        {permission.change === null ? null : (
          <p id="contract-why-not" className={classes['quiet']}>
            {permission.change}
          </p>
        )}
      </section>
      <footer className={classes['foot']}>
        {props.links}
        {drivers.data ? <span>as of {formatSince(drivers.data.asOf)}</span> : null}
      </footer>
      <Suspense fallback={null}>
        {editing && contracts.data ? (
          <ContractDialog
            tenantId={row.tenantId}
            clientName={row.name}
            contracts={contracts.data.contracts}
            runningMonth={runningMonth}
            send={sendContract}
            onDone={() => {
              setEditing(false);
              void contracts.refetch();
              void drivers.refetch();
            }}
            onClose={() => setEditing(false)}
          />
        ) : null}
      </Suspense>
    </aside>
  );
}

function Figures({ row }: { row: MarginRow }): ReactNode {
  const { contract, toDate, whole, fx, range } = row;
  const running = row.basis === 'running';
  const missing = marginState(row).word;
  const line = (label: string, pick: 'revenueMinor' | 'aiCostMinor' | 'otherCostMinor'): ReactNode => (
    <tr>
      <th scope="row">{label}</th>
      {running ? (
        <td>
          <Amount minor={toDate?.[pick] ?? null} money={contract} missing={missing} />
        </td>
      ) : null}
      <td>
        <Amount minor={whole?.[pick] ?? null} money={contract} missing={missing} />
      </td>
    </tr>
  );
  return (
    <section className={classes['section']} aria-label="Figures">
      <table className={classes['table']} aria-label="Figures of the month">
        <thead>
          <tr>
            <th scope="col">
              <span className="td-unseen">Figure</span>
            </th>
            {running ? <th scope="col">to date</th> : null}
            <th scope="col">{running ? 'forecast' : 'final'}</th>
          </tr>
        </thead>
        <tbody>
          {line('Revenue', 'revenueMinor')}
          {line('AI cost', 'aiCostMinor')}
          {line('Other direct cost', 'otherCostMinor')}
          <tr className={classes['sum']}>
            <th scope="row">Margin</th>
            {running ? (
              <td>
                <Margin bp={toDate?.marginBp ?? null} missing={missing} />
              </td>
            ) : null}
            <td>
              <Margin bp={whole?.marginBp ?? null} missing={missing} />
            </td>
          </tr>
          <tr>
            <th scope="row">AI cost in USD</th>
            {running ? <td>{formatUsd(row.aiCostNanoUsd)}</td> : null}
            <td>{formatUsd(row.forecastNanoUsd ?? row.aiCostNanoUsd)}</td>
          </tr>
        </tbody>
      </table>
      <p className={classes['quiet']}>
        {fx === null || contract === null || contract.currency === 'USD'
          ? null
          : `1 ${contract.currency} = $${fx.usdPerUnit}, rate of ${fx.date} (${fx.source}). `}
        {running && whole !== null
          ? range
            ? `8 of 10 forecasts end between ${formatPercent(range.lowBp)} and ${formatPercent(range.highBp)}. `
            : 'Too young for a range of the forecast. '
          : null}
        {row.capBounds ? 'The cap bounds the forecast: at its pace the client would spend more.' : null}
      </p>
    </section>
  );
}

function ContractList({ contracts }: { contracts: readonly TenantContract[] }): ReactNode {
  if (contracts.length === 0) {
    return <p className={classes['quiet']}>No contract: what this client costs is known, what it pays is not.</p>;
  }
  return (
    <ul className={classes['contracts']}>
      {contracts.map((contract) => {
        const amount = (minor: bigint): string => formatMinor(minor, contract.currency, contract.minorDigits);
        return (
          <li key={contract.contractId}>
            <b>from {formatMonth(contract.validFrom)}</b>
            {contract.validUntil === 'open' ? '' : ` until ${formatMonth(contract.validUntil)}`}:{' '}
            {amount(contract.retainerMinor)} a month, other direct cost {amount(contract.otherDirectCostMinor)}, target{' '}
            {contract.targetMarginBp / 100} %
            {contract.overage.kind === 'none'
              ? ''
              : `, overage above ${formatUsd(contract.overage.includedAiNanoUsd)} of AI cost with ${contract.overage.markupBp / 100} % markup`}
          </li>
        );
      })}
    </ul>
  );
}

import type { ReactNode } from 'react';
import type { TenantDetail } from '../../src-main/contract/tenants.ts';
import { Count, Latency, Money, SuccessRate } from '../ui/figure.tsx';
import classes from './tenant-panel.module.css';

/** Where a client's money goes this month, most first. */
export function WorkflowTable({ workflows }: { workflows: TenantDetail['workflows'] }): ReactNode {
  if (workflows.length === 0) return <p className={classes['quiet']}>No call this month yet.</p>;
  const total = workflows.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0n);
  const sorted = workflows.toSorted((a, b) => (a.costNanoUsd < b.costNanoUsd ? 1 : -1));
  return (
    <table className={classes['table']}>
      <thead>
        <tr>
          <th scope="col">Workflow</th>
          <th scope="col" data-numeric="true">
            Calls
          </th>
          <th scope="col" data-numeric="true">
            OK
          </th>
          <th scope="col" data-numeric="true">
            Cost
          </th>
          <th scope="col" data-numeric="true">
            Share
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted.map(({ workflowId, name, calls, failedCalls, costNanoUsd, p50Ms, p95Ms }) => (
          <tr key={workflowId}>
            <th scope="row">
              {name}
              <small title="Half, and 95 of 100, of the answered calls took no longer">
                p50 <Latency ms={p50Ms} missing="no answered call" /> · p95{' '}
                <Latency ms={p95Ms} missing="no answered call" />
              </small>
            </th>
            <td>
              <Count value={calls} missing="unknown" />
            </td>
            <td>
              <SuccessRate calls={calls} failed={failedCalls} missing="no call" />
            </td>
            <td>
              <Money nanoUsd={costNanoUsd} missing="unknown" />
            </td>
            <td>{total === 0n ? '—' : `${(costNanoUsd * 100n) / total} %`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

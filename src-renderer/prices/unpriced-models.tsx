import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { UnpricedModel } from '../../src-main/contract/prices.ts';
import { Count } from '../ui/figure.tsx';
import { formatExactly, formatSince } from '../ui/format-instant.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { unpricedQuery, type FetchUnpriced } from './unpriced-query.ts';
import classes from './unpriced-models.module.css';

/** One line for the board while models are asked for that have no price; opened: which, by whom, how often, since when. */
export function UnpricedModels({
  fetchUnpriced,
  onOpen,
}: {
  fetchUnpriced: FetchUnpriced;
  /** Opens a client. */
  onOpen: (tenantId: string) => void;
}): ReactNode {
  // Read again soon, and a list from before does no harm: what goes wrong here is told by the session's state.
  const { data } = useQuery(unpricedQuery(fetchUnpriced));
  if (data === undefined || data.models.length === 0) return null;
  const models = new Set(data.models.map(({ model }) => model)).size;
  const clients = new Set(data.models.map(({ tenantId }) => tenantId)).size;
  return (
    <details className={classes['panel']}>
      <summary>
        <StateMark shape="triangle" tone="warn" />
        <span>
          <b>
            {models} {models === 1 ? 'model has' : 'models have'} no price
          </b>
          : calls of {clients} {clients === 1 ? 'client' : 'clients'} are refused. An admin adds prices.
        </span>
      </summary>
      <table aria-label="Models without a price">
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Client</th>
            <th scope="col" data-numeric="true">
              Refused
            </th>
            <th scope="col">Last asked for</th>
            <th scope="col">First</th>
          </tr>
        </thead>
        <tbody>
          {data.models.map((line) => (
            <UnpricedLine key={`${line.tenantId} ${line.provider} ${line.model}`} line={line} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
      {data.more ? <p>Only the newest are shown.</p> : null}
    </details>
  );
}

function UnpricedLine({ line, onOpen }: { line: UnpricedModel; onOpen: (tenantId: string) => void }): ReactNode {
  const { tenantId, tenantName, provider, model, calls, firstAskedAt, lastAskedAt } = line;
  return (
    <tr>
      <th scope="row">
        <code>{model}</code> {provider === '' ? null : <small>{provider}</small>}
      </th>
      <td>
        <button type="button" className="td-link" onClick={() => onOpen(tenantId)}>
          {tenantName}
        </button>
      </td>
      <td data-numeric="true">
        <Count value={calls} missing="unknown" />
      </td>
      <td>
        <time dateTime={formatExactly(lastAskedAt)}>{formatSince(lastAskedAt)}</time>
      </td>
      <td>
        <time dateTime={formatExactly(firstAskedAt)}>{formatSince(firstAskedAt)}</time>
      </td>
    </tr>
  );
}

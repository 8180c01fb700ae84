import { useQuery } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import type { Downgrade, SetDowngradeInput } from '../../src-main/contract/limits.ts';
import { RefusalNote } from '../ui/refusal-note.tsx';
import { SkeletonRows, UnreadPanel } from '../ui/state-panel.tsx';
import { useSubmitter } from '../ui/submission.ts';
import { DowngradeForm } from './downgrade-form.tsx';
import type { LimitPermission } from './limit-permission.ts';
import { downgradesQuery, type LimitCalls } from './limits-queries.ts';
import classes from './limits.module.css';

export interface DowngradeSheetProps {
  tenantId: string;
  clientName: string;
  calls: LimitCalls;
  newKey: () => string;
  permission: LimitPermission;
  onChanged: () => void;
}

/** Which cheaper model answers while the client is near its monthly cap; one more, one less. */
export function DowngradeSheet(props: DowngradeSheetProps): ReactNode {
  const { tenantId, clientName, calls, permission } = props;
  const query = useQuery(downgradesQuery(calls, tenantId));
  const [adding, setAdding] = useState(false);
  const reasonId = useId();
  const rules = query.data?.downgrades.filter(({ active }) => active) ?? [];
  return (
    <section className={classes['section']} aria-label={`Cheaper models of ${clientName}`}>
      <header className={classes['head']}>
        <h3>Cheaper model near the cap</h3>
        <button
          type="button"
          className="td-button"
          aria-expanded={adding}
          aria-disabled={permission.models !== null || !query.data}
          aria-describedby={permission.models === null ? undefined : reasonId}
          onClick={() => {
            if (permission.models === null && query.data) setAdding(!adding);
          }}
        >
          Add rule
        </button>
      </header>
      {permission.models === null ? null : (
        <p id={reasonId} className={classes['quiet']}>
          {permission.models}
        </p>
      )}
      {adding && query.data ? (
        <DowngradeForm
          {...props}
          rules={query.data.downgrades}
          models={query.data.models}
          onClose={() => setAdding(false)}
        />
      ) : null}
      {query.data ? (
        rules.length === 0 ? (
          <p className={classes['quiet']}>None: the model that is asked for answers until the cap is reached.</p>
        ) : (
          <ul className={classes['list']}>
            {rules.map((rule) => (
              <DowngradeLine key={`${rule.model} ${rule.version}`} {...props} rule={rule} />
            ))}
          </ul>
        )
      ) : query.isError ? (
        <UnreadPanel title="These rules can’t be read" query={query} />
      ) : (
        <SkeletonRows rows={1} label="Rules are on their way" />
      )}
    </section>
  );
}

function DowngradeLine(props: DowngradeSheetProps & { rule: Downgrade }): ReactNode {
  const { tenantId, rule, calls, newKey, permission, onChanged } = props;
  const { model, toModel, abovePercent, version } = rule;
  const { state, submit, again } = useSubmitter({
    newKey,
    send: (input: Omit<SetDowngradeInput, 'idempotencyKey'>, idempotencyKey) =>
      calls.setDowngrade({ ...input, idempotencyKey }),
    onDone: onChanged,
  });
  return (
    <li className={classes['line']}>
      <span className={classes['what']}>
        <span className={classes['name']}>
          <bdi>{model}</bdi> → <bdi>{toModel}</bdi>
        </span>
        <small>above {abovePercent} % of the monthly cap; the answer says so</small>
      </span>
      <span className={classes['choices']}>
        <button
          type="button"
          className="td-button"
          aria-disabled={permission.models !== null || state.state === 'pending'}
          title={permission.models ?? undefined}
          onClick={() => {
            if (permission.models === null) submit({ tenantId, model, rule: null, expectedVersion: version });
          }}
        >
          Remove
          <span className="td-unseen"> the rule for {model}</span>
        </button>
      </span>
      <RefusalNote submission={state} harmless="changes nothing more" onAgain={again} />
    </li>
  );
}

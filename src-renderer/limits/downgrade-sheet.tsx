import { useQuery } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import type { Downgrade, SetDowngradeInput } from '../../src-main/contract/limits.ts';
import { OpenButton } from '../ui/open-button.tsx';
import { PanelSection } from '../ui/panel-section.tsx';
import { RefusalNote } from '../ui/refusal-note.tsx';
import { useSubmitter } from '../ui/submission.ts';
import { WhenRead } from '../ui/when-read.tsx';
import panel from '../ui/panel-section.module.css';
import { DowngradeForm } from './downgrade-form.tsx';
import type { LimitSheetProps } from './limit-sheet.ts';
import { downgradesQuery } from './limits-queries.ts';
import classes from './limits.module.css';

/** Which cheaper model answers while the client is near its monthly cap; one more, one less. */
export function DowngradeSheet(props: LimitSheetProps): ReactNode {
  const { tenantId, clientName, calls, permission } = props;
  const query = useQuery(downgradesQuery(calls, tenantId));
  const [adding, setAdding] = useState(false);
  const forbidding = { forbidden: permission.models, reasonId: useId() };
  const rules = query.data?.downgrades.filter(({ active }) => active) ?? [];
  return (
    <PanelSection
      label={`Cheaper models of ${clientName}`}
      title="Cheaper model near the cap"
      {...forbidding}
      aside={
        <OpenButton opened={adding} onOpen={setAdding} ready={query.data !== undefined} {...forbidding}>
          Add rule
        </OpenButton>
      }
    >
      {adding && query.data ? (
        <DowngradeForm
          {...props}
          rules={query.data.downgrades}
          models={query.data.models}
          onClose={() => setAdding(false)}
        />
      ) : null}
      <WhenRead query={query} coming="Rules are on their way" rows={1} unread="These rules can’t be read">
        {() =>
          rules.length === 0 ? (
            <p className={panel['quiet']}>None: the model that is asked for answers until the cap is reached.</p>
          ) : (
            <ul className={panel['list']}>
              {rules.map((rule) => (
                <DowngradeLine key={`${rule.model} ${rule.version}`} {...props} rule={rule} />
              ))}
            </ul>
          )
        }
      </WhenRead>
    </PanelSection>
  );
}

function DowngradeLine(props: LimitSheetProps & { rule: Downgrade }): ReactNode {
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
      <span className={panel['what']}>
        <span className={panel['name']}>
          <bdi>{model}</bdi> → <bdi>{toModel}</bdi>
        </span>
        <small>above {abovePercent} % of the monthly cap; the answer says so</small>
      </span>
      <span className={panel['choices']}>
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

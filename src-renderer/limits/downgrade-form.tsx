import { useId, useState, type ReactNode } from 'react';
import type { Downgrade, SetDowngradeInput } from '../../src-main/contract/limits.ts';
import { ChangeForm } from '../ui/change-form.tsx';
import { useSubmitter } from '../ui/submission.ts';
import { TextField } from '../ui/text-field.tsx';
import type { LimitCalls } from './limits-queries.ts';
import { checkDowngrade } from './downgrade-words.ts';

export interface DowngradeFormProps {
  tenantId: string;
  calls: LimitCalls;
  newKey: () => string;
  /** Those there are, and those there were. */
  rules: readonly Downgrade[];
  /** That have a price. */
  models: readonly string[];
  onChanged: () => void;
  onClose: () => void;
}

/** Which model answers instead of which, and from what share of the cap on. */
export function DowngradeForm({
  tenantId,
  calls,
  newKey,
  rules,
  models,
  onChanged,
  onClose,
}: DowngradeFormProps): ReactNode {
  const [typed, setTyped] = useState({ model: '', toModel: '', abovePercent: '80' });
  const [tried, setTried] = useState(false);
  const listId = useId();
  const { state, busy, submit, again } = useSubmitter({
    newKey,
    send: (input: Omit<SetDowngradeInput, 'idempotencyKey'>, idempotencyKey) =>
      calls.setDowngrade({ ...input, idempotencyKey }),
    onDone: () => {
      onChanged();
      onClose();
    },
  });
  const checked = checkDowngrade(typed, models);
  const problems = tried ? checked.problems : {};
  const text = (name: keyof typeof typed) => ({
    problem: problems[name],
    spellCheck: false,
    readOnly: busy,
    value: typed[name],
    onText: (value: string) => setTyped({ ...typed, [name]: value }),
  });
  return (
    <ChangeForm
      submission={state}
      harmless="can’t set it twice"
      onAgain={again}
      label="Set this rule"
      pendingLabel="Setting…"
      onCancel={onClose}
      onSubmit={() => {
        setTried(true);
        if (checked.rule === null) return;
        const { model, ...rule } = checked.rule;
        const expectedVersion = rules.find((known) => known.model === model)?.version ?? 0;
        submit({ tenantId, model, rule, expectedVersion });
      }}
    >
      <datalist id={listId}>
        {models.map((model) => (
          <option key={model} value={model}>
            {model}
          </option>
        ))}
      </datalist>
      <TextField label="When a call asks for" help="A model with a price." list={listId} {...text('model')} />
      <TextField label="this one answers" help="A model of the same provider." list={listId} {...text('toModel')} />
      <TextField label="above so many percent of the monthly cap" inputMode="numeric" {...text('abovePercent')} />
    </ChangeForm>
  );
}

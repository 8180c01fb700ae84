import { useState, type ReactNode } from 'react';
import type { AddCapInput } from '../../src-main/contract/limits.ts';
import { ChangeForm } from '../ui/change-form.tsx';
import { Field } from '../ui/field.tsx';
import { parseUsd } from '../ui/parse-usd.ts';
import { useSubmitter } from '../ui/submission.ts';
import { TextField } from '../ui/text-field.tsx';
import type { LimitCalls } from './limits-queries.ts';

export interface AddCapFormProps {
  tenantId: string;
  clientName: string;
  calls: LimitCalls;
  newKey: () => string;
  workflows: readonly { workflowId: string; name: string }[];
  keys: readonly { keyId: string; name: string }[];
  hasDayCap: boolean;
  onChanged: () => void;
  onClose: () => void;
}

/** What a further cap limits, how long its period is, and how much. */
export function AddCapForm(props: AddCapFormProps): ReactNode {
  const { tenantId, clientName, calls, newKey, workflows, keys, hasDayCap, onChanged, onClose } = props;
  const [of, setOf] = useState(workflows[0] ? `workflow ${workflows[0].workflowId}` : 'tenant ');
  const [period, setPeriod] = useState<'month' | 'day'>('month');
  const [text, setText] = useState('');
  const [tried, setTried] = useState(false);
  const { state, busy, submit, again } = useSubmitter({
    newKey,
    send: (input: Omit<AddCapInput, 'idempotencyKey'>, idempotencyKey) => calls.addCap({ ...input, idempotencyKey }),
    onDone: () => {
      onChanged();
      onClose();
    },
  });
  const amount = parseUsd(text);
  const whole = of.startsWith('tenant');

  return (
    <ChangeForm
      submission={state}
      harmless="can’t add it twice"
      onAgain={again}
      label="Add this cap"
      pendingLabel="Adding…"
      onCancel={onClose}
      onSubmit={() => {
        setTried(true);
        if (!amount.ok) return;
        submit({ tenantId, of: scopeOf(of), period: whole ? 'day' : period, limitNanoUsd: amount.nanoUsd });
      }}
    >
      <Field label="Of what" help="What it spent in the running period counts.">
        {(input) => (
          <select {...input} value={of} disabled={busy} onChange={(event) => setOf(event.currentTarget.value)}>
            <optgroup label="Workflows">
              {workflows.map(({ workflowId, name }) => (
                <option key={workflowId} value={`workflow ${workflowId}`}>
                  {name}
                </option>
              ))}
            </optgroup>
            {keys.length === 0 ? null : (
              <optgroup label="Keys">
                {keys.map(({ keyId, name }) => (
                  <option key={keyId} value={`key ${keyId}`}>
                    {name}
                  </option>
                ))}
              </optgroup>
            )}
            {hasDayCap ? null : <option value="tenant ">all of {clientName}, a day</option>}
          </select>
        )}
      </Field>
      {whole ? null : (
        <Field label="Period" help="As the client’s own caps: its zone, its first day of the month.">
          {(input) => (
            <select
              {...input}
              value={period}
              disabled={busy}
              onChange={(event) => setPeriod(event.currentTarget.value === 'day' ? 'day' : 'month')}
            >
              <option value="month">a month</option>
              <option value="day">a day</option>
            </select>
          )}
        </Field>
      )}
      <TextField
        label="Cap in USD"
        problem={tried && !amount.ok ? amount.sentence : null}
        inputMode="decimal"
        readOnly={busy}
        value={text}
        onText={setText}
      />
    </ChangeForm>
  );
}

/** Of an option's value: "workflow <id>", "key <id>", "tenant ". */
function scopeOf(value: string): AddCapInput['of'] {
  const [scope, id = ''] = value.split(' ');
  if (scope === 'key') return { scope, keyId: id };
  return scope === 'workflow' ? { scope, workflowId: id } : { scope: 'tenant' };
}

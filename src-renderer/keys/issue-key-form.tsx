import { useState, type ReactNode } from 'react';
import type { IssueKeyInput } from '../../src-main/contract/keys.ts';
import { nameProblem } from '../../src-main/contract/names.ts';
import { ChangeForm } from '../ui/change-form.tsx';
import { Field } from '../ui/field.tsx';
import { useSubmitter } from '../ui/submission.ts';
import { TextField } from '../ui/text-field.tsx';
import type { KeyCalls } from './keys-queries.ts';

export interface IssueKeyFormProps {
  tenantId: string;
  calls: KeyCalls;
  newKey: () => string;
  workflows: readonly { workflowId: string; name: string }[];
  onSecret: (shown: { keyName: string; secret: string; note: string }) => void;
  onChanged: () => void;
  onClose: () => void;
}

/** Name and default workflow of a further key. */
export function IssueKeyForm(props: IssueKeyFormProps): ReactNode {
  const { tenantId, calls, newKey, workflows, onSecret, onChanged, onClose } = props;
  const [name, setName] = useState('');
  const [workflowId, setWorkflowId] = useState(workflows[0]?.workflowId ?? '');
  const [tried, setTried] = useState(false);
  const { state, busy, submit, again, reset } = useSubmitter({
    newKey,
    send: (input: Omit<IssueKeyInput, 'idempotencyKey'>, idempotencyKey) => calls.issue({ ...input, idempotencyKey }),
    onDone: ({ secret }) => {
      onSecret({ keyName: name.trim(), secret, note: 'Calls with it are accepted from now on.' });
      reset();
      onChanged();
      onClose();
    },
  });
  const problem = nameProblem('A key’s name', name.trim());

  return (
    <ChangeForm
      submission={state}
      harmless="can’t make it twice"
      onAgain={again}
      label="Issue key"
      pendingLabel="Issuing…"
      onCancel={onClose}
      onSubmit={() => {
        setTried(true);
        if (problem !== null) return;
        submit({ tenantId, name: name.trim(), workflowId: workflowId === '' ? null : workflowId });
      }}
    >
      <TextField
        label="Name"
        help="What uses it, such as “website bot”."
        problem={tried ? problem : null}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the operator has just opened this form
        autoFocus
        dir="auto"
        readOnly={busy}
        value={name}
        onText={setName}
      />
      <Field label="Workflow of calls that name none">
        {(input) => (
          <select
            {...input}
            value={workflowId}
            disabled={busy}
            onChange={(event) => setWorkflowId(event.currentTarget.value)}
          >
            {workflows.map((workflow) => (
              <option key={workflow.workflowId} value={workflow.workflowId}>
                {workflow.name}
              </option>
            ))}
            <option value="">none</option>
          </select>
        )}
      </Field>
    </ChangeForm>
  );
}

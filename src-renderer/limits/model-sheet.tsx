import { useQuery } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import type { SetModelsInput } from '../../src-main/contract/limits.ts';
import { Field } from '../ui/field.tsx';
import { FormEnd } from '../ui/form-end.tsx';
import { SkeletonRows, UnreadPanel } from '../ui/state-panel.tsx';
import { useSubmitter } from '../ui/submission.ts';
import type { LimitPermission } from './limit-permission.ts';
import { modelsQuery, type ClientModels, type LimitCalls } from './limits-queries.ts';
import { parseModels } from './model-words.ts';
import classes from './limits.module.css';

export interface ModelSheetProps {
  tenantId: string;
  clientName: string;
  calls: LimitCalls;
  newKey: () => string;
  permission: LimitPermission;
  onChanged: () => void;
}

/** Which models the client may ask for, and the way to set it. */
export function ModelSheet(props: ModelSheetProps): ReactNode {
  const { tenantId, clientName, calls, permission } = props;
  const query = useQuery(modelsQuery(calls, tenantId));
  const [open, setOpen] = useState(false);
  const reasonId = useId();
  return (
    <section className={classes['section']} aria-label={`Models of ${clientName}`}>
      <header className={classes['head']}>
        <h3>Models</h3>
        <button
          type="button"
          className="td-button"
          aria-expanded={open}
          aria-disabled={permission.models !== null || !query.data}
          aria-describedby={permission.models === null ? undefined : reasonId}
          onClick={() => {
            if (permission.models === null && query.data) setOpen(!open);
          }}
        >
          Set…
          <span className="td-unseen"> models of {clientName}</span>
        </button>
      </header>
      {permission.models === null ? null : (
        <p id={reasonId} className={classes['quiet']}>
          {permission.models}
        </p>
      )}
      {query.data ? (
        <p className={classes['quiet']}>
          {query.data.models === null ? 'Every model that has a price.' : <bdi>{query.data.models.join(', ')}</bdi>}
        </p>
      ) : query.isError ? (
        <UnreadPanel title="The models can’t be read" query={query} />
      ) : (
        <SkeletonRows rows={1} label="Models are on their way" />
      )}
      {open && query.data ? (
        <ModelForm key={query.data.version} {...props} now={query.data} onClose={() => setOpen(false)} />
      ) : null}
    </section>
  );
}

function ModelForm(props: ModelSheetProps & { now: ClientModels; onClose: () => void }): ReactNode {
  const { tenantId, calls, newKey, onChanged, onClose, now } = props;
  const [text, setText] = useState(now.models?.join('\n') ?? '');
  const [tried, setTried] = useState(false);
  const { state, submit, again } = useSubmitter({
    newKey,
    send: (input: Omit<SetModelsInput, 'idempotencyKey'>, idempotencyKey) =>
      calls.setModels({ ...input, idempotencyKey }),
    onDone: () => {
      onChanged();
      onClose();
    },
  });
  const parsed = parseModels(text);
  const busy = state.state === 'pending' || state.state === 'unanswered';
  return (
    <form
      className={classes['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (parsed.ok) submit({ tenantId, models: parsed.models, expectedVersion: now.version });
      }}
    >
      <Field
        label="Models that it may ask for"
        help="One a line; gpt-4o* stands for all that begin so. Nothing: every model that has a price."
        problem={tried && !parsed.ok ? parsed.sentence : null}
      >
        {(input) => (
          <textarea
            {...input}
            rows={4}
            spellCheck={false}
            readOnly={busy}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Field>
      <FormEnd
        submission={state}
        harmless="can’t set them twice"
        onAgain={again}
        label="Set models"
        pendingLabel="Setting…"
        onCancel={onClose}
      />
    </form>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import type { SetModelsInput } from '../../src-main/contract/limits.ts';
import { ChangeForm } from '../ui/change-form.tsx';
import { Field } from '../ui/field.tsx';
import { OpenButton } from '../ui/open-button.tsx';
import { PanelSection } from '../ui/panel-section.tsx';
import { useSubmitter } from '../ui/submission.ts';
import { WhenRead } from '../ui/when-read.tsx';
import panel from '../ui/panel-section.module.css';
import type { LimitSheetProps } from './limit-sheet.ts';
import { modelsQuery, type ClientModels } from './limits-queries.ts';
import { parseModels } from './model-words.ts';

/** Which models the client may ask for, and the way to set it. */
export function ModelSheet(props: LimitSheetProps): ReactNode {
  const { tenantId, clientName, calls, permission } = props;
  const query = useQuery(modelsQuery(calls, tenantId));
  const [open, setOpen] = useState(false);
  const forbidding = { forbidden: permission.models, reasonId: useId() };
  return (
    <PanelSection
      label={`Models of ${clientName}`}
      title="Models"
      {...forbidding}
      aside={
        <OpenButton opened={open} onOpen={setOpen} ready={query.data !== undefined} {...forbidding}>
          Set…
          <span className="td-unseen"> models of {clientName}</span>
        </OpenButton>
      }
    >
      <WhenRead query={query} coming="Models are on their way" rows={1} unread="The models can’t be read">
        {({ models }) => (
          <p className={panel['quiet']}>
            {models === null ? 'Every model that has a price.' : <bdi>{models.join(', ')}</bdi>}
          </p>
        )}
      </WhenRead>
      {open && query.data ? <ModelForm {...props} now={query.data} onClose={() => setOpen(false)} /> : null}
    </PanelSection>
  );
}

function ModelForm(props: LimitSheetProps & { now: ClientModels; onClose: () => void }): ReactNode {
  const { tenantId, calls, newKey, onChanged, onClose, now } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? now.models?.join('\n') ?? '';
  const [tried, setTried] = useState(false);
  const { state, busy, submit, again } = useSubmitter({
    newKey,
    send: (input: Omit<SetModelsInput, 'idempotencyKey'>, idempotencyKey) =>
      calls.setModels({ ...input, idempotencyKey }),
    onDone: () => {
      onChanged();
      onClose();
    },
  });
  const parsed = parseModels(text);
  return (
    <ChangeForm
      submission={state}
      version={now.version}
      harmless="can’t set them twice"
      onAgain={again}
      label="Set models"
      pendingLabel="Setting…"
      onSubmit={() => {
        setTried(true);
        if (parsed.ok) submit({ tenantId, models: parsed.models, expectedVersion: now.version });
      }}
      onCancel={onClose}
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
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
      </Field>
    </ChangeForm>
  );
}

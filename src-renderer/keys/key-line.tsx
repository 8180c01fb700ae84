import { useState, type ReactNode } from 'react';
import type { RevokeKeyInput, RotateKeyInput, TenantKey } from '../../src-main/contract/keys.ts';
import { ChangeForm, ChangeQuestion } from '../ui/change-form.tsx';
import { Field } from '../ui/field.tsx';
import { formatExactly, formatSince } from '../ui/format-instant.ts';
import { OpenButton, type Forbidding } from '../ui/open-button.tsx';
import { StateMark } from '../ui/state-mark.tsx';
import { useSubmitter } from '../ui/submission.ts';
import panel from '../ui/panel-section.module.css';
import { keyWords, OVERLAPS, shownSecret, USUAL_OVERLAP_SECONDS } from './key-words.ts';
import type { KeyCalls } from './keys-queries.ts';
import classes from './keys-section.module.css';

export interface KeyLineProps extends Forbidding {
  tenantId: string;
  tenantKey: TenantKey;
  calls: KeyCalls;
  newKey: () => string;
  onSecret: (shown: { keyName: string; secret: string; note: string }) => void;
  onChanged: () => void;
}

/** One key: what is known of it, and the ways to change or end it, each asked for once more. */
export function KeyLine(props: KeyLineProps): ReactNode {
  const { tenantKey: key, forbidden, reasonId } = props;
  const [asked, setAsked] = useState<'rotate' | 'revoke' | null>(null);
  const words = keyWords(key);
  const close = (): void => setAsked(null);

  function action(kind: 'rotate' | 'revoke', label: string): ReactNode {
    return (
      <OpenButton
        opened={asked === kind}
        onOpen={(wanted) => setAsked(wanted ? kind : null)}
        forbidden={forbidden}
        reasonId={reasonId}
      >
        {label}
        <span className="td-unseen"> {key.name}</span>
      </OpenButton>
    );
  }

  return (
    <li className={classes['key']} data-revoked={key.revoked !== null}>
      <span className={panel['what']}>
        <bdi className={panel['name']}>{key.name}</bdi>
        <code>{shownSecret(key)}</code>
        <small className={classes['state']}>
          <StateMark shape={words.shape} tone={words.tone} />
          {words.text}
        </small>
        <small title={formatExactly(key.createdAt)}>
          made {formatSince(key.createdAt)}
          {key.createdBy === null ? ' with the platform' : ` by ${key.createdBy}`}
          {key.workflowName === null ? '' : ` · ${key.workflowName}`}
        </small>
        {key.previous === null ? null : (
          <small className={classes['state']}>
            <StateMark shape="triangle" tone="warn" />
            <span>
              old secret …{key.previous.last4} works until{' '}
              <time dateTime={formatExactly(key.previous.until)}>{formatSince(key.previous.until)}</time>
            </span>
          </small>
        )}
      </span>
      {key.revoked === null ? (
        <span className={panel['choices']}>
          {action('rotate', 'Rotate…')}
          {action('revoke', 'Revoke…')}
        </span>
      ) : null}
      {asked === 'rotate' ? <RotateForm {...props} onClose={close} /> : null}
      {asked === 'revoke' ? <RevokeForm {...props} onClose={close} /> : null}
    </li>
  );
}

type FormProps = KeyLineProps & { onClose: () => void };

function RotateForm({ tenantId, tenantKey, calls, newKey, onSecret, onChanged, onClose }: FormProps): ReactNode {
  const [overlapSeconds, setOverlap] = useState(USUAL_OVERLAP_SECONDS);
  const { state, submit, again, reset } = useSubmitter({
    newKey,
    send: (input: Omit<RotateKeyInput, 'idempotencyKey'>, idempotencyKey) => calls.rotate({ ...input, idempotencyKey }),
    onDone: ({ secret, previousUntil }) => {
      const until = overlapSeconds === 0 ? 'has ended' : `works until ${formatSince(previousUntil)}`;
      onSecret({ keyName: tenantKey.name, secret, note: `The old secret …${tenantKey.last4} ${until}.` });
      reset();
      onChanged();
      onClose();
    },
  });
  const { keyId, version: expectedVersion } = tenantKey;
  return (
    <ChangeForm
      submission={state}
      harmless="can’t rotate it twice"
      onAgain={again}
      label="Make a new secret"
      cancelLabel="Keep it"
      onCancel={onClose}
      onSubmit={() => submit({ tenantId, keyId, overlapSeconds, expectedVersion })}
    >
      <Field label="The old secret stays accepted" help="Id, name and counters of the key stay.">
        {(input) => (
          <select {...input} value={overlapSeconds} onChange={(event) => setOverlap(Number(event.currentTarget.value))}>
            {OVERLAPS.map(({ seconds, label }) => (
              <option key={seconds} value={seconds}>
                {label}
              </option>
            ))}
          </select>
        )}
      </Field>
    </ChangeForm>
  );
}

function RevokeForm({ tenantId, tenantKey, calls, newKey, onChanged, onClose }: FormProps): ReactNode {
  const { state, submit, again } = useSubmitter({
    newKey,
    send: (input: Omit<RevokeKeyInput, 'idempotencyKey'>, idempotencyKey) => calls.revoke({ ...input, idempotencyKey }),
    onDone: () => {
      onChanged();
      onClose();
    },
  });
  const { keyId, version: expectedVersion, name } = tenantKey;
  return (
    <ChangeQuestion
      submission={state}
      harmless="changes nothing more"
      onAgain={again}
      label={
        <span>
          Revoke <bdi>{name}</bdi>
        </span>
      }
      onYes={() => submit({ tenantId, keyId, expectedVersion })}
      onNo={onClose}
    >
      Calls with <bdi>{name}</bdi> are refused with 401 from now on, by every gateway. This can’t be undone.
    </ChangeQuestion>
  );
}

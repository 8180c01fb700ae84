import { useId, useState, type ReactNode } from 'react';
import type { BoardRow } from '../../src-main/contract/board.ts';
import type { SetTenantStatusInput, TenantStatus } from '../../src-main/contract/tenants.ts';
import { ChangeForm } from '../ui/change-form.tsx';
import { useLiveValue, type SettableLiveValue } from '../ui/live-value.ts';
import { useSubmitter } from '../ui/submission.ts';
import { TextField } from '../ui/text-field.tsx';
import type { ClientPermission } from './client-permission.ts';
import classes from './client-status.module.css';

export interface ClientStatusProps {
  row: Pick<BoardRow, 'tenantId' | 'name' | 'status'>;
  /** Of the tenant, as the database had it last; null: not known yet. */
  version: number | null;
  permission: ClientPermission;
  /** The client whose status is asked about; shared with the palette. */
  asked: SettableLiveValue<string | null>;
  setStatus: (input: SetTenantStatusInput) => Promise<TenantStatus>;
  newKey: () => string;
  onChanged: () => void;
}

/** Suspends a client or resumes it, after one question. */
export function ClientStatus(props: ClientStatusProps): ReactNode {
  const { row, permission, asked } = props;
  const opened = useLiveValue(asked) === row.tenantId;
  const reasonId = useId();
  if (row.status === 'archived') return null;
  const forbidden = row.status === 'active' ? permission.suspend : permission.resume;
  return (
    <div className={classes['status']}>
      <button
        type="button"
        className="td-button"
        aria-expanded={opened}
        aria-disabled={forbidden !== null}
        aria-describedby={forbidden === null ? undefined : reasonId}
        title={forbidden ?? undefined}
        onClick={() => {
          if (forbidden === null) asked.set(opened ? null : row.tenantId);
        }}
      >
        {row.status === 'active' ? 'Suspend…' : 'Resume…'}
      </button>
      {forbidden === null ? null : (
        <span id={reasonId} className="td-unseen">
          {forbidden}
        </span>
      )}
      {opened && forbidden === null ? (
        <StatusQuestion key={row.status} {...props} onClose={() => asked.set(null)} />
      ) : null}
    </div>
  );
}

function StatusQuestion(props: ClientStatusProps & { onClose: () => void }): ReactNode {
  const { row, version, setStatus, newKey, onChanged, onClose } = props;
  const [reason, setReason] = useState('');
  const suspends = row.status === 'active';
  const { state, busy, submit, again } = useSubmitter({
    newKey,
    send: (input: Omit<SetTenantStatusInput, 'idempotencyKey'>, idempotencyKey) =>
      setStatus({ ...input, idempotencyKey }),
    onDone: () => {
      onChanged();
      onClose();
    },
  });
  return (
    <ChangeForm
      name={suspends ? `Suspend ${row.name}` : `Resume ${row.name}`}
      submission={state}
      harmless="changes nothing more"
      onAgain={again}
      label={
        <span>
          {suspends ? 'Suspend' : 'Resume'} <bdi>{row.name}</bdi>
        </span>
      }
      unready={version === null}
      cancelLabel={suspends ? 'Keep it running' : 'Keep it suspended'}
      onCancel={onClose}
      onSubmit={() => {
        if (version === null) return;
        const status = suspends ? 'suspended' : 'active';
        submit({ tenantId: row.tenantId, status, expectedVersion: version, reason });
      }}
    >
      <p>
        {suspends
          ? 'Every new call is refused with 403 from now on; calls under way end. Keys, caps and figures stay.'
          : 'Its calls are accepted again from now on, within its caps.'}
      </p>
      <TextField
        label="Reason, for the audit log"
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the operator has just asked for this question
        autoFocus
        dir="auto"
        maxLength={500}
        readOnly={busy || version === null}
        value={reason}
        onText={setReason}
      />
    </ChangeForm>
  );
}

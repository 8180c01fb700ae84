import { useEffect, type ReactNode } from 'react';
import type { Quota, SetQuotaInput } from '../../src-main/contract/limits.ts';
import { RefusalNote } from '../ui/refusal-note.tsx';
import { useSubmitter } from '../ui/submission.ts';
import type { LimitCalls } from './limits-queries.ts';
import { QUOTA_NAMES } from './quota-words.ts';

/** A quota that was just set, and the way back. */
export interface QuotaChange {
  quota: Quota['quota'];
  /** That it has since. */
  version: number;
  back: SetQuotaInput['setting'];
}

export interface UndoQuotaProps {
  tenantId: string;
  clientName: string;
  calls: LimitCalls;
  newKey: () => string;
  change: QuotaChange;
  onChanged: () => void;
  /** It is taken back, or it is too late for that. */
  onUndone: () => void;
}

const UNDO_MS = 30_000;

/** Sets a quota back to what it was before the change just made; for 30 seconds. */
export function UndoQuota({
  tenantId,
  clientName,
  calls,
  newKey,
  change,
  onChanged,
  onUndone,
}: UndoQuotaProps): ReactNode {
  const { quota, version, back } = change;
  const { state, submit, again } = useSubmitter({
    newKey,
    send: (input: Omit<SetQuotaInput, 'idempotencyKey'>, idempotencyKey) =>
      calls.setQuota({ ...input, idempotencyKey }),
    onDone: () => {
      onUndone();
      onChanged();
    },
  });
  useEffect(() => {
    const timer = setTimeout(onUndone, UNDO_MS);
    return () => clearTimeout(timer);
  }, [onUndone]);
  return (
    <>
      <button
        type="button"
        className="td-link"
        aria-disabled={state.state === 'pending'}
        onClick={() => submit({ tenantId, quota, setting: back, expectedVersion: version })}
      >
        Undo
        <span className="td-unseen">
          {' '}
          the change of {QUOTA_NAMES[quota]} of {clientName}
        </span>
      </button>
      <RefusalNote submission={state} harmless="undoes it once" onAgain={again} />
    </>
  );
}

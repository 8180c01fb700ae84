import { useId, useState, type ReactNode } from 'react';
import type { AskIncreaseInput } from '../../src-main/contract/requests.ts';
import { ChangeForm } from '../ui/change-form.tsx';
import { formatUsd } from '../ui/format-usd.ts';
import { parseUsd } from '../ui/parse-usd.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { useSubmitter } from '../ui/submission.ts';
import { TextField } from '../ui/text-field.tsx';
import classes from './ask-increase.module.css';

export interface AskIncreaseProps {
  tenantId: string;
  capId: string;
  /** "the cap of Clinic B". */
  capName: string;
  ask: (input: AskIncreaseInput) => Promise<{ requestId: string }>;
  newKey: () => string;
  /** Why nothing can be asked for now; null: something can. */
  off: string | null;
  inboxLink: ReactNode;
}

/** Asks for more in the running period of a cap: somebody else decides. */
export function AskIncrease({ tenantId, capId, capName, ask, newKey, off, inboxLink }: AskIncreaseProps): ReactNode {
  const [opened, setOpened] = useState(false);
  const [amountText, setAmountText] = useState('');
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const offId = useId();
  const { state, busy, submit, again, reset } = useSubmitter({
    newKey,
    send: async (input: Omit<AskIncreaseInput, 'idempotencyKey'>, idempotencyKey) => {
      await ask({ ...input, idempotencyKey });
      return input.amountNanoUsd;
    },
    onDone: () => {
      setOpened(false);
      setAmountText('');
      setReason('');
      setTried(false);
    },
  });
  const amount = parseUsd(amountText);
  const nothing = amount.ok && amount.nanoUsd === 0n ? 'Ask for more than $0.00.' : null;
  const unexplained = reason.trim() === '' ? 'Whoever decides reads why: give a reason.' : null;

  return (
    <div className={classes['ask']}>
      <button
        type="button"
        className="td-link"
        aria-expanded={opened}
        aria-disabled={off !== null}
        aria-describedby={off === null ? undefined : offId}
        onClick={() => {
          if (off !== null) return;
          reset();
          setOpened(!opened);
        }}
      >
        Ask for an increase<span className="td-unseen"> of {capName}</span>
      </button>
      {off === null ? null : (
        <span id={offId} className="td-unseen">
          {off}
        </span>
      )}
      {state.state === 'done' ? (
        <output className={classes['done']}>
          <StateMark shape="dashed" tone="warn" />
          <span>
            {formatUsd(state.result)} more is asked for; it waits in the {inboxLink}.
          </span>
        </output>
      ) : null}
      {opened ? (
        <ChangeForm
          name={`Ask for an increase of ${capName}`}
          submission={state}
          harmless="can’t ask for it twice"
          onAgain={again}
          label="Ask"
          pendingLabel="Asking…"
          onCancel={() => setOpened(false)}
          onSubmit={() => {
            setTried(true);
            if (!amount.ok || nothing !== null || unexplained !== null || off !== null) return;
            submit({ tenantId, capId, amountNanoUsd: amount.nanoUsd, reason: reason.trim() });
          }}
        >
          <TextField
            label="How much more, in USD"
            help="For the running period. Somebody else approves it, another amount, or declines."
            problem={tried ? (amount.ok ? nothing : amount.sentence) : null}
            inputMode="decimal"
            readOnly={busy}
            value={amountText}
            onText={setAmountText}
          />
          <TextField
            label="Why"
            problem={tried ? unexplained : null}
            maxLength={500}
            readOnly={busy}
            value={reason}
            onText={setReason}
          />
        </ChangeForm>
      ) : null}
    </div>
  );
}

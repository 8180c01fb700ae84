import { Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import type { ContractTerms, TenantContract } from '../../src-main/contract/margins.ts';
import { formatMonth } from '../ui/format-instant.ts';
import { contractEntry, readContract, type ContractEntry, type ContractField } from './contract-entry.ts';
import { LineField } from './line-field.tsx';
import classes from './contract-dialog.module.css';

/** Sends a contract once: the same key again has no second effect. */
export type SendContract = (change: {
  tenantId: string;
  terms: ContractTerms;
  /** Of the contract that begins with that month, as it was seen; 0: none did. */
  expectedVersion: number;
  reason: string | undefined;
}) => Promise<unknown>;

export interface ContractDialogProps {
  tenantId: string;
  clientName: string;
  /** The latest first. */
  contracts: readonly TenantContract[];
  runningMonth: string;
  send: SendContract;
  onDone: () => void;
  onClose: () => void;
}

/** Enters a contract or changes one's terms; the month it begins with says which. */
export function ContractDialog(props: ContractDialogProps): ReactNode {
  const { tenantId, clientName, contracts, runningMonth, send, onDone, onClose } = props;
  const current = contracts.find(({ validFrom }) => validFrom <= runningMonth) ?? contracts[0];
  const [entry, setEntry] = useState(() => contractEntry(current, runningMonth, 'INR'));
  const [tried, setTried] = useState(false);
  const helpId = useId();
  const saving = useMutation({ mutationFn: send, onSuccess: onDone });
  const read = readContract(entry);
  const known = contracts.find(({ validFrom }) => validFrom === entry.validFrom);
  const wrong = tried && !read.ok ? read : null;

  function set(change: Partial<ContractEntry>): void {
    setEntry((before) => ({ ...before, ...change }));
    saving.reset();
  }

  function submit(): void {
    setTried(true);
    if (!read.ok || saving.isPending) return;
    const reason = entry.reason.trim() === '' ? undefined : entry.reason;
    saving.mutate({ tenantId, terms: read.terms, expectedVersion: known?.version ?? 0, reason });
  }

  const field = (name: ContractField, label: string, type: 'text' | 'month' = 'text', hint?: string): ReactNode => (
    <LineField
      label={label}
      hint={hint}
      type={type}
      inputMode={type === 'text' && name !== 'currency' ? 'decimal' : undefined}
      maxLength={40}
      value={entry[name]}
      aria-invalid={wrong?.field === name}
      aria-describedby={wrong?.field === name ? helpId : undefined}
      onText={(text) => set({ [name]: text })}
    />
  );

  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      size={520}
      attributes={{ content: { 'aria-label': `Contract of ${clientName}` } }}
    >
      <form
        className={classes['form']}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <h2>Contract of {clientName}</h2>
        <p>
          {known === undefined
            ? `A new contract from ${formatMonth(entry.validFrom)} on. Earlier months keep theirs.`
            : `Changes the contract that begins with ${formatMonth(known.validFrom)}, for all its months.`}
        </p>
        <div className={classes['fields']}>
          {field('validFrom', 'First month', 'month')}
          {field('validUntil', 'Last month', 'month', 'empty: until replaced')}
          {field('currency', 'Currency', 'text', 'as INR')}
          {field('retainer', 'Retainer a month')}
          {field('otherCost', 'Other direct cost a month')}
          {field('target', 'Target margin', 'text', 'percent')}
        </div>
        <label className={classes['check']}>
          <input
            type="checkbox"
            checked={entry.overage}
            onChange={(event) => set({ overage: event.currentTarget.checked })}
          />
          The client pays for AI cost above an included amount
        </label>
        {entry.overage ? (
          <div className={classes['fields']}>
            {field('included', 'Included AI cost a month', 'text', 'USD')}
            {field('markup', 'Markup on what is above', 'text', 'percent')}
          </div>
        ) : null}
        <LineField
          label="Reason"
          hint="for the audit log"
          maxLength={500}
          value={entry.reason}
          onText={(reason) => set({ reason })}
        />
        <p id={helpId} role="alert" className={classes['wrong']}>
          {wrong?.sentence ?? saving.error?.message ?? ''}
        </p>
        <div className={classes['ends']}>
          <button type="button" className="td-button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="td-button" data-weight="strong" aria-disabled={saving.isPending}>
            {saving.isPending ? 'Saving…' : 'Save the contract'}
          </button>
        </div>
      </form>
    </Modal>
  );
}

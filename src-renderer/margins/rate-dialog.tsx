import { Modal } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { SkeletonRows } from '../ui/state-panel.tsx';
import { ratesQuery, type FetchRates } from './margins-queries.ts';
import { LineField } from './line-field.tsx';
import classes from './contract-dialog.module.css';

/** Enters today's rate once. */
export type SendRate = (change: {
  currency: string;
  usdPerUnit: string;
  source: string;
  expectedVersion: number;
}) => Promise<unknown>;

export interface RateDialogProps {
  fetchRates: FetchRates;
  send: SendRate;
  /** Why rates can't be changed; null: they can. */
  forbidden: string | null;
  onClose: () => void;
}

/** The newest rate of each currency, and the entry of today's. Rates of months that are over never change. */
export function RateDialog({ fetchRates, send, forbidden, onClose }: RateDialogProps): ReactNode {
  const rates = useQuery(ratesQuery(fetchRates));
  const [currency, setCurrency] = useState('');
  const [rate, setRate] = useState('');
  const [source, setSource] = useState('');
  const [wrong, setWrong] = useState('');
  const helpId = useId();
  const saving = useMutation({
    mutationFn: send,
    onSuccess: () => {
      setRate('');
      void rates.refetch();
    },
  });

  function submit(): void {
    const code = currency.trim().toUpperCase();
    const usdPerUnit = rate.trim();
    const known = rates.data?.rates.find((each) => each.currency === code && each.date === rates.data.today);
    const fault = faultOf(code, usdPerUnit, source);
    setWrong(fault);
    if (fault === '' && !saving.isPending && rates.data) {
      saving.mutate({ currency: code, usdPerUnit, source: source.trim(), expectedVersion: known?.version ?? 0 });
    }
  }

  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      size={520}
      attributes={{ content: { 'aria-label': 'Exchange rates' } }}
    >
      <form
        className={classes['form']}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <h2>Exchange rates</h2>
        <p>A month is converted with its last rate, and keeps it.</p>
        {rates.data ? (
          <table className={classes['rates']} aria-label="Newest rates">
            <thead>
              <tr>
                <th scope="col">Currency</th>
                <th scope="col">USD for one</th>
                <th scope="col">Date</th>
                <th scope="col">Source</th>
              </tr>
            </thead>
            <tbody>
              {rates.data.rates.map((each) => (
                <tr key={each.currency}>
                  <th scope="row">{each.currency}</th>
                  <td>{each.usdPerUnit}</td>
                  <td>{each.date}</td>
                  <td>{each.source}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : rates.isError ? (
          <p role="alert">{rates.error.message}</p>
        ) : (
          <SkeletonRows rows={3} label="Rates are on their way" />
        )}
        {forbidden === null ? (
          <>
            <div className={classes['fields']}>
              <LineField label="Currency" hint="as INR" value={currency} onText={setCurrency} />
              <LineField label="USD for one unit, today" hint="as 0.0118" value={rate} onText={setRate} />
            </div>
            <LineField label="Source" hint="where the rate is from" value={source} onText={setSource} />
            <p id={helpId} role="alert" className={classes['wrong']}>
              {wrong === '' ? (saving.error?.message ?? '') : wrong}
            </p>
          </>
        ) : (
          <p>{forbidden}</p>
        )}
        <div className={classes['ends']}>
          <button type="button" className="td-button" onClick={onClose}>
            Close
          </button>
          {forbidden === null ? (
            <button type="submit" className="td-button" data-weight="strong" aria-disabled={saving.isPending}>
              {saving.isPending ? 'Saving…' : 'Enter today’s rate'}
            </button>
          ) : null}
        </div>
      </form>
    </Modal>
  );
}

function faultOf(currency: string, rate: string, source: string): string {
  if (!/^[A-Z]{3}$/.test(currency)) return 'A currency is three letters, like INR.';
  if (currency === 'USD') return 'One USD is one USD: it needs no rate.';
  if (!/^(?=.*[1-9])\d{1,7}(\.\d{1,12})?$/.test(rate)) {
    return 'A rate is a number above 0, like 0.0118, with at most 12 digits after the point.';
  }
  return source.trim() === '' ? 'Say where the rate is from.' : '';
}

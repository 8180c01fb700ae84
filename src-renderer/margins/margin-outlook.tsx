import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { formatMinor } from '../ui/format-money.ts';
import { Margin } from './margin-figure.tsx';
import { outlookQuery, type FetchOutlook } from './margins-queries.ts';
import classes from './margin-outlook.module.css';

export interface MarginOutlookProps {
  fetchOutlook: FetchOutlook;
  tenantId: string;
  /** By how much its monthly cap would be raised. */
  extraNanoUsd: bigint;
  /** Why this operator sees no margins; null: they do. */
  forbidden: string | null;
}

const NO_RATE = 'No exchange rate is known, or there is no revenue';
const NO_CAP = 'There is no hard monthly cap to use up';

/** A client's margin of the running month: to date, forecast, and with a raised cap used up. */
export function MarginOutlook({ fetchOutlook, tenantId, extraNanoUsd, forbidden }: MarginOutlookProps): ReactNode {
  const query = useQuery({ ...outlookQuery(fetchOutlook, tenantId, extraNanoUsd), enabled: forbidden === null });
  if (forbidden !== null) return <p className={classes['note']}>{forbidden}</p>;
  if (query.isError) return <p className={classes['note']}>The margin can’t be read: {query.error.message}</p>;
  if (query.data === undefined) return <p className={classes['note']}>The margin is on its way…</p>;
  const { outlook } = query.data;
  if (outlook === null) return <p className={classes['note']}>There is no contract, so its margin is not known.</p>;
  const { revenueMinor, currency, minorDigits, rate, targetBp } = outlook;
  const low = outlook.afterBp !== null && outlook.afterBp < targetBp;
  return (
    <div>
      <dl className={classes['outlook']}>
        <div>
          <dt>Margin to date</dt>
          <dd>
            <Margin bp={outlook.toDateBp} missing={NO_RATE} />
          </dd>
        </div>
        <div>
          <dt>Forecast, whole month</dt>
          <dd>
            <Margin bp={outlook.forecastBp} missing={NO_RATE} />
          </dd>
        </div>
        <div>
          <dt>After, cap used up</dt>
          <dd data-low={low}>
            <Margin bp={outlook.afterBp} missing={outlook.forecastBp === null ? NO_RATE : NO_CAP} />
            {low ? <small> below its target</small> : null}
          </dd>
        </div>
      </dl>
      <p className={classes['note']}>
        {revenueMinor === null ? '' : `Of ${formatMinor(revenueMinor, currency, minorDigits)} this month`}
        {rate === null || currency === 'USD' ? '' : `, at ${rate.usdPerUnit} USD for one ${currency} (${rate.date})`}
      </p>
    </div>
  );
}

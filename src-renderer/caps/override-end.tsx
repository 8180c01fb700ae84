import type { ReactNode } from 'react';
import type { OverrideEnd } from '../../src-main/contract/caps.ts';
import { formatInZone } from '../ui/format-instant.ts';
import { capNoun } from './cap-standing.ts';
import type { CapTarget } from './cap-target.ts';
import classes from './cap-form.module.css';

export interface OverrideEndFieldProps {
  target: CapTarget;
  end: OverrideEnd;
  disabled: boolean;
  onEnd: (end: OverrideEnd) => void;
}

/** When a temporary raise ends: with the period, at a day and hour in the client's own zone, or when it is removed. */
export function OverrideEndField({ target, end, disabled, onEnd }: OverrideEndFieldProps): ReactNode {
  const { clientName, timeZone, period, periodEnd } = target;
  const ofWhat = period === 'day' ? `${capNoun(period)} of ${clientName}` : clientName;
  return (
    <div className={classes['end']}>
      <select
        aria-label={`When the temporary raise of ${ofWhat} ends`}
        disabled={disabled}
        value={end.until}
        onChange={(event) => onEnd(endOf(event.currentTarget.value))}
      >
        <option value="period_end">
          until the {period === 'day' ? 'day' : 'period'} ends, {formatInZone(periodEnd, timeZone)}
        </option>
        <option value="date">until a day and hour</option>
        <option value="removed">until it is removed</option>
      </select>
      {end.until === 'date' ? (
        <label>
          <input
            type="datetime-local"
            step={3600}
            disabled={disabled}
            aria-label={`Day and hour in ${timeZone}`}
            value={end.localDateTime}
            onChange={(event) => onEnd({ until: 'date', localDateTime: event.currentTarget.value.slice(0, 16) })}
          />
          <span>{timeZone}</span>
        </label>
      ) : null}
    </div>
  );
}

function endOf(until: string): OverrideEnd {
  if (until === 'date') return { until: 'date', localDateTime: '' };
  return { until: until === 'removed' ? 'removed' : 'period_end' };
}

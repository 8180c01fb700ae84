import type { ReactNode } from 'react';
import { IDLE_MINUTES, type IdleMinutes } from '../../src-main/contract/vault.ts';
import { useAsking } from '../ui/asking.ts';
import { Field } from '../ui/field.tsx';
import { Refusal } from '../ui/refusal.tsx';

export interface IdleChoiceProps {
  minutes: IdleMinutes;
  setIdle: (input: { minutes: IdleMinutes }) => Promise<object>;
}

/** How soon the console locks itself. */
export function IdleChoice({ minutes, setIdle }: IdleChoiceProps): ReactNode {
  const { busy, refusal, ask } = useAsking();
  return (
    <>
      <Field
        label="Lock when nobody was at the window for"
        help="Also when the computer slept, and eight hours after it was unlocked."
      >
        {(input) => (
          <select
            {...input}
            value={minutes}
            disabled={busy}
            onChange={({ currentTarget: { value } }) => {
              const chosen = IDLE_MINUTES.find((one) => String(one) === value);
              if (chosen !== undefined) ask(() => setIdle({ minutes: chosen }));
            }}
          >
            {IDLE_MINUTES.map((one) => (
              <option key={one} value={one}>
                {one < 60 ? `${one} minutes` : one === 60 ? '1 hour' : `${one / 60} hours`}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Refusal sentence={refusal} />
    </>
  );
}
